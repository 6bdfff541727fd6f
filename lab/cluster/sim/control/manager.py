"""The controller manager: runs a controller when what it watches changed or a back-off is over."""

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

#: How often each controller looks at everything, whether or not anything changed.
_RESYNC = 10.0
#: How soon it tries again to become the leader.
_RETRY = 2.0


@stateful
class ControllerManager:
    """All controllers, in the order in which they run."""

    _plane: Given[ControlPlane]
    due: float
    controllers: tuple[Controller, ...]
    #: One of them, which admission asks as well.
    _namespaces: Given[NamespaceController]
    #: The containers of the manager and of the API server when it ran last.
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
        """Let each controller compare what is with what should be, where it may be another thing than before."""
        if not self._plane.leads(MANAGER):
            self.due = now + _RETRY
            return
        ended = [controller.backoff.end(now) for controller in self.controllers]
        # What the alarm of a full etcd has refused is asked for again and again.
        anyway = any([self._watch(), *ended, now >= self._resync, self._plane.etcd.alarm])
        if anyway:
            self._resync = now + _RESYNC
        for controller in self.controllers:
            controller.look(now, anyway=anyway)
        next_try = min(controller.backoff.next(now) for controller in self.controllers)
        self.due = min(self.due, now + _RESYNC, max(next_try, now + 0.005))

    def equip(self, namespace: str) -> None:
        """Give a namespace what each one has from birth, if the manager works."""
        if self._plane.leads(MANAGER):
            self._namespaces.equip(namespace)

    def _watch(self) -> bool:
        """Notice restarts: a new manager has forgotten everything, a new API server lists all objects again."""
        manager, server = self._plane.process(MANAGER), self._plane.process("kube-apiserver")
        if (manager, server) == self._processes:
            return False
        for controller in self.controllers:
            if manager != self._processes[0]:
                controller.restart()
            controller.relist()
        self._processes = manager, server
        return True
