"""Programs around the recorded cluster must not answer in its place.

A packet for a Service address without endpoints leaves the cluster, and gets lost in most networks. In some
networks, a proxy answers every request.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator

__all__ = ["nobody_answers"]

#: Packets to the addresses of Services, as kind assigns them, that leave Docker's networks.
_RULE = ["DOCKER-USER", "-d", "10.96.0.0/16", "-j", "DROP"]


@contextlib.contextmanager
def nobody_answers() -> Iterator[bool]:
    """Drop packets for Services that leave the cluster; yield whether that was possible."""
    done = _iptables("-I")
    try:
        yield done
    finally:
        if done:
            _iptables("-D")


def _iptables(what: str) -> bool:
    if not shutil.which("iptables"):
        return False
    return subprocess.run(["iptables", "-w", what, *_RULE], check=False, capture_output=True).returncode == 0
