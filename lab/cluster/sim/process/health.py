"""Whether a lab's owner can still work: an endless program may block its loop."""

import asyncio
import concurrent.futures
import time

from lab.cluster.sim.timing.background_loop import background_loop

__all__ = ["Load", "shells_answer"]

#: The processor share above which an unused owner has a useless endless program.
_BUSY = 0.5


def shells_answer(patience: float) -> bool:
    """Return whether the shells' loop answers within `patience` s."""

    async def nothing() -> None:
        await asyncio.sleep(0)

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
