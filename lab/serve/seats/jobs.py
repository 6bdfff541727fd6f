"""Queues for the labs of a process: long work in turns, and notes that are written in the background."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

__all__ = ["Jobs", "Notes"]


class Jobs:
    """A queue for threads: creating, breaking, resetting, solving and submitting take turns."""

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        self._line: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, then run the body. Not to be called on a loop."""
        with self._lock:
            mine = threading.Event()
            if self._free:
                self._free -= 1
                mine.set()
            else:
                self._line.append(mine)
        mine.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._line:
                    self._line.popleft().set()
                else:
                    self._free += 1


class Notes:
    """Writes notes into files in order, in one thread, so that a slow disk delays no screen."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="notes")

    def write(self, note: Callable[[], object]) -> None:
        """Write `note` later; errors are dropped."""
        self._thread.submit(note)

    def close(self) -> None:
        """Wait until all notes are written."""
        self._thread.shutdown()
