"""Whether a lab's owner can still do its work: its loop may be kept by something that does not end."""

import asyncio
import concurrent.futures
import time

from lab.cluster.sim.timing.event_loop import background_loop

__all__ = ["Load", "shells_answer"]

#: The share of a processor from which on an owner that nobody uses has something that runs on for nobody.
_BUSY = 0.5


def shells_answer(patience: float) -> bool:
    """Whether the loop on which shells run comes round within `patience` s."""

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
