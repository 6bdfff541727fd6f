"""df: the usage of each file system."""

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.commands.node.human_size import human_size
from lab.cluster.sim.machine.mounts import Mount, mount_of, mounts

__all__ = ["df"]


async def df(call: Call) -> int:
    """Print the usage of each file system."""
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
        "-v": "no effect",
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
    """Whether the device is already listed with a shorter mount point."""
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
        cells = [human_size(number) if human else str(-(-number // unit)) for number in figures]
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
