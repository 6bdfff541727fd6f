"""Read a whole file; or a line from a descriptor, and no more than the line: the rest is for the next reader."""

from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.running.process import Process

__all__ = ["read_all", "read_line"]

_CHUNK = 4096
_WHOLE = 1 << 16


async def read_all(process: Process, file: OpenFile) -> bytes:
    """Return all bytes of a file up to its end; they are in the memory of `process`."""
    found = bytearray()
    while data := await file.read(process, _WHOLE):
        process.hold(len(data))
        found += data
    return bytes(found)


async def read_line(process: Process, descriptor: int = 0) -> bytes | None:
    """Return the next line with its newline. The last line may lack the newline; return nothing at the end."""
    line = bytearray()
    with process.holding():
        return await _read(process, descriptor, line)


async def _read(process: Process, descriptor: int, line: bytearray) -> bytes | None:
    while True:
        file = process.descriptors.get(descriptor)
        if file is None:
            return bytes(line) or None
        data = await file.read(process, _CHUNK if file.gives_back else 1)
        if not data:
            return bytes(line) or None
        end = data.find(b"\n")
        if end >= 0:
            line += data[: end + 1]
            if data[end + 1 :]:
                file.put_back(data[end + 1 :])
            return bytes(line)
        process.hold(len(data))
        line += data
