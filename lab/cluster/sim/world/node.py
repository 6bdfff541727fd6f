"""One node: its files, container runtime, kubelet, units and journal."""

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

from lab.cluster.base import Role
from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.firewall import Rule
from lab.cluster.sim.machine.journal import Journal
from lab.cluster.sim.machine.node_files import RUNNING
from lab.cluster.sim.machine.program_files import stubs
from lab.cluster.sim.machine.runtime import Runtime
from lab.cluster.sim.machine.systemd import Systemd

if TYPE_CHECKING:
    from lab.cluster.sim.world.world import World

__all__ = ["NodeModel"]


#: One setting by two names: the kernel changes both.
_FORWARDING = tuple(f"/proc/sys/net/ipv4/{name}" for name in ("ip_forward", "conf/all/forwarding"))


class NodeModel:
    """The model of a node (the lab's view of it is in cluster.py)."""

    def __init__(self, world: "World", name: str, role: Role, index: int) -> None:
        self.world = world
        self.name = name
        self.role = role
        self.index = index
        # kind's own network; the worker tends to come up first.
        self.ip = f"172.18.0.{3 - index if index < 2 else index + 2}"
        self.cidr = f"10.244.{index}.0/24"
        self.id = secrets.token_hex(32)
        self.boot_time = world.now()
        self.files = Files()
        self.journal = Journal(name)
        self.runtime = Runtime(cidr=self.cidr)
        self.firewall: list[Rule] = []
        self.systemd = Systemd(world, self)
        self.kubelet = Kubelet(world, self)

    def sysctl(self, key: str) -> str | None:
        """Return the value of a kernel setting, or None if there is none of that name."""
        path = sysctl_path(key)
        return self.files.get(path).strip() if self.files.is_file(path) else None

    def set_sysctl(self, key: str, value: str) -> bool:
        """Change a kernel setting; return whether there is one of that name."""
        path = sysctl_path(key)
        if not self.files.is_file(path):
            return False
        together = _FORWARDING if path in _FORWARDING else (path,)
        for one in together:
            self.files.write(one, value + "\n")
        return True

    @property
    def forwards(self) -> bool:
        """Whether the kernel forwards packets."""
        return self.sysctl("net.ipv4.ip_forward") not in {"0", "", None}

    def reboot(self) -> None:
        """Boot anew: everything that runs ends, and what is enabled starts; settings are those of the files."""
        from lab.cluster.sim.commands.node.sysctl import apply_system  # noqa: PLC0415 -- commands know nodes

        now = self.world.now()
        for sandbox in self.runtime.sandboxes.values():
            self.runtime.stop_sandbox(sandbox, now)
        self.runtime.sandboxes.clear()
        self.runtime.containers.clear()
        self.systemd.end_all()
        for name in list(self.systemd.states):
            self.systemd.stop(name)
        self.firewall.clear()
        self.files.remove("/run")
        self.files.mkdir("/run")
        self.boot_time = now
        self.set_sysctl("net.ipv4.ip_forward", "1")
        for key, value in apply_system(self.files).items():
            self.set_sysctl(key, value)
        self.systemd.boot(RUNNING)

    @property
    def machine_id(self) -> str:
        """The machine's id, from its name."""
        return hashlib.sha256(self.id.encode()).hexdigest()[:32]

    @property
    def boot_id(self) -> str:
        """The id of the node's latest boot."""
        return hashlib.sha256(f"{self.id} {self.boot_time}".encode()).hexdigest()[:32]

    def dump(self) -> dict[str, Any]:
        """Return the node as data."""
        return {
            "id": self.id,
            "boot": self.boot_time,
            "files": self.files.dump(),
            "runtime": self.runtime.dump(),
            "journal": self.journal.dump(),
            "systemd": self.systemd.dump(),
            "kubelet": self.kubelet.dump(),
            "firewall": [rule.dump() for rule in self.firewall],
        }

    def load(self, data: dict[str, Any]) -> None:
        """Make the node what `dump` described."""
        self.id, self.boot_time = data["id"], data["boot"]
        self.files.load(data["files"], stubs())
        self.runtime = Runtime.restored(data["runtime"])
        self.journal.load(data["journal"])
        self.systemd.load(data["systemd"])
        self.kubelet.load(data["kubelet"])
        self.firewall = [Rule(**rule) for rule in data["firewall"]]


def sysctl_path(key: str) -> str:
    """Return the file in /proc/sys of a kernel setting, with either separator."""
    if "/" in key:
        return "/proc/sys/" + key.replace(".", "/") if key.count("/") == 0 else "/proc/sys/" + key
    return "/proc/sys/" + key.replace(".", "/")
