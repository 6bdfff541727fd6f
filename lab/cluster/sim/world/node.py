"""One node: a machine with a kubelet."""

from lab.cluster.sim.kubelet.kubelet import Kubelet
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import stateful

__all__ = ["NodeModel"]


@stateful
class NodeModel(Machine):
    """The model of a node. It has a kubelet once it has joined a control plane."""

    kubelet: Kubelet

    def join(self, plane: ControlPlane) -> None:
        """Install a kubelet that asks `plane` what to run."""
        self.kubelet = self.systemd.services["kubelet.service"] = Kubelet(plane, self)
