"""`tail -f` and `tail -F` after the end of each file is printed."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile
from lab.cluster.sim.bash.tools.inputs import open_input

__all__ = ["Followed", "follow"]

#: How often a file is checked, in s of the cluster's time.
_INTERVAL = 0.1


@dataclass(slots=True)
class Followed:
    """A followed file; `file` is None while it does not exist."""

    name: str
    file: OpenFile | None
    #: The file's size at the last check, in bytes, and its path.
    size: int = 0
    gone: bool = False


async def follow(
    call: Call, files: Sequence[Followed], *, by_name: bool, retries: bool, titles: bool, pids: Sequence[int]
) -> int:
    """Print the additions to files until this process, or one of `pids`, ends."""
    last = files[-1]
    for each in files:
        each.size = _size(call, each)
    while True:
        for each in files:
            data = await _more(call, each, by_name=by_name, retries=retries)
            if not data:
                continue
            if titles and each is not last:
                await call.out(f"\n==> {each.name} <==\n")
            last = each
            await call.out(data)
        if by_name and not retries and all(each.file is None for each in files):
            return await call.fail("tail: no files remaining")
        if pids and all(call.place.table.get(pid) is None for pid in pids):
            return 0
        await call.sleep(_INTERVAL)


def _size(call: Call, followed: Followed) -> int:
    path = call.files.resolved(call.path(followed.name)) if followed.file is None else followed.file.path
    return int(call.files.system.stat(path)["size"]) if call.files.is_file(path) else -1


async def _more(call: Call, followed: Followed, *, by_name: bool, retries: bool) -> bytes:
    """Return the additions to a file since the last check."""
    size = _size(call, followed)
    if size < 0:
        if by_name and followed.file is not None:
            followed.file.release()
            followed.file = None
            await call.err(f"tail: '{followed.name}' has become inaccessible: No such file or directory\n")
            followed.gone = True
        return b""
    if followed.file is None:
        if not retries:
            return b""
        followed.file = open_input(call, followed.name)
        await call.err(f"tail: '{followed.name}' has appeared;  following new file\n")
    elif size < followed.size:
        await call.err(f"tail: {followed.name}: file truncated\n")
        followed.file.release()
        followed.file = open_input(call, followed.name)
    elif size == followed.size:
        return b""
    followed.size = size
    found = b""
    while data := await followed.file.read(call.process, 1 << 16):
        found += data
    return found
