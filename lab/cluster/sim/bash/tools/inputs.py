"""How text programs read their files: whole, by chunks or by lines as they come, with the kernel's errors."""

import errno
from collections.abc import AsyncIterator

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile

__all__ = ["by_lines", "chunks", "encode", "open_input", "reason", "whole"]

_REASONS = {
    errno.ENOENT: "No such file or directory", errno.EACCES: "Permission denied", errno.EISDIR: "Is a directory",
    errno.ENOTDIR: "Not a directory", errno.EEXIST: "File exists", errno.ENOTEMPTY: "Directory not empty",
    errno.EBADF: "Bad file descriptor", errno.ELOOP: "Too many levels of symbolic links",
    errno.EINVAL: "Invalid argument", errno.EPERM: "Operation not permitted", errno.EROFS: "Read-only file system",
    errno.ENOSPC: "No space left on device", errno.EBUSY: "Device or resource busy",
    errno.EIO: "Input/output error",
    errno.ENXIO: "No such device or address", errno.ETXTBSY: "Text file busy",
}  # fmt: skip
_CHUNK = 1 << 16


def encode(text: str) -> bytes:
    """Return the bytes of an argument, which may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def reason(error: OSError) -> str:
    """Return what the C library calls an error of the kernel, whatever system this runs on."""
    known = _REASONS.get(error.errno or 0)
    return known or error.strerror or "Input/output error"


def open_input(call: Call, name: str, *, dash: bool = True) -> OpenFile:
    """Open a file to read it, stdin for `-`; whoever asked gives it back. Raise `OSError` as a kernel does."""
    if name == "-" and dash:
        file = call.process.descriptors.get(0)
        if file is None:
            raise OSError(errno.EBADF, "Bad file descriptor")
        return file.used()
    if not name:
        raise OSError(errno.ENOENT, "No such file or directory")
    return call.open(name)


async def chunks(call: Call, file: OpenFile) -> AsyncIterator[bytes]:
    """Go through what a file gives, as it comes."""
    while data := await file.read(call.process, _CHUNK):
        yield data
        await call.step()


async def by_lines(call: Call, file: OpenFile, end: bytes = b"\n") -> AsyncIterator[list[bytes]]:
    """Go through a file's lines as they come, several at once; they keep their ends, which the last may lack."""
    rest: list[bytes] = []
    async for data in chunks(call, file):
        if end not in data:
            rest.append(data)
            continue
        whole_lines, _, tail = data.rpartition(end)
        lines = b"".join([*rest, whole_lines]).split(end)
        rest = [tail] if tail else []
        yield [line + end for line in lines]
    last = b"".join(rest)
    if last:
        yield [last]


async def whole(call: Call, name: str) -> bytes:
    """Return all of a file, of stdin for `-`."""
    file = open_input(call, name)
    try:
        return b"".join([data async for data in chunks(call, file)])
    finally:
        file.release()
