"""The controller manager: runs a controller when a watched object changes or a back-off ends."""

from lab.cluster.sim.control.controller import MANAGER, Controller
from lab.cluster.sim.control.daemonsets import DaemonSetController
from lab.cluster.sim.control.deployments import DeploymentController
from lab.cluster.sim.control.endpoints import EndpointsController
from lab.cluster.sim.control.garbage import GarbageCollector
from lab.cluster.sim.control.namespaces import NamespaceController
from lab.cluster.sim.control.nodes import NodeController
from lab.cluster.sim.control.replicasets import ReplicaSetController
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["ControllerManager"]

#: Seconds between two full reconciliations of each controller, changes or not.
_RESYNC = 10.0
#: Seconds between two tries to become the leader.
_RETRY = 2.0


@stateful
class ControllerManager:
    """All controllers, in the order in which they run."""

    _plane: Given[ControlPlane]
    due: float
    controllers: tuple[Controller, ...]
    #: One of the controllers; admission uses it, too.
    _namespaces: Given[NamespaceController]
    #: The containers of the manager and of the API server at its last run.
    _processes: tuple[str, str]
    _resync: float

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self.due = 0.0
        self._namespaces = NamespaceController(plane)
        self.controllers = (
            self._namespaces,
            NodeController(plane),
            DeploymentController(plane),
            ReplicaSetController(plane),
            DaemonSetController(plane),
            GarbageCollector(plane),
            EndpointsController(plane),
        )
        self._processes = ("", "")
        self._resync = 0.0

    def run(self, now: float) -> None:
        """Run each controller that has a reason to: a change, the end of a back-off, or a full reconciliation."""
        if not self._plane.leads(MANAGER):
            self.due = now + _RETRY
            return
        ended = [controller.backoff.end(now) for controller in self.controllers]
        # Writes that the NOSPACE alarm refuses are retried again and again.
        anyway = any([self._watch(), *ended, now >= self._resync, self._plane.etcd.alarm])
        if anyway:
            self._resync = now + _RESYNC
        for controller in self.controllers:
            controller.look(now, anyway=anyway)
        next_try = min(controller.backoff.next(now) for controller in self.controllers)
        self.due = min(self.due, now + _RESYNC, max(next_try, now + 0.005))

    def equip(self, namespace: str) -> None:
        """Create the default objects of a namespace, if the manager runs."""
        if self._plane.leads(MANAGER):
            self._namespaces.equip(namespace)

    def _watch(self) -> bool:
        """Notice restarts: a new manager knows nothing, and a new API server makes it list all objects."""
        manager, server = self._plane.process(MANAGER), self._plane.process("kube-apiserver")
        if (manager, server) == self._processes:
            return False
        for controller in self.controllers:
            if manager != self._processes[0]:
                controller.restart()
            controller.relist()
        self._processes = manager, server
        return True
