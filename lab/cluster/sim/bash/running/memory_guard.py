"""A memory limit for the process in which shells run. A shell that would take all memory is killed.

One thread watches the memory of the process. It compares the memory with the value at the start of the newest
shell, or of the shell around it. If the memory grew too far, the newest shell is killed, then the one before.
Earlier growth belongs to the lab.

The interpreter may keep the memory that a shell took. An owner with much memory ends when nobody uses it. An owner
with too much ends at once. The next owner begins small.
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

#: How many bytes a shell may take. After a kill, how many more bytes the process may take until the next kill.
_ROOM = 160 * 1024**2
_MORE = 64 * 1024**2
#: How far the process may grow beyond its start in all. Less than a stack: all shells may be on one stack.
_MOST = 640 * 1024**2
_LOOK_EVERY = 0.02
#: How long the thread pauses while this process does next to nothing: memory does not grow then.
_LOOK_AWAY = 0.25
_NOTHING = 0.002
_STATM = Path("/proc/self/statm")


class Killable(Protocol):
    """A shell that can be killed."""

    @property
    def origin(self) -> "Killable":
        """The outermost shell around this one; the shell itself if there is none."""

    def kill(self) -> None:
        """End the shell. Another thread calls this."""


class _Watch:
    """The watch over the process' memory while shells run."""

    def __init__(self) -> None:
        self.on = False
        self._first = 0
        #: The running shells, and the memory of the process when their origins began.
        self._running: list[tuple[Killable, int]] = []
        self._dying: Killable | None = None
        self._changed = threading.Condition()

    def start(self, end: Callable[[], None]) -> None:
        """Start the watch."""
        self.on = True
        self._first = _held()
        threading.Thread(target=self._look, args=(end,), name="memory", daemon=True).start()

    def swollen(self) -> bool:
        """Whether shells took much memory and the process kept it."""
        return self.on and _held() > self._first + _ROOM

    def add(self, shell: Killable) -> None:
        """Add a running shell."""
        with self._changed:
            held = next((held for running, held in self._running if running == shell.origin), None)
            self._running.append((shell, _held() if held is None else held))
            self._changed.notify()

    def remove(self, shell: Killable) -> None:
        """Remove a shell that has ended."""
        with self._changed:
            self._running = [each for each in self._running if each[0] != shell]
            if shell == self._dying:
                self._dying = None

    def _look(self, end: Callable[[], None]) -> None:
        # The memory that was still held at a kill, less the next shell's share.
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
        """Kill the newest shell if the process holds too much; return whether it does."""
        with self._changed:
            if not self._running or held <= max(self._running[-1][1], spared) + _ROOM:
                return False
            # A killed shell that still runs may still hold the memory.
            shell = self._running.pop()[0] if self._dying is None else None
            self._dying = self._dying or shell
        if shell is not None:
            shell.kill()
        return True


_watch = _Watch()


def watch(end: Callable[[], None]) -> None:
    """Watch the memory that shells take in this process. Call `end` if it is too much in spite of kills."""
    _watch.start(end)


def swollen() -> bool:
    """Return whether shells took so much memory that this process had better end."""
    return _watch.swollen()


@contextlib.contextmanager
def bounded(shell: Killable) -> Iterator[None]:
    """While the body runs, have `shell` killed if the process takes too much memory and the watch is on."""
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
        # Much faster than psutil, and called fifty times a second.
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import psutil  # noqa: PLC0415 -- not needed on Linux

    return int(psutil.Process().memory_info().rss)
