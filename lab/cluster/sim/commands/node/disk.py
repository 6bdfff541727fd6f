"""mount, findmnt, mountpoint, df, du: what is mounted, and how much of it is taken."""

import posixpath
from collections.abc import Iterator

from lab.cluster.sim.commands.golang.flags import Flags
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.machine.file_sizes import blocks_of, size_of
from lab.cluster.sim.machine.mounts import Mount, mount_of, mounts
from lab.cluster.sim.shell.call import Call, Exit, NotSimulated

__all__ = ["df", "du", "findmnt", "mount", "mountpoint"]


async def mount(call: Call) -> int:
    """List what is mounted; nothing can be mounted."""
    try:
        flags = options(
            call,
            {"-t": "type", "--types": "type", "-o": "options"},
            {"-l": "labels", "-v": "verbose"},
            lacking=("-a", "-r", "-w", "-n", "-f", "-B", "-R", "-M", "--bind", "--make-shared"),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    if flags.words or flags.given("options"):
        return await call.fail(NotSimulated(f"mount {' '.join(call.argv)}").message)
    kinds = set(flags.get("type").split(",")) - {""}
    for one in mounts(call.node):
        if not kinds or one.kind in kinds:
            await call.line(f"{one.source} on {one.target} type {one.kind} ({one.options})")
    return 0


async def mountpoint(call: Call) -> int:
    """Tell whether something is mounted at a folder."""
    words = [word for word in call.argv if word not in {"-q", "--quiet"}]
    quiet = len(words) < len(call.argv)
    if len(words) != 1 or words[0].startswith("-"):
        return await call.fail(NotSimulated(f"mountpoint {' '.join(call.argv)}").message)
    path = call.path(words[0])
    there = any(one.target == path for one in mounts(call.node))
    if not there and not call.files.exists(path):
        return await call.fail("" if quiet else f"mountpoint: {words[0]}: No such file or directory")
    if not quiet:
        await call.line(f"{words[0]} is {'' if there else 'not '}a mountpoint")
    return 0 if there else 32


async def findmnt(call: Call) -> int:
    """List mounts as a tree, or those that fit."""
    valued = {
        "-t": "type",
        "--types": "type",
        "-o": "columns",
        "--output": "columns",
        "-T": "target",
        "--target": "target",
        "-S": "source",
        "--source": "source",
        "-M": "mountpoint",
    }
    switches = {"-l": "list", "--list": "list", "-n": "bare", "--noheadings": "bare", "-r": "raw", "--raw": "raw"}
    try:
        flags = options(
            call, valued, switches, lacking=("-J", "-D", "-A", "-a", "-s", "-m", "-k", "-p", "--json", "--df")
        )
        names = (flags.get("columns") or "TARGET,SOURCE,FSTYPE,OPTIONS").upper().split(",")
        if not set(names) <= _FOUND.keys():
            raise NotSimulated(f"findmnt -o {flags.get('columns')}")
    except Exit as end:
        return await call.fail(end.message, end.code)
    chosen = _chosen(call, flags)
    if chosen == []:
        return 1
    tree = chosen is None and not flags.on("list") and not flags.on("raw")
    every = mounts(call.node) if chosen is None else chosen
    lines = list(_tree(every)) if tree else [("", one) for one in every]
    rows = [[(lead if name == "TARGET" else "") + _FOUND[name](one) for name in names] for lead, one in lines]
    heads = [] if flags.on("bare") else [names]
    await call.out(
        _columns([*heads, *rows]) if not flags.on("raw") else "".join(f"{' '.join(r)}\n" for r in [*heads, *rows])
    )
    return 0


_FOUND = {
    "TARGET": lambda one: one.target,
    "SOURCE": lambda one: one.source,
    "FSTYPE": lambda one: one.kind,
    "OPTIONS": lambda one: one.options,
}


def _chosen(call: Call, flags: Flags) -> list[Mount] | None:
    every = mounts(call.node)
    if flags.given("target"):
        path = call.path(flags.get("target"))
        return [mount_of(call.node, path)] if call.files.exists(path) else []
    if flags.words or flags.given("mountpoint"):
        word = flags.get("mountpoint") or flags.words[0]
        return [one for one in every if word in {one.target, one.source}]
    if flags.given("type") or flags.given("source"):
        kinds = flags.get("type").split(",")
        return [one for one in every if one.kind in kinds or one.source == flags.get("source")]
    return None


def _tree(every: list[Mount]) -> Iterator[tuple[str, Mount]]:
    parents = {
        one.target: max(
            (other for other in every if other is not one and _within(one, other)),
            key=lambda other: len(other.target),
            default=None,
        )
        for one in every
    }

    def below(parent: Mount | None, lead: str) -> Iterator[tuple[str, Mount]]:
        children = [one for one in every if parents[one.target] is parent]
        for index, child in enumerate(children):
            last = index == len(children) - 1
            yield lead + ("" if parent is None else "`-" if last else "|-"), child
            yield from below(child, lead + ("" if parent is None else "  " if last else "| "))

    yield from below(None, "")


def _within(one: Mount, other: Mount) -> bool:
    return one.target.startswith(other.target.rstrip("/") + "/")


def _columns(rows: list[list[str]]) -> str:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))] if rows else []
    return "".join(
        " ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in rows
    )


