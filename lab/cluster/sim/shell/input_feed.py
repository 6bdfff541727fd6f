"""What a shell's programs read: input that comes while they run, from another process or from a keyboard."""

import asyncio
import contextlib
import threading
from collections import deque
from typing import Protocol

from bashkit import CommandContext

from lab.cluster.sim.shell.input_needs import guarded

__all__ = ["DRAIN", "POUR", "Feed", "Pump", "Source"]

#: The shell's own names of the two commands around a script that reads: one brings input, one takes back the rest.
POUR = ".pour"
DRAIN = ".drain"
#: How much a feed holds before whoever fills it has to wait, in bytes.
_MOST = 1 << 20


class Source(Protocol):
    """Where input comes from."""

    async def get(self) -> bytes:
        """Return the next bytes; none at the end."""

    def put_back(self, data: bytes) -> None:
        """Take back what was not read."""


class Feed:
    """Bytes pushed from any thread, read on the simulator's loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ready = asyncio.Event()
        self._room = threading.Event()
        self._room.set()
        self._ended = False
        self._closed = False

    def push(self, data: bytes) -> bool:
        """Add `data` (nothing: the end), once there is room; return whether anybody may still read it."""
        self._room.wait()
        if not self._closed:
            with contextlib.suppress(RuntimeError):  # the loop is gone
                self._loop.call_soon_threadsafe(self.add, data)
        return not self._closed

    def close(self) -> None:
        """Read no more: whoever pushes is let go."""
        self._closed = True
        self._room.set()

    # On the loop

    def add(self, data: bytes) -> None:
        """Add `data` (nothing: the end)."""
        if data:
            self._chunks.append(data)
            self._size += len(data)
            if self._size >= _MOST and not self._closed:
                self._room.clear()
        else:
            self._ended = True
        self._ready.set()

    async def get(self) -> bytes:
        """Return the next bytes; none at the end."""
        while not self._chunks:
            if self._ended:
                return b""
            self._ready.clear()
            await self._ready.wait()
        data = self._chunks.popleft()
        self._size -= len(data)
        if self._size < _MOST:
            self._room.set()
        return data

    def rest(self) -> bytes:
        """Return, and forget, what nobody has read."""
        data = b"".join(self._chunks)
        self._chunks.clear()
        self._size = 0
        return data

    def put_back(self, data: bytes) -> None:
        """Take back what was not read."""
        if data:
            self._chunks.appendleft(data)
            self._size += len(data)
            self._ready.set()


class Pump:
    """Brings a source to one script.

    The interpreter has no standard input of its own, but its pipes are live, and the last part of a pipeline can
    be the shell itself. So a script that reads runs as `.pour | { SCRIPT; .drain $?; }`: the first command passes
    on what comes, and the last one ends it, and gives back what nobody has read.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._done = asyncio.Event()

    @staticmethod
    def wrapped(script: str, *, subshell: bool, lead: str = "") -> str:
        """Return `script` with its input; in a subshell it may `exit`, but changes nothing in this shell."""
        # On one line with the script's first: errors tell the number of theirs.
        script = guarded(script, depth=int(subshell))
        body = f"({script}\n)" if subshell else script
        return f"shopt -s lastpipe; {POUR} | {{ {lead}{' ' * bool(lead)}{body}\n{DRAIN} $?\n}}"

    async def pour(self, context: CommandContext) -> int:
        """Pass on what comes until it ends or the script has."""
        done = asyncio.ensure_future(self._done.wait())
        getter: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        try:
            while not self._done.is_set():
                getter = asyncio.ensure_future(self._source.get())
                await asyncio.wait({getter, done}, return_when=asyncio.FIRST_COMPLETED)
                if not getter.done() or not (chunk := getter.result()):
                    break
                await context.stdout.write(chunk)
        except BrokenPipeError:
            pass
        finally:
            done.cancel()
            getter.cancel()
        return 0

    async def drain(self, context: CommandContext) -> int:
        """End the input; keep what was not read, and the exit code of the script."""
        self._done.set()
        rest = b""
        while chunk := await context.stdin.read_chunk():
            rest += chunk
        self._source.put_back(rest)
        return int(context.argv[0])
