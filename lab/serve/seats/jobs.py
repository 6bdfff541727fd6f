"""Work on the labs of a process, one piece at a time, first come, first served; notes that nobody waits for."""

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
        """How many wait."""
        return len(self._line)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait in line, and run the body when it is its turn. Not to be called on a loop."""
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
    """Writes into files in the order of asking, in one thread: a disk that is slow holds up no screen."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="notes")

    def write(self, note: Callable[[], object]) -> None:
        """Have `note` write something; nobody hears of an error."""
        self._thread.submit(note)

    def close(self) -> None:
        """Return when all is written."""
        self._thread.shutdown()
