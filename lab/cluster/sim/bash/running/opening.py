"""Opening files by their paths: files of the node, and the devices that a shell uses."""

import errno
import hashlib
import os
import posixpath
import re
from random import Random

from lab.cluster.sim.bash.running.open_files import Null, OpenFile, RegularFile, Zero
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.waiting import Waiting
from lab.cluster.sim.machine.proc import renew

__all__ = ["error", "open_file"]

_LIVE = re.compile(r"/proc/(?!sys(?:/|$)|version$)")
_DESCRIPTOR = re.compile(r"(?:/dev/fd|/proc/self/fd)/(\d+)")
_STREAMS = {"/dev/stdin": 0, "/dev/stdout": 1, "/dev/stderr": 2}


class _Random(OpenFile):
    """/dev/urandom: bytes from the world's generator."""

    path = "/dev/urandom"

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance

    async def read(self, process: Waiting, size: int) -> bytes:
        """Return as many bytes as requested."""
        await process.step(size * 1e-9)
        seed = self._chance.getrandbits(64).to_bytes(8, "big")
        return hashlib.shake_128(seed).digest(size)

    async def write(self, process: Waiting, data: bytes) -> None:
        """Ignore `data`."""


class _Full(Zero):
    """/dev/full."""

    path = "/dev/full"

    async def write(self, process: Waiting, data: bytes) -> None:
        """Fail: there is no room."""
        raise error(errno.ENOSPC)


_DEVICES: dict[str, type[OpenFile]] = {"/dev/null": Null, "/dev/zero": Zero, "/dev/full": _Full}


def error(number: int, path: str | None = None) -> OSError:
    """Return the exception of a failed system call, with the kernel's text."""
    made = OSError(number, os.strerror(number))
    made.filename = path
    return made


def open_file(process: Process, path: str, mode: str, *, noclobber: bool = False) -> OpenFile:
    """Open an absolute path: `r`, `w` (truncated), `a`, `r+`; raise `OSError` as a kernel does."""
    if (device := _DEVICES.get(path)) is not None:
        return device()
    if path in {"/dev/urandom", "/dev/random"}:
        return _Random(process.place.chance)
    number = _STREAMS.get(path)
    if number is None and (found := _DESCRIPTOR.fullmatch(path)):
        number = int(found[1])
    if number is not None:
        if number not in process.descriptors:
            raise error(errno.ENOENT, path)
        return process.descriptors[number].used()
    if path == "/dev/tty" or path.startswith("/dev/pts/"):
        return _terminal(process, path)
    return _regular(process, path, mode, noclobber=noclobber)


def _terminal(process: Process, path: str) -> OpenFile:
    terminal = process.session.terminal if process.session is not None else None
    if terminal is None:
        raise error(errno.ENXIO if path == "/dev/tty" else errno.ENOENT, path)
    return terminal.opened()


def _regular(process: Process, path: str, mode: str, *, noclobber: bool) -> OpenFile:
    files = process.place.files
    if process.place.sandbox is None and _LIVE.match(path):
        renew(process.place.node)
    real = files.resolved(path)
    exists = files.exists(real)
    if exists and not files.is_file(real):
        if mode != "r":
            raise error(errno.EISDIR, path)
        raise error(errno.EISDIR, path)
    if not exists:
        parent = posixpath.dirname(real)
        if mode == "r" or not files.exists(parent):
            raise error(errno.ENOENT, path)
        if files.is_file(parent):
            raise error(errno.ENOTDIR, path)
        files.write(real, b"", 0o666 & ~process.umask)
    elif mode == "w":
        if noclobber:
            raise error(errno.EEXIST, path)
        files.write(real, b"")
    return RegularFile(files, real, reads=mode in {"r", "r+"}, writes=mode != "r", appends=mode == "a")
