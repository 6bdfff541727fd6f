"""Open file descriptions: files, pipes, the null device, and what the world outside reads or writes."""

import posixpath
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
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

#: How much a pipe holds.
PIPE_SIZE = 65536


class OpenFile:
    """One open file description, used by one descriptor or more; the last use that is given back closes it."""

    #: Whether it is a terminal (`test -t`), and the path that /proc/PID/fd shows.
    terminal = False
    path = ""
    #: Whether `put_back` works.
    gives_back = False

    def __init__(self) -> None:
        self._uses = 1

    def used(self) -> "OpenFile":
        """Return it, with one use more: for a copy of a descriptor."""
        self._uses += 1
        return self

    def release(self) -> None:
        """Give back one use."""
        self._uses -= 1
        if not self._uses:
            self.closed()

    def closed(self) -> None:
        """Nobody uses it any more."""

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return the next bytes, at most `size`, as soon as there are any; none at the end."""
        raise OSError(9, "Bad file descriptor")

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write all of `data`."""
        raise OSError(9, "Bad file descriptor")

    def put_back(self, data: bytes) -> None:
        """Take back what somebody read too much of; only where `gives_back`."""

    def modes(self, *, echo: bool | None = None, by_key: bool | None = None) -> AbstractContextManager[None]:
        """While the body runs, have a terminal show what is typed or not, and pass on keys or lines."""
        del echo, by_key
        return nullcontext()


class Null(OpenFile):
    """/dev/null."""

    path = "/dev/null"

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return nothing."""
        return b""

    async def write(self, process: Waiting, data: bytes) -> None:
        """Forget it."""


class Zero(Null):
    """/dev/zero."""

    path = "/dev/zero"

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return zeros."""
        await process.step(size * 1e-10)
        return bytes(size)


class RegularFile(OpenFile):
    """A file of the node, read and written at one place that moves on. Whoever opens it makes and empties it."""

    gives_back = True

    def __init__(self, files: Files, path: str, *, reads: bool, writes: bool, appends: bool) -> None:
        super().__init__()
        self.files = files
        self.path = path
        self.at = 0
        self._reads, self._writes, self._appends = reads, writes, appends

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return what follows."""
        if not self._reads:
            raise OSError(9, "Bad file descriptor")
        data = self.files.read_bytes(self.path)[self.at : self.at + size]
        self.at += len(data)
        return data

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write at the place, or at the end where it was opened for that."""
        if not self._writes:
            raise OSError(9, "Bad file descriptor")
        if self._appends:
            self.files.append(self.path, data)
            return
        before = self.files.read_bytes(self.path) if self.files.exists(self.path) else b""
        if self.at == len(before):
            self.files.append(self.path, data)
        else:
            lead = before[: self.at].ljust(self.at, b"\0")
            self.files.write(self.path, lead + data + before[self.at + len(data) :])
        self.at += len(data)

    def put_back(self, data: bytes) -> None:
        """Go back to where `data` begins."""
        self.at -= len(data)


class Pipe:
    """A pipe: what was written and not yet read, and who waits at either end."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.readers = 1
        self.writers = 1
        self.waiting_readers: list[Pause] = []
        self.waiting_writers: list[Pause] = []

    def wake_readers(self) -> None:
        """Let those who wait to read look again."""
        waiting, self.waiting_readers = self.waiting_readers, []
        for pause in waiting:
            pause.end()

    def wake_writers(self) -> None:
        """Let those who wait to write look again."""
        waiting, self.waiting_writers = self.waiting_writers, []
        for pause in waiting:
            pause.end()


class PipeReader(OpenFile):
    """The end of a pipe that is read."""

    path = "pipe:"
    gives_back = True

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return what is there; wait where nothing is and somebody may still write."""
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
        """Nobody reads any more: writers are told by SIGPIPE."""
        self._pipe.readers -= 1
        self._pipe.wake_writers()

    def put_back(self, data: bytes) -> None:
        """Put `data` before what is there."""
        self._pipe.buffer[:0] = data
        self._pipe.wake_readers()


class PipeWriter(OpenFile):
    """The end of a pipe that is written."""

    path = "pipe:"

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    async def write(self, process: Waiting, data: bytes) -> None:
        """Write all of `data`, waiting while the pipe is full; raise `BrokenPipeError` where nobody reads."""
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
        """Nobody writes any more: readers come to the end."""
        self._pipe.writers -= 1
        self._pipe.wake_readers()


def pipe() -> tuple[PipeReader, PipeWriter]:
    """Return both ends of a new pipe."""
    made = Pipe()
    return PipeReader(made), PipeWriter(made)


class StringInput(OpenFile):
    """Bytes that are all there: here-documents, the input that an outside caller gives."""

    gives_back = True

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data, self._at = data, 0

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return what follows."""
        data = self._data[self._at : self._at + size]
        self._at += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        """Go back to where `data` begins."""
        self._at -= len(data)


class Plain(OpenFile):
    """A description of another that is no terminal to who uses it: a stream of a program in a container."""

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
        """Take back what somebody read too much of."""
        self._file.put_back(data)

    def closed(self) -> None:
        """Give back the other."""
        self._file.release()


class Sink(OpenFile):
    """Output that the world outside takes."""

    def __init__(self, take: Callable[[bytes], Awaitable[None] | None]) -> None:
        super().__init__()
        self._take = take

    async def write(self, process: Waiting, data: bytes) -> None:
        """Hand it over."""
        if data and (taken := self._take(data)) is not None:
            await taken


def absolute(folder: str, path: str) -> str:
    """Return `path`, which is relative to `folder`, as an absolute one."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "/" + joined.lstrip("/")
