"""One node: a machine with a kubelet."""

from typing import Any

from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.machine.firewall import Rule
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.program_files import stubs
from lab.cluster.sim.machine.runtime import Runtime
from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["NodeModel"]


class NodeModel(Machine):
    """The model of a node. It has a kubelet once it has joined a control plane."""

    kubelet: Kubelet

    def join(self, plane: ControlPlane) -> None:
        """Install a kubelet that asks `plane` what to run."""
        self.kubelet = self.systemd.services["kubelet.service"] = Kubelet(plane, self)

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

    def load(self, data: dict[str, Any], commands: frozenset[str]) -> None:
        """Make the node what `dump` described; its files run `commands` beside those of the shell's library."""
        self.id, self.systemd.boot_time = data["id"], data["boot"]
        self.files.load(data["files"], stubs(commands))
        self.runtime = Runtime.restored(data["runtime"])
        self.journal.load(data["journal"])
        self.systemd.load(data["systemd"])
        self.kubelet.load(data["kubelet"])
        self.firewall = [Rule(**rule) for rule in data["firewall"]]
