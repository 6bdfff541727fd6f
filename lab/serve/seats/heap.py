"""The objects of a process with many seats: garbage collections skip objects that live as long as the seats.

A collection visits every object while all threads wait. With twelve seats that takes a third of a second, which
was half of the processor time of idle seats.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["HEAP", "Heap"]

#: The number of new objects that starts a collection of the youngest ones; the numbers of those for older ones.
_THRESHOLDS = (5000, 20, 20)


class Heap:
    """Decides when the present objects become permanent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passing = 0
        #: Whether lasting objects were made since the last time.
        self.grown = False

    @staticmethod
    def tune() -> None:
        """Let this process collect less often than by Python's default."""
        gc.set_threshold(*_THRESHOLDS)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """While the body runs, large short-lived objects exist, so nothing becomes permanent."""
        with self._lock:
            self._passing += 1
        try:
            yield
        finally:
            with self._lock:
                self._passing -= 1

    def settle(self) -> bool:
        """Collect, and make all remaining objects permanent; return whether that was possible now."""
        with self._lock:
            if self._passing:
                return False
            self.grown = False
            gc.collect()
            gc.freeze()
            return True


#: The heap of this process.
HEAP = Heap()
