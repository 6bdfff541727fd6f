"""The share of the simulator's thread that programs get which never wait, in a process of many clusters."""

import time
from collections.abc import Hashable

from lab.core.ration import Ration

__all__ = ["ration", "rest"]

#: Below so many seconds of work nobody rests.
_LEAST = 0.001
_ration: Ration | None = None


def ration(share: float | None) -> None:
    """Give programs that never wait `share` of a processor in all, each cluster the same part; None: no limit."""
    global _ration  # noqa: PLW0603 -- said once, when a process of seats begins
    _ration = Ration(share) if share else None


def rest(cluster: Hashable, program: Hashable, seconds: float) -> float:
    """Return how long, in s, a program has to rest that has just computed for `seconds`."""
    if _ration is None or seconds < _LEAST:
        return 0.0
    return _ration.rest(cluster, program, seconds, time.monotonic())
