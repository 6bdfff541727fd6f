"""What lies around the recorded cluster must not answer in its place.

A packet for an address of a Service that nobody serves leaves the cluster, and gets lost in most networks. In some
a proxy answers whatever is asked of it.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator

__all__ = ["nobody_answers"]

#: The addresses of Services, as kind gives them, on their way out of Docker's networks.
_RULE = ["DOCKER-USER", "-d", "10.96.0.0/16", "-j", "DROP"]


@contextlib.contextmanager
def nobody_answers() -> Iterator[bool]:
    """Have packets for Services that leave the cluster dropped; give whether that could be done."""
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
