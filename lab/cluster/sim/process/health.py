"""The health of a lab's owner.

Some of the library's programs (`awk`, `jq`, patterns) can't be stopped in the middle: a loop in one of them keeps
its thread for good. When all threads are taken, no shell runs any more, and only a new owner helps.
"""

import asyncio
import concurrent.futures
import time

from bashkit import Bash

from lab.cluster.sim.timing.event_loop import background_loop

__all__ = ["Load", "shells_answer"]

#: An unused owner that takes more than this share of a processor has lost a thread.
_BUSY = 0.5


def shells_answer(patience: float) -> bool:
    """Whether a shell can run an empty command within `patience` s."""

    async def nothing() -> None:
        await Bash().execute(":")

    asked = asyncio.run_coroutine_threadsafe(nothing(), background_loop())
    try:
        asked.result(patience)
    except concurrent.futures.TimeoutError:
        asked.cancel()
        return False
    return True


class Load:
    """The processor time of this process."""

    def __init__(self) -> None:
        self._last = self._now()

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.monotonic(), time.process_time()

    def heavy(self) -> bool:
        """Whether the process was busy since the last call."""
        (then, before), (now, used) = self._last, self._now()
        self._last = now, used
        return used - before > _BUSY * max(now - then, 0.001)
