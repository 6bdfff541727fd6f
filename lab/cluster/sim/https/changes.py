"""The recent changes of a store, and those who watch them."""

from collections import deque
from collections.abc import Callable

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.store import Change, Store

__all__ = ["ChangeLog"]

#: Changes that are kept for watches which begin in the past, as an API server's cache keeps some.
_KEPT = 5000


class ChangeLog:
    """The changes of one store since this began. All calls are on the simulator's loop."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._kept: deque[Change] = deque(maxlen=_KEPT)
        self._before = int(store.revision())
        self._watchers: list[Callable[[Change], None]] = []
        store.listeners.append(self._add)

    def _add(self, change: Change) -> None:
        if len(self._kept) == _KEPT:
            self._before = self._kept[0].revision
        self._kept.append(change)
        for watcher in list(self._watchers):
            watcher(change)

    def since(self, revision: int) -> list[Change] | None:
        """Return the changes after a revision; None if some of them are no longer known."""
        if revision < self._before:
            return None
        return [change for change in self._kept if change.revision > revision]

    def watch(self, watcher: Callable[[Change], None]) -> Callable[[], None]:
        """Call `watcher` with each change from now on; return what ends that."""
        self._watchers.append(watcher)

        def end() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end

    def close(self) -> None:
        """Let the store go."""
        self._watchers.clear()
        if self._add in self.store.listeners:
            self.store.listeners.remove(self._add)


def as_of(change: Change) -> Object:
    """Return the object of a change with the resource version of the change, which a deletion raises, too."""
    if change.type != "DELETED":
        return change.item
    metadata = {**change.item["metadata"], "resourceVersion": str(change.revision)}
    return {**change.item, "metadata": metadata}
