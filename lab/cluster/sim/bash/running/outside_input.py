"""Input from outside while programs run: from another process, or from another node's command."""

import asyncio
import contextlib
import threading
from collections import deque
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.running.waiting import Waiting

if TYPE_CHECKING:
    from lab.cluster.sim.timing.counting import Pause

__all__ = ["Feed"]

#: How many bytes a feed holds before its writer has to wait.
_MOST = 1 << 20


class Feed(OpenFile):
    """Bytes pushed from any thread and read on the simulator's loop."""

    gives_back = True

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._waiting: list[Pause] = []
        self._room = threading.Event()
        self._room.set()
        self._ended = False
        self._over = False

    def push(self, data: bytes) -> bool:
        """Add `data` once there is room (no bytes mark the end); return whether the feed still has a reader."""
        self._room.wait()
        if not self._over:
            with contextlib.suppress(RuntimeError):  # the loop is gone
                self._loop.call_soon_threadsafe(self.add, data)
        return not self._over

    def close(self) -> None:
        """Stop reading, and release the waiting writers."""
        self._over = True
        self._room.set()

    # On the loop

    def add(self, data: bytes) -> None:
        """Add `data`; no bytes mark the end."""
        if data:
            self._chunks.append(data)
            self._size += len(data)
            if self._size >= _MOST and not self._over:
                self._room.clear()
        else:
            self._ended = True
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for pause in waiting:
            pause.end()

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the next bytes; nothing at the end."""
        while not self._chunks:
            if self._ended:
                return b""
            await process.pause(self._waiting.append)
        data = self._chunks.popleft()
        if len(data) > size:
            self._chunks.appendleft(data[size:])
            data = data[:size]
        self._size -= len(data)
        if self._size < _MOST:
            self._room.set()
        return data

    def put_back(self, data: bytes) -> None:
        """Put surplus bytes back."""
        if data:
            self._chunks.appendleft(data)
            self._size += len(data)
            self._wake()

    def closed(self) -> None:
        """The reader is gone."""
        self.close()
