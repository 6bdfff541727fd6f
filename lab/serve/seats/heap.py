"""The objects of a process with many seats: what lives as long as the seats is left out of garbage collections.

A collection looks at every object, with all threads waiting. With twelve seats that takes a third of a second, and
half of what idle seats took went into it.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["HEAP", "Heap"]

#: So many more objects than were freed start a collection of the youngest; so many of those, one of older ones.
_THRESHOLDS = (5000, 20, 20)


class Heap:
    """Decides when the objects that there are become permanent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passing = 0
        #: Whether something was made since the last time that will last.
        self.grown = False

    @staticmethod
    def tune() -> None:
        """Have this process collect less often than Python does by itself."""
        gc.set_threshold(*_THRESHOLDS)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """While the body runs, there are large objects that are garbage soon: nothing becomes permanent."""
        with self._lock:
            self._passing += 1
        try:
            yield
        finally:
            with self._lock:
                self._passing -= 1

    def settle(self) -> bool:
        """Collect, and make all objects permanent that are left; return whether that was possible now."""
        with self._lock:
            if self._passing:
                return False
            self.grown = False
            gc.collect()
            gc.freeze()
            return True


#: That of this process.
HEAP = Heap()
