"""The base of all controllers: each reconciles the cluster with its objects through the API server."""

from abc import ABC, abstractmethod
from functools import partial
from typing import ClassVar

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.control.backoff import Backoff
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.plane.events import Recorder
from lab.cluster.sim.state.declared import Derived, Given, stateful

__all__ = ["MANAGER", "Controller"]

#: The program that contains the controllers.
MANAGER = "kube-controller-manager"


@stateful
class Controller(ABC):
    """One controller of the controller manager."""

    #: The source of its events, and the name of its account.
    name: ClassVar[str]
    #: All kinds that it reads; with none it reconciles each time.
    watched: ClassVar[tuple[str, ...]] = ()

    plane: Given[ControlPlane]
    client: Given[Client]
    backoff: Backoff
    #: The versions of its watched kinds at the last look.
    _looked_at: tuple[int, ...]
    #: Whether its last reconciliation made no request, so that the next would make none before a change.
    _at_rest: Derived[bool]
    _events: Given[Recorder]

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.client = plane.client(f"system:serviceaccount:kube-system:{self.name}")
        self.backoff = Backoff()
        self._looked_at = ()
        self._at_rest = False
        self._events = plane.events.recorder(self.client, self.name, process=partial(plane.process, MANAGER))

    def look(self, now: float, *, anyway: bool) -> None:
        """Reconcile if a watched object has changed since the last look, or if `anyway` and there may be work."""
        versions = tuple(self.plane.store.version(KIND[kind]) for kind in self.watched)
        changed = not versions or versions != self._looked_at
        if changed or (anyway and not self._at_rest):
            self._looked_at = versions
            before = self.plane.api.requests.number
            self.reconcile(now)
            self._at_rest = bool(versions) and self.backoff.empty and self.plane.api.requests.number == before

    @abstractmethod
    def reconcile(self, now: float) -> None:
        """Compare the present state with the wanted state, and change what differs."""

    def restart(self) -> None:
        """Forget everything, since the manager has restarted."""
        self.backoff = Backoff()
        self._at_rest = False

    def relist(self) -> None:
        """Treat all objects as new, since the API server or the manager has restarted."""
        self._looked_at = ()
        self._at_rest = False

    def record(self, item: Object, kind: str, reason: str, message: str) -> None:
        """Write an event about `item`."""
        self._events.record(item, kind, reason, message)
