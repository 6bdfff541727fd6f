"""findmnt: mounts as a tree, or matching mounts."""

from collections.abc import Iterator

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.machine.mounts import Mount, mount_of, mounts

__all__ = ["findmnt"]


async def findmnt(call: Call) -> int:
    """List mounts as a tree, or matching mounts."""
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
