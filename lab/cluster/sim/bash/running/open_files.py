"""Open file descriptions: files, pipes, the null device, and connections to the outside world."""

import posixpath
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import TYPE_CHECKING

from lab.cluster.sim.bash.running.waiting import Waiting
from lab.cluster.sim.machine.files import Files

if TYPE_CHECKING:
    from lab.cluster.sim.timing.counting import Pause

__all__ = [
    "Null",
    "OpenFile",
    "Pipe",
    "PipeReader",
    "PipeWriter",
    "Plain",
    "RegularFile",
    "Sink",
    "StringInput",
    "Zero",
    "pipe",
]

#: The capacity of a pipe, in bytes.
PIPE_SIZE = 65536


class OpenFile:
    """An open file description with one user or more. It closes when the last user releases it."""

    #: Whether it is a terminal (`test -t`), and its path in /proc/PID/fd.
    terminal = False
    path = ""
    #: Whether `put_back` works.
    gives_back = False

    def __init__(self) -> None:
        self._uses = 1

    def used(self) -> "OpenFile":
        """Return this description with one more use: for a copy of a descriptor."""
        self._uses += 1
        return self

    def release(self) -> None:
        """Release one use."""
        self._uses -= 1
        if not self._uses:
            self.closed()

    def closed(self) -> None:
        """Handle the release of the last use."""

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the next bytes, at most `size`, as soon as any arrive; return nothing at the end."""
        raise OSError(9, "Bad file descriptor")

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write all of `data`."""
        raise OSError(9, "Bad file descriptor")

    def put_back(self, data: bytes) -> None:
        """Put surplus bytes back; only if `gives_back` is set."""

    def modes(self, *, echo: bool | None = None, by_key: bool | None = None) -> AbstractContextManager[None]:
        """While the body runs, set whether a terminal echoes the input, and whether it passes on keys or lines."""
        del echo, by_key
        return nullcontext()


class Null(OpenFile):
    """/dev/null."""

    path = "/dev/null"

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return nothing."""
        return b""

    async def write(self, process: Waiting, data: bytes) -> None:
        """Discard `data`."""


class Zero(Null):
    """/dev/zero."""

    path = "/dev/zero"

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return zeros."""
        await process.step(size * 1e-10)
        return bytes(size)


class RegularFile(OpenFile):
    """A file of the node with a position for reading and writing. The opener creates or truncates the file."""

    gives_back = True

    def __init__(self, files: Files, path: str, *, reads: bool, writes: bool, appends: bool) -> None:
        super().__init__()
        self.files = files
        self.path = path
        self.at = 0
        self._reads, self._writes, self._appends = reads, writes, appends

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the bytes at the position."""
        if not self._reads:
            raise OSError(9, "Bad file descriptor")
        data = self.files.read_bytes(self.path)[self.at : self.at + size]
        self.at += len(data)
        return data

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write at the position, or at the end if the file was opened for appending."""
        if not self._writes:
            raise OSError(9, "Bad file descriptor")
        if self._appends:
            self.files.append(self.path, data)
            return
        if self.at == (self.files.size(self.path) if self.files.exists(self.path) else 0):
            self.files.append(self.path, data)
        else:
            before = self.files.read_bytes(self.path) if self.files.exists(self.path) else b""
            lead = before[: self.at].ljust(self.at, b"\0")
            self.files.write(self.path, lead + data + before[self.at + len(data) :])
        self.at += len(data)

    def put_back(self, data: bytes) -> None:
        """Go back to where `data` begins."""
        self.at -= len(data)


class Pipe:
    """A pipe: its unread bytes, and the processes that wait at either end."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.readers = 1
        self.writers = 1
        self.waiting_readers: list[Pause] = []
        self.waiting_writers: list[Pause] = []

    def wake_readers(self) -> None:
        """Wake the waiting readers."""
        waiting, self.waiting_readers = self.waiting_readers, []
        for pause in waiting:
            pause.end()

    def wake_writers(self) -> None:
        """Wake the waiting writers."""
        waiting, self.waiting_writers = self.waiting_writers, []
        for pause in waiting:
            pause.end()


class PipeReader(OpenFile):
    """The reading end of a pipe."""

    path = "pipe:"
    gives_back = True

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the bytes in the pipe; wait if it is empty and still has a writer."""
        pipe = self._pipe
        while not pipe.buffer:
            if not pipe.writers:
                return b""
            await process.pause(pipe.waiting_readers.append)
        data = bytes(pipe.buffer[:size])
        del pipe.buffer[:size]
        pipe.wake_writers()
        return data

    def closed(self) -> None:
        """Close the reading end: writers get SIGPIPE."""
        self._pipe.readers -= 1
        self._pipe.wake_writers()

    def put_back(self, data: bytes) -> None:
        """Put `data` in front of the unread bytes."""
        self._pipe.buffer[:0] = data
        self._pipe.wake_readers()


class PipeWriter(OpenFile):
    """The writing end of a pipe."""

    path = "pipe:"

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write all of `data`; wait while the pipe is full; raise `BrokenPipeError` if no reader is left."""
        pipe, view = self._pipe, memoryview(data)
        while view:
            if not pipe.readers:
                raise BrokenPipeError
            room = PIPE_SIZE - len(pipe.buffer)
            if room <= 0:
                await process.pause(pipe.waiting_writers.append)
                continue
            pipe.buffer += view[:room]
            view = view[room:]
            pipe.wake_readers()

    def closed(self) -> None:
        """Close the writing end: readers come to the end."""
        self._pipe.writers -= 1
        self._pipe.wake_readers()


def pipe() -> tuple[PipeReader, PipeWriter]:
    """Return both ends of a new pipe."""
    made = Pipe()
    return PipeReader(made), PipeWriter(made)


class StringInput(OpenFile):
    """Bytes that are complete from the start: here-documents, input from an outside caller."""

    gives_back = True

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data, self._at = data, 0

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the next bytes."""
        data = self._data[self._at : self._at + size]
        self._at += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        """Go back to where `data` begins."""
        self._at -= len(data)


class Plain(OpenFile):
    """Another description without its terminal: a stream of a program in a container."""

    def __init__(self, file: OpenFile) -> None:
        super().__init__()
        self._file = file.used()
        self.gives_back = file.gives_back

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the next bytes."""
        return await self._file.read(process, size)

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write all of `data`."""
        await self._file.write(process, data)

    def put_back(self, data: bytes) -> None:
        """Put surplus bytes back."""
        self._file.put_back(data)

    def closed(self) -> None:
        """Release the other description."""
        self._file.release()


class Sink(OpenFile):
    """Output for the outside world."""

    def __init__(self, take: Callable[[bytes], Awaitable[None] | None]) -> None:
        super().__init__()
        self._take = take

    async def write(self, process: Waiting, data: bytes) -> None:
        """Hand `data` over."""
        if data and (taken := self._take(data)) is not None:
            await taken


@lru_cache(maxsize=4096)
def absolute(folder: str, path: str) -> str:
    """Return `path` as an absolute path; a relative path begins at `folder`."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "/" + joined.lstrip("/")
