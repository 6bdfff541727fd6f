"""How text programs read their files: whole, by chunks, or by lines as they arrive, with the kernel's errors."""

import errno
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile

__all__ = ["by_lines", "chunks", "each_input", "open_input", "reason", "whole"]

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


def reason(error: OSError) -> str:
    """Return the C library's text for a kernel error, on any operating system."""
    known = _REASONS.get(error.errno or 0)
    return known or error.strerror or "Input/output error"


def open_input(call: Call, name: str, *, dash: bool = True) -> OpenFile:
    """Open a file for reading, stdin for `-`; the caller releases it. Raise `OSError` as a kernel does."""
    if name == "-" and dash:
        file = call.process.descriptors.get(0)
        if file is None:
            raise OSError(errno.EBADF, "Bad file descriptor")
        return file.used()
    if not name:
        raise OSError(errno.ENOENT, "No such file or directory")
    return call.open(name)


def _plainly(name: str, error: OSError) -> str:
    return f"{name}: {reason(error)}"


async def each_input(
    call: Call,
    program: str,
    names: Sequence[str],
    use: Callable[[OpenFile, str], Awaitable[None]],
    *,
    opening: Callable[[str, OSError], str] = _plainly,
    reading: Callable[[str, OSError], str] = _plainly,
) -> int:
    """Let `use` have each file with its name, or stdin if there are none. Return the exit code.

    Files that fail are reported, in the program's own words for a failed `opening` and for a failed `reading`.
    """
    code = 0
    for name in names or ["-"]:
        try:
            file = open_input(call, name)
        except OSError as error:
            code = await call.fail(f"{program}: {opening(name, error)}")
            continue
        try:
            await use(file, name)
        except BrokenPipeError:
            raise
        except OSError as error:
            code = await call.fail(f"{program}: {reading(name, error)}")
        finally:
            file.release()
    return code


async def chunks(call: Call, file: OpenFile) -> AsyncIterator[bytes]:
    """Yield the bytes of a file as they arrive."""
    while data := await file.read(call.process, _CHUNK):
        yield data
        await call.step()


async def by_lines(call: Call, file: OpenFile, end: bytes = b"\n") -> AsyncIterator[list[bytes]]:
    """Yield a file's lines as they arrive, several at once, with their ends. The last line may lack its end."""
    rest: list[bytes] = []
    held = call.process.held
    async for data in chunks(call, file):
        if end not in data:
            call.process.hold(len(data))
            rest.append(data)
            continue
        call.process.held = held
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
    found = []
    try:
        async for data in chunks(call, file):
            call.process.hold(len(data))
            found.append(data)
        return b"".join(found)
    finally:
        file.release()
