"""The controller manager: runs a controller when what it watches changed or a back-off is over."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.control import daemonsets, deployments, endpoints, garbage, namespaces, nodes, replicasets
from lab.cluster.sim.control.backoff import Backoff
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Given, stateful

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from lab.cluster.sim.api.store import Store

__all__ = ["Controllers"]

#: How often each controller looks at everything, whether or not anything changed.
_RESYNC = 10.0


@stateful
@dataclass(slots=True)
class _Controller:
    """A controller, the kinds it watches (none: it looks each time), and their versions when it looked last."""

    reconcile: Given["Callable[[ControlPlane, Backoff, dict[str, str], float], None]"]
    watched: Given["Sequence[str]"] = ()
    looked_at: tuple[int, ...] = ()

    def versions(self, store: "Store") -> tuple[int, ...]:
        """Return the versions of what it watches."""
        return tuple(store.version(KIND[kind]) for kind in self.watched)


@stateful
class Controllers:
    """All controllers of the controller manager."""

    _plane: Given[ControlPlane]
    due: float
    backoff: Backoff
    seen: dict[str, str]
    _processes: tuple[str, str]
    _resync: float
    _controllers: tuple[_Controller, ...]

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self.due = 0.0
        self.backoff = Backoff()
        self.seen = {}
        self._processes = ("", "")
        self._resync = 0.0
        self._controllers = (
            _Controller(namespaces.reconcile),
            _Controller(nodes.reconcile),
            _Controller(deployments.reconcile, ("Deployment", "ReplicaSet")),
            _Controller(replicasets.reconcile, ("ReplicaSet", "Pod")),
            _Controller(daemonsets.reconcile, ("DaemonSet", "ControllerRevision", "Pod", "Node")),
            _Controller(garbage.reconcile, garbage.WATCHED),
            _Controller(endpoints.reconcile, ("Service", "Pod", "Endpoints", "EndpointSlice")),
        )

    def run(self, now: float) -> None:
        """Let each controller compare what is with what should be, where it may be another thing than before."""
        plane = self._plane
        if not plane.leads("kube-controller-manager"):
            self.due = now + 2.0
            return
        # What the alarm of a full etcd has refused is asked for again and again.
        every = any([self._watch(), self.backoff.end(now), now >= self._resync, plane.etcd.alarm])
        if every:
            self._resync = now + _RESYNC
        for controller in self._controllers:
            versions = controller.versions(plane.store)
            if every or not versions or versions != controller.looked_at:
                controller.looked_at = versions
                controller.reconcile(plane, self.backoff, self.seen, now)
        self.due = min(self.due, now + _RESYNC, max(self.backoff.next(now), now + 0.005))

    def _watch(self) -> bool:
        """Notice what starts anew: a manager that does has forgotten; a new API server tells all objects again."""
        names = ("kube-controller-manager", "kube-apiserver")
        manager, server = (each.id if (each := self._plane.program(name)) else "" for name in names)
        if manager != self._processes[0]:
            self.backoff = Backoff()
        if (manager, server) == self._processes:
            return False
        self.seen = {}
        self._processes = manager, server
        return True
