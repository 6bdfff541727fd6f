"""What a lab leaves as it is: a stranger's container, network, volume and rules, images, kernel settings."""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kind.docker import docker

__all__ = ["Stranger", "stranger"]

#: Settings that a kubelet makes on its host at each start, in every cluster of kind; and those that change alone.
_OTHERS = re.compile(
    r"vm\.(overcommit_memory|panic_on_oom)|kernel\.(panic|panic_on_oops|keys\.root_max\w+)"
    r"|kernel\.(random|ns_last_pid|pty|sched|perf)|net\.netfilter\.nf_conntrack_(count|buckets|max)|nr_|state|\.(veth|br-)"
)
_STATE = "{{.Id}} {{.State.StartedAt}} {{.RestartCount}} {{json .NetworkSettings.Networks}} {{json .Mounts}}"


class Stranger:
    """A container with a network, a volume and a published port, that has nothing to do with a lab."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bridge = "br-" + docker("network", "inspect", "-f", "{{.Id}}", name)[:12]

    def surroundings(self) -> dict[str, object]:
        """Return the state of everything here that a lab must not change."""
        kubeconfig = Path(os.environ.get("KUBECONFIG", Path.home() / ".kube" / "config"))
        return {
            "container": docker("inspect", "-f", _STATE, self._name),
            "network": docker("network", "inspect", self._name),
            "volume": docker("volume", "inspect", self._name),
            "rules": self._rules(),
            # Docker lists images of the same second in any order.
            "images": sorted(docker("images", "-aq", "--no-trunc").split()),
            "kubeconfig": hashlib.sha256(kubeconfig.read_bytes()).hexdigest() if kubeconfig.exists() else "",
            "settings": _settings(),
        }

    def _rules(self) -> list[str]:
        """Return the host's firewall rules for the stranger; empty where they can't be read."""
        try:
            found = _output("iptables-save")
        except (FileNotFoundError, subprocess.CalledProcessError):
            return []
        return [line for line in found.splitlines() if self._bridge in line]


@contextmanager
def stranger(name: str, image: str) -> Iterator[Stranger]:
    """While the body runs, a stranger called `name` runs in a container of `image`."""
    docker("network", "create", name)
    try:
        docker("volume", "create", name)
        place = ("--name", name, "--network", name, "--volume", f"{name}:/data", "--publish", "127.0.0.1::80")
        docker("run", "--detach", *place, "--entrypoint", "sleep", image, "infinity")
        yield Stranger(name)
    finally:
        for what in (("rm", "--force", name), ("volume", "rm", name), ("network", "rm", name)):
            docker(*what, check=False)


def _output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True, timeout=120).stdout


def _settings() -> dict[str, str]:
    argv = ["sysctl", "-a", "-r", r"^(net|vm|kernel)\."]
    found = subprocess.run(argv, check=False, capture_output=True, text=True, timeout=120).stdout
    pairs = (line.partition(" = ") for line in found.splitlines())
    return {key: value for key, _, value in pairs if not _OTHERS.search(key)}
