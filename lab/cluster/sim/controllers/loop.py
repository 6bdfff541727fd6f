"""The controller manager: runs every controller when objects changed or a back-off is over."""

from typing import TYPE_CHECKING

from lab.cluster.sim.controllers import daemonsets, deployments, endpoints, garbage, namespaces, nodes, replicasets

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.cluster.sim.world import World

__all__ = ["Backoff", "Controllers"]

#: Back-off of a controller's work queue: 5 ms, doubled at each failure, at most about 16 minutes.
_FIRST, _LONGEST = 0.005, 1000.0


class Backoff:
    """When each object may be tried again after refusals."""

    def __init__(self) -> None:
        self.failures: dict[str, int] = {}
        self.until: dict[str, float] = {}

    def waits(self, key: str, now: float) -> bool:
        """Whether `key` is not to be tried yet."""
        return self.until.get(key, 0.0) > now

    def fail(self, key: str, now: float) -> None:
        """Count a failure of `key`."""
        count = self.failures.get(key, 0)
        self.failures[key] = count + 1
        self.until[key] = now + min(_FIRST * 2 ** min(count, 30), _LONGEST)

    def forget(self, key: str) -> None:
        """`key` succeeded, or was changed."""
        self.failures.pop(key, None)
        self.until.pop(key, None)

    def retry_now(self, key: str) -> None:
        """Try `key` at once, with its failures remembered."""
        self.until.pop(key, None)

    def next(self, now: float) -> float:
        """Return when the next back-off is over."""
        return min((at for at in self.until.values() if at > now), default=float("inf"))


class Controllers:
    """All controllers of the controller manager."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.due = 0.0
        self.backoff = Backoff()
        self.seen: dict[str, str] = {}
        self._processes = ("", "")
        self._running: list[Callable[[World, Backoff, dict[str, str], float], None]] = [
            namespaces.reconcile,
            nodes.reconcile,
            deployments.reconcile,
            replicasets.reconcile,
            daemonsets.reconcile,
            garbage.reconcile,
            endpoints.reconcile,
        ]

    def run(self, now: float) -> None:
        """Let each controller compare what is with what should be."""
        if not self.world.leads("kube-controller-manager"):
            self.due = now + 2.0
            return
        self._watch()
        for reconcile in self._running:
            reconcile(self.world, self.backoff, self.seen, now)
        self.due = min(self.due, now + 10.0, max(self.backoff.next(now), now + 0.005))

    def _watch(self) -> None:
        """Notice what starts anew: a manager that does has forgotten; a new API server tells all objects again."""
        names = ("kube-controller-manager", "kube-apiserver")
        manager, server = (each.id if (each := self.world.program(name)) else "" for name in names)
        if manager != self._processes[0]:
            self.backoff = Backoff()
        if (manager, server) != self._processes:
            self.seen = {}
        self._processes = manager, server
