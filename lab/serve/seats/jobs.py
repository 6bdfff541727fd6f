"""Queues for the labs of a process: long work in turns, and notes that are written in the background."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lab.errors import LabError

__all__ = ["Jobs", "Notes"]


class Jobs:
    """A queue for threads: creating, breaking, resetting, solving and submitting take turns."""

    def __init__(self, at_once: int = 1) -> None:
        self._free = at_once
        self._line: deque[threading.Event] = deque()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many threads wait."""
        return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, then run the body. Not to be called on a loop.

        Raises:
            LabError: no work begins any more.

        """
        with self._lock:
            mine = threading.Event()
            if self._closed:
                mine.set()
            elif self._free:
                self._free -= 1
                mine.set()
            else:
                self._line.append(mine)
        mine.wait()
        if self._closed:
            raise LabError("The server has ended.")
        try:
            yield
        finally:
            with self._lock:
                if self._line:
                    self._line.popleft().set()
                else:
                    self._free += 1

    def close(self) -> None:
        """Let no more work begin: what waits would have the labs when the next worker wants them."""
        with self._lock:
            self._closed = True
            while self._line:
                self._line.popleft().set()


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
