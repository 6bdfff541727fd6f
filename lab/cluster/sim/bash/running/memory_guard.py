"""The memory of the process that shells run in: what would take it all is killed, as on a machine.

One thread looks at what the process holds: where that grows too far since the shell that began last was started,
or the outermost that it is in, that last one is ended, then the one before. What grew earlier is the lab's.

What the interpreter took it may keep. An owner that holds much ends when nobody uses it, one that holds too
much ends at once; the next one begins small.
"""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

__all__ = ["Killable", "bounded", "swollen", "watch"]

#: How many bytes what runs in a shell may take, and how many more the process may then until the next ends.
_ROOM = 160 * 1024**2
_MORE = 64 * 1024**2
#: How much more than at its start the process may hold in all. Less than a stack: all may be on one.
_MOST = 640 * 1024**2
_LOOK_EVERY = 0.02
#: How long it looks away while this process does next to nothing: then nothing grows.
_LOOK_AWAY = 0.25
_NOTHING = 0.002
_STATM = Path("/proc/self/statm")


class Killable(Protocol):
    """What can be ended."""

    @property
    def origin(self) -> "Killable":
        """The shell that it was begun in, through all that are between; itself where it is in none."""

    def kill(self) -> None:
        """End what runs; called in another thread."""


class _Watch:
    """Looks at the process' memory while shells run."""

    def __init__(self) -> None:
        self.on = False
        self._first = 0
        #: Those that run, and what the process held when their origins began.
        self._running: list[tuple[Killable, int]] = []
        self._dying: Killable | None = None
        self._changed = threading.Condition()

    def start(self, end: Callable[[], None]) -> None:
        """Look from now on."""
        self.on = True
        self._first = _held()
        threading.Thread(target=self._look, args=(end,), name="memory", daemon=True).start()

    def swollen(self) -> bool:
        """Whether much was taken, and kept."""
        return self.on and _held() > self._first + _ROOM

    def add(self, shell: Killable) -> None:
        """Count `shell` among those that run."""
        with self._changed:
            held = next((held for running, held in self._running if running == shell.origin), None)
            self._running.append((shell, _held() if held is None else held))
            self._changed.notify()

    def remove(self, shell: Killable) -> None:
        """Count `shell` no more."""
        with self._changed:
            self._running = [each for each in self._running if each[0] != shell]
            if shell == self._dying:
                self._dying = None

    def _look(self, end: Callable[[], None]) -> None:
        # What was still held when one was killed, less what the next may take.
        spared = 0
        pause = threading.Event()
        worked = time.process_time()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._running)
            before, worked = worked, time.process_time()
            pause.wait(_LOOK_AWAY if worked - before < _NOTHING else _LOOK_EVERY)
            held = _held()
            spared = min(spared, held)
            if self._kill_last(held, spared):
                spared = held + _MORE - _ROOM
            if held > self._first + _MOST:
                end()

    def _kill_last(self, held: int, spared: int) -> bool:
        """Kill the shell that began last where too much is held; return whether it is."""
        with self._changed:
            if not self._running or held <= max(self._running[-1][1], spared) + _ROOM:
                return False
            # While one that was killed goes on, it may be that one still.
            shell = self._running.pop()[0] if self._dying is None else None
            self._dying = self._dying or shell
        if shell is not None:
            shell.kill()
        return True


_watch = _Watch()


def watch(end: Callable[[], None]) -> None:
    """See that shells in this process do not take too much of its memory; `end` it when they have nevertheless."""
    _watch.start(end)


def swollen() -> bool:
    """Whether this process holds much that shells took, which it had better end for."""
    return _watch.swollen()


@contextlib.contextmanager
def bounded(shell: Killable) -> Iterator[None]:
    """While the body runs, have `shell` killed if the process takes too much memory, where that is watched."""
    if not _watch.on:
        yield
        return
    _watch.add(shell)
    try:
        yield
    finally:
        _watch.remove(shell)


def _held() -> int:
    """Return how many bytes of memory this process holds."""
    if sys.platform == "linux":
        # Much quicker than the library, and asked for fifty times a second.
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import psutil  # noqa: PLC0415 -- not needed on Linux

    return int(psutil.Process().memory_info().rss)
