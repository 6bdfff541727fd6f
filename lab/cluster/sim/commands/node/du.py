"""du: the disk usage of files and folders."""

import posixpath
from collections.abc import Iterator

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.commands.node.human_size import human_size
from lab.cluster.sim.machine.file_sizes import blocks_of, size_of

__all__ = ["du"]


async def du(call: Call) -> int:
    """Print the disk usage of files and folders."""
    valued = {"-d": "depth", "--max-depth": "depth"}
    switches = {
        "-s": "summary",
        "--summarize": "summary",
        "-h": "human",
        "--human-readable": "human",
        "-a": "files",
        "--all": "files",
        "-c": "total",
        "--total": "total",
        "-k": "kibi",
        "-m": "mebi",
        "-b": "bytes",
        "--bytes": "bytes",
        "-x": "one",
        "-S": "apart",
    }
    try:
        flags = options(
            call,
            valued,
            switches,
            lacking=(
                "-l",
                "-L",
                "-t",
                "-B",
                "-X",
                "-0",
                "-H",
                "-D",
                "--exclude",
                "--apparent-size",
                "--inodes",
                "--time",
                "--threshold",
            ),
        )
        if flags.on("apart") or not flags.get("depth", "0").isdigit():
            raise NotSimulated(f"du {' '.join(call.argv)}")
    except Exit as end:
        return await call.fail(end.message, end.code)
    deepest = 0 if flags.on("summary") else int(flags.get("depth", "99"))
    code, total = 0, 0
    for word in flags.words or ["."]:
        if not call.files.exists(call.path(word)):
            code = await call.fail(f"du: cannot access '{word}': No such file or directory")
            continue
        found = list(_taken(call, call.path(word), word, 0, in_bytes=flags.on("bytes")))
        total += found[-1][0]
        for size, shown, depth, folder in found:
            if depth <= deepest and (folder or flags.on("files") or depth == 0):
                await call.line(f"{_du_size(flags, size)}\t{shown}")
    if flags.on("total"):
        await call.line(f"{_du_size(flags, total)}\ttotal")
    return code


def _du_size(flags: Flags, size: int) -> str:
    if flags.on("human"):
        return human_size(size)
    return str(-(-size // 1024) if flags.on("mebi") else size)


def _taken(
    call: Call, path: str, shown: str, depth: int, *, in_bytes: bool
) -> Iterator[tuple[int, str, int, bool]]:
    """Yield (size, name, depth, whether it is a folder) of everything below `path`, then of `path` itself."""
    files = call.files
    kind = files.kind(path)
    if kind != "directory":
        size = size_of(call.node, path, int(files.system.stat(path)["size"]))
        yield (size if in_bytes else 0 if kind == "symlink" else blocks_of(size)), shown, depth, False
        return
    total = 4096 if in_bytes else 4
    for name in files.names(path):
        inner = list(
            _taken(call, posixpath.join(path, name), posixpath.join(shown, name), depth + 1, in_bytes=in_bytes)
        )
        total += inner[-1][0]
        yield from inner
    yield total, shown, depth, True
