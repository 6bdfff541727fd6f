"""What all controllers are: classes that bring what is to what objects say, as one user of the API server."""

from abc import ABC, abstractmethod
from functools import partial
from typing import ClassVar

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.control.backoff import Backoff
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.plane.events import Recorder
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["MANAGER", "Controller"]

#: The program that controllers are parts of.
MANAGER = "kube-controller-manager"


@stateful
class Controller(ABC):
    """One controller of the controller manager."""

    #: What its events say that they come from, and what its account is called.
    name: ClassVar[str]
    #: The kinds whose objects decide about what it does; none: it looks each time.
    watched: ClassVar[tuple[str, ...]] = ()

    plane: Given[ControlPlane]
    client: Given[Client]
    backoff: Backoff
    #: The versions of the kinds that it watches when it looked last.
    _looked_at: tuple[int, ...]
    _events: Given[Recorder]

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.client = plane.client(f"system:serviceaccount:kube-system:{self.name}")
        self.backoff = Backoff()
        self._looked_at = ()
        self._events = plane.events.recorder(self.client, self.name, process=partial(plane.process, MANAGER))

    def look(self, now: float, *, anyway: bool) -> None:
        """Reconcile if an object that it watches has changed since the last time, or `anyway`."""
        versions = tuple(self.plane.store.version(KIND[kind]) for kind in self.watched)
        if anyway or not versions or versions != self._looked_at:
            self._looked_at = versions
            self.reconcile(now)

    @abstractmethod
    def reconcile(self, now: float) -> None:
        """Compare what is with what should be, and change what differs."""

    def restart(self) -> None:
        """Forget everything: the manager is another process."""
        self.backoff = Backoff()

    def relist(self) -> None:
        """Take all objects for new: the API server is another process, or the manager."""
        self._looked_at = ()

    def record(self, item: Object, kind: str, reason: str, message: str) -> None:
        """Write an event about `item`."""
        self._events.record(item, kind, reason, message)