async def df(call: Call) -> int:
    """Tell how much of each file system is taken."""
    valued = {"-t": "type", "--type": "type", "-x": "except", "--exclude-type": "except", "-B": "block"}
    switches = {
        "-h": "human",
        "--human-readable": "human",
        "-T": "kinds",
        "--print-type": "kinds",
        "-k": "kibi",
        "-m": "mebi",
        "-i": "inodes",
        "--inodes": "inodes",
        "-a": "every",
        "--all": "every",
        "-l": "local",
        "--total": "total",
        "-P": "posix",
        "--portability": "posix",
    }
    try:
        flags = options(call, valued, switches, lacking=("-H", "--si", "--output", "--sync"))
        if flags.given("block") or flags.on("inodes") or flags.on("every"):
            raise NotSimulated(f"df {' '.join(call.argv)}")
    except Exit as end:
        return await call.fail(end.message, end.code)
    code, rows = 0, []
    for word in flags.words:
        if call.files.exists(call.path(word)):
            rows.append(mount_of(call.node, call.path(word)))
        else:
            code = await call.fail(f"df: {word}: No such file or directory")
    rows = rows if flags.words else [one for one in mounts(call.node) if one.size and not _again(one)]
    if flags.given("type"):
        rows = [one for one in rows if one.kind in flags.all("type")]
    rows = [one for one in rows if one.kind not in flags.all("except")]
    if rows:
        await call.out(_df_table(flags, rows))
    elif not code:
        return await call.fail("df: no file systems processed")
    return code


def _again(one: Mount) -> bool:
    """Whether it is a device that is listed already, at a folder that is higher up."""
    return one.kind == "ext4" and one.target != "/var"


def _df_table(flags: Flags, rows: list[Mount]) -> str:
    human = flags.on("human")
    unit = 1024 if flags.on("mebi") else 1
    size = (
        "Size"
        if human
        else "1M-blocks"
        if flags.on("mebi")
        else "1024-blocks"
        if flags.on("posix")
        else "1K-blocks"
    )
    heads = [size, "Used", "Avail" if human else "Available", "Capacity" if flags.on("posix") else "Use%"]
    table = [["Filesystem", *(["Type"] if flags.on("kinds") else []), *heads, "Mounted on"]]
    if flags.on("total"):
        whole = Mount("total", "-", "-", "", sum(one.size for one in rows), sum(one.used for one in rows))
        rows = [*rows, whole]
    for one in rows:
        share = -(-one.used * 100 // one.size) if one.size else 0
        figures = [one.size, one.used, one.size - one.used]
        cells = [_human(number) if human else str(-(-number // unit)) for number in figures]
        table.append([one.source, *([one.kind] if flags.on("kinds") else []), *cells, f"{share}%", one.target])
    left = 2 if flags.on("kinds") else 1
    widths = [max(len(row[index]) for row in table) for index in range(len(table[0]))]
    widths = [max(width, 14 if i == 0 else 5 if left <= i < left + 3 else 0) for i, width in enumerate(widths)]
    lines = []
    for row in table:
        cells = [
            f"{c:<{w}}" if i < left else f"{c:>{w}}" for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(" ".join([*cells[:-1], row[-1]]))
    return "\n".join(lines) + "\n"


def _human(kibibytes: float) -> str:
    """Return a size as df and du round it: up."""
    if not kibibytes:
        return "0"
    number = float(kibibytes)
    for unit in "KMGT":
        if number < 10 and unit != "K" and number * 10 % 1:
            return f"{-(-number * 10 // 1) / 10:.1f}{unit}"
        if number < 1024:
            return f"{number:.1f}{unit}" if number < 10 and unit != "K" else f"{-(-number // 1):.0f}{unit}"
        number /= 1024
    return f"{number:.0f}P"


async def du(call: Call) -> int:
    """Tell how much of the disk files and folders take."""
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
        return _human(size)
    return str(-(-size // 1024) if flags.on("mebi") else size)


def _taken(
    call: Call, path: str, shown: str, depth: int, *, in_bytes: bool
) -> Iterator[tuple[int, str, int, bool]]:
    """Give (size, name, depth, whether it is a folder) of all below `path`, and of itself at last."""
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
