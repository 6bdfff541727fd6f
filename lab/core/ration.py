"""A share of one processor, divided among those who would take all of it. Pure: times go in and out.

Whoever has worked for a while without waiting asks how long to rest. All of them together then take no more than
the share, and each owner takes the same part of it, however many workers it has.
"""

from collections.abc import Hashable

__all__ = ["Ration"]

#: For so long after a rest, in s, a worker still counts: it may be about to ask again.
_AFTER = 0.5


class Ration:
    """Who works without waiting, and how long each has to rest."""

    def __init__(self, share: float) -> None:
        self._share = share
        #: Owner -> worker -> the time until which it counts.
        self._busy: dict[Hashable, dict[Hashable, float]] = {}

    def rest(self, owner: Hashable, worker: Hashable, seconds: float, now: float) -> float:
        """Return how long `worker`, which has just worked for `seconds`, has to rest; all times in s."""
        self._forget(now)
        workers = self._busy.setdefault(owner, {})
        workers[worker] = now
        rest = seconds * (len(self._busy) * len(workers) / self._share - 1)
        workers[worker] = now + rest + _AFTER
        return rest

    def _forget(self, now: float) -> None:
        for owner, workers in list(self._busy.items()):
            for worker in [each for each, until in workers.items() if until < now]:
                del workers[worker]
            if not workers:
                del self._busy[owner]
