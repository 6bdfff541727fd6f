"""ps: the visible processes, in the requested columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.node.visible_processes import visible_processes
from lab.cluster.sim.machine.processes import MEMORY, Process

__all__ = ["ps"]

_USAGE = """
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1)."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its heading, its width (negative: left-aligned), and its value at a time."""

    head: str
    width: int
    value: Callable[[Process, float], object]


def _at(process: Process) -> datetime:
    return datetime.fromtimestamp(process.started, UTC)


def _age(process: Process, now: float) -> int:
    return max(int(now - process.started), 0)


def _used(process: Process, now: float) -> int:
    """Return the processor time that a process has used, in s."""
    return int(_age(process, now) * process.share / 100)


def _started(process: Process, now: float) -> str:
    at, today = datetime.fromtimestamp(process.started, UTC), datetime.fromtimestamp(now, UTC)
    return at.strftime("%H:%M" if at.date() == today.date() else "%b%d")


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _elapsed(seconds: int) -> str:
    days, hours = seconds // 86400, seconds // 3600 % 24
    rest = f"{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{days}-{hours:02d}:{rest}" if days else f"{hours:02d}:{rest}" if hours else rest


def _of_memory(process: Process, _now: float) -> str:
    return f"{int(1000 * process.resident / MEMORY) / 10:.1f}"


_COLUMNS = {
    "pid": _Column("PID", 7, lambda p, _: p.pid),
    "ppid": _Column("PPID", 7, lambda p, _: p.parent),
    "pgid": _Column("PGID", 7, lambda p, _: p.pid),
    "sid": _Column("SID", 7, lambda p, _: p.pid),
    "lwp": _Column("LWP", 7, lambda p, _: p.pid),
    "user": _Column("USER", -8, lambda p, _: p.user),
    "uid": _Column("UID", 5, lambda p, _: p.uid),
    "uid_name": _Column("UID", -8, lambda p, _: p.user),
    "c": _Column("C", 2, lambda p, _: int(p.share)),
    "%cpu": _Column("%CPU", 4, lambda p, _: f"{p.share:.1f}"),
    "%mem": _Column("%MEM", 4, _of_memory),
    "vsz": _Column("VSZ", 6, lambda p, _: p.virtual),
    "rss": _Column("RSS", 5, lambda p, _: p.resident),
    "sz": _Column("SZ", 5, lambda p, _: p.virtual // 4),
    "tty": _Column("TTY", -8, lambda p, _: p.tty),
    "tt": _Column("TT", -8, lambda p, _: p.tty),
    "tpgid": _Column("TPGID", 5, lambda _p, _: -1),
    "stat": _Column("STAT", -4, lambda p, _: p.state),
    "s": _Column("S", -1, lambda p, _: p.state[0]),
    "f": _Column("F", 1, lambda _p, _: 4),
    "pri": _Column("PRI", 3, lambda _p, _: 19),
    "ni": _Column("NI", 3, lambda _p, _: 0),
    "nlwp": _Column("NLWP", 4, lambda p, _: p.threads),
    "start": _Column("START", -5, _started),
    "stime": _Column("STIME", 5, _started),
    "started": _Column("STARTED", 8, lambda p, _: f"{_at(p):%H:%M:%S}"),
    "lstart": _Column("STARTED", 24, lambda p, _: f"{_at(p):%a %b %e %H:%M:%S %Y}"),
    "etime": _Column("ELAPSED", 11, lambda p, now: _elapsed(_age(p, now))),
    "etimes": _Column("ELAPSED", 7, _age),
    "time": _Column("TIME", 8, lambda p, now: _clock(_used(p, now))),
    "bsdtime": _Column("TIME", 6, lambda p, now: f"{_used(p, now) // 60}:{_used(p, now) % 60:02d}"),
    "cmd_name": _Column("CMD", -3, lambda p, _: p.name),
    "comm": _Column("COMMAND", -15, lambda p, _: p.name),
    "command": _Column("COMMAND", -27, lambda p, _: p.args),
    "cmd": _Column("CMD", -27, lambda p, _: p.args),
}  # fmt: skip
_ALIASES = {"args": "command", "ucmd": "comm", "pcpu": "%cpu", "pmem": "%mem", "vsize": "vsz", "rssize": "rss",
            "uname": "user", "euser": "user", "ruser": "user", "euid": "uid", "nice": "ni", "tid": "lwp",
            "thcount": "nlwp", "state": "s", "bsdstart": "start", "cputime": "time", "tname": "tty", "sess": "sid",
            "pgrp": "pgid", "size": "vsz", "rsz": "rss"}  # fmt: skip
_SHORT = ("pid", "tty", "time", "cmd_name")
_FULL = ("uid_name", "pid", "ppid", "c", "stime", "tty", "time", "cmd")
_LONG = ("f", "s", "uid", "pid", "ppid", "c", "pri", "ni", "sz", "tty", "time", "cmd_name")
_BSD = ("pid", "tty", "stat", "bsdtime", "command")
_BSD_USER = ("user", "pid", "%cpu", "%mem", "vsz", "rss", "tty", "stat", "start", "bsdtime", "command")
_BSD_JOBS = ("ppid", "pid", "pgid", "sid", "tty", "tpgid", "stat", "uid", "bsdtime", "command")


@dataclass(slots=True)
class _Wish:
    """The requested processes, columns and order."""

    every: bool = False
    columns: tuple[str, ...] = _SHORT
    heads: dict[int, str] = field(default_factory=dict)
    chosen: list[Callable[[Process], bool]] = field(default_factory=list)
    sort: str = ""
    heading: bool = True
    tree: bool = False
    listed: bool = False


async def ps(call: Call) -> int:
    """List processes."""
    try:
        wish = _wish(call.argv)
        rows = _rows(call, wish)
    except Exit as end:
        return await call.fail(end.message, end.code)
    lines = _table(wish, rows, call.now())
    await call.out("".join(f"{line}\n" for line in lines))
    return 0 if rows else 1


def _rows(call: Call, wish: _Wish) -> list[Process]:
    found = visible_processes(call)
    if not wish.every and not wish.chosen:
        tty = call.process.tty
        if call.place.sandbox is None:
            found = [process for process in found if process.tty == tty and process.user == "root"]
    if wish.chosen:
        found = [process for process in found if any(fits(process) for fits in wish.chosen)]
    for key in reversed(wish.sort.split(",") if wish.sort else []):
        column = _column(key.lstrip("+-"))
        found.sort(key=lambda p: _sortable(_COLUMNS[column].value(p, call.now())), reverse=key.startswith("-"))
    return _as_tree(found) if wish.tree else found


def _sortable(value: object) -> tuple[float, str]:
    try:
        return float(str(value)), ""
    except ValueError:
        return 0.0, str(value)


def _as_tree(found: Sequence[Process]) -> list[Process]:
    """Sort each process behind its parent."""
    numbers = {process.pid for process in found}
    ordered: list[Process] = []

    def add(parent: Process) -> None:
        ordered.append(parent)
        for process in found:
            if process.parent == parent.pid:
                add(process)

    for process in sorted(found, key=lambda process: process.pid == 1):
        if process.parent not in numbers:
            add(process)
    return ordered


def _depth(process: Process, rows: Sequence[Process]) -> int:
    by_number = {one.pid: one for one in rows}
    depth = 0
    while process.parent > 1 and process.parent in by_number:
        process, depth = by_number[process.parent], depth + 1
    return depth


def _table(wish: _Wish, rows: Sequence[Process], now: float) -> list[str]:
    heads = [wish.heads.get(index, _COLUMNS[name].head) for index, name in enumerate(wish.columns)]
    lines = [heads] if wish.heading and any(heads) else []
    for process in rows:
        cells = [str(_COLUMNS[name].value(process, now)) for name in wish.columns]
        if wish.tree and _depth(process, rows):
            cells[-1] = "    " * (_depth(process, rows) - 1) + " \\_ " + cells[-1]
        lines.append(cells)
    return [_line(wish.columns, cells) for cells in lines]


def _line(columns: Sequence[str], cells: Sequence[str]) -> str:
    parts = []
    for name, cell in zip(columns, cells, strict=True):
        width = _COLUMNS[name].width
        parts.append(f"{cell:>{width}}" if width > 0 else f"{cell:<{-width}}")
    if _COLUMNS[columns[-1]].width < 0:
        parts[-1] = cells[-1]
    return " ".join(parts)


def _column(name: str) -> str:
    name = _ALIASES.get(name, name)
    if name not in _COLUMNS:
        raise Exit(1, f'error: unknown user-defined format specifier "{name}"\n{_USAGE}')
    return "started" if name == "start" else name


def _wish(argv: Sequence[str]) -> _Wish:
    wish = _Wish()
    words = list(argv)
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            _long_option(wish, word[2:], words)
        elif word.startswith("-") and word[1:] and not word[1:].isdigit():
            _options(wish, word[1:], words)
        elif word.lstrip("-").isdigit():
            wish.chosen.append(_by_number(word.lstrip("-")))
        else:
            _bsd(wish, word, words)
    return wish


def _options(wish: _Wish, letters: str, words: list[str]) -> None:
    """Parse a word of one-letter options; `aux` means the same with a dash."""
    if letters.startswith("aux"):
        _bsd(wish, letters, words)
        return
    for index, letter in enumerate(letters):
        if letter in "oOpCuUtgGs":
            value = letters[index + 1 :] or (words.pop(0) if words else "")
            if not value:
                raise Exit(1, f"error: {_NO_VALUE.get(letter, 'list of process IDs must follow -p')}\n{_USAGE}")
            _valued(wish, letter, value)
            return
        _switch(wish, letter)


def _switch(wish: _Wish, letter: str) -> None:
    if letter in "eAadx":
        wish.every = True
    elif letter in "fl":
        wish.columns = _FULL if letter == "f" else _LONG
    elif letter == "H":
        wish.tree = True
    elif letter in "jyFLTmMZcNV":
        raise NotSimulated(f"ps -{letter}")
    elif letter != "w":
        raise Exit(1, f"error: unsupported SysV option\n{_USAGE}")


_NO_VALUE = {"o": "format specification must follow -o", "C": "list of command names must follow -C",
             "u": "list of users must follow -u"}  # fmt: skip


def _valued(wish: _Wish, letter: str, value: str) -> None:
    if letter == "o":
        _format(wish, value)
    elif letter == "p":
        wish.chosen += [_by_number(one) for one in value.replace(",", " ").split()]
    elif letter == "C":
        names = {name[:15] for name in value.replace(",", " ").split()}
        wish.chosen.append(lambda process: process.name in names)
    elif letter in "uU":
        users = set(value.replace(",", " ").split())
        wish.chosen.append(lambda process: process.user in users or str(process.uid) in users)
    else:
        raise NotSimulated(f"ps -{letter}")


def _by_number(text: str) -> Callable[[Process], bool]:
    if not text.isdigit():
        raise Exit(1, f"error: process ID list syntax error\n{_USAGE}")
    return lambda process: process.pid == int(text)


def _format(wish: _Wish, text: str) -> None:
    """Parse a list of columns; `name=heading` ends it."""
    if not wish.listed:
        wish.columns, wish.heads, wish.listed = (), {}, True
    while text:
        name, equals, rest = text.partition("=")
        *before, last = name.replace(",", " ").split() or [""]
        for one in (*before, last):
            wish.columns = (*wish.columns, _column(one))
        if equals:
            heading, _, rest = rest.partition(",") if "=" in rest else (rest, "", "")
            wish.heads[len(wish.columns) - 1] = heading
            text = rest
        else:
            text = ""


def _bsd(wish: _Wish, letters: str, words: list[str]) -> None:
    """Parse the options that need no dash."""
    if not wish.listed:
        wish.columns = _BSD
    for index, letter in enumerate(letters):
        if letter in "op":
            value = letters[index + 1 :] or (words.pop(0) if words else "")
            _valued(wish, letter, value)
            return
        _bsd_switch(wish, letter, letters)


def _bsd_switch(wish: _Wish, letter: str, letters: str) -> None:
    if letter in "ax":
        wish.every = wish.every or "x" in letters
    elif letter in "uj":
        wish.columns = _BSD_USER if letter == "u" else _BSD_JOBS
    elif letter == "f":
        wish.tree = True
    elif letter == "h":
        wish.heading = False
    elif letter in "lvsXTrHmnNkStUGgLVcZ":
        raise NotSimulated(f"ps {letters}")
    elif letter not in "we":
        raise Exit(1, f"error: unsupported option (BSD syntax)\n{_USAGE}")


def _long_option(wish: _Wish, word: str, words: list[str]) -> None:
    name, equals, value = word.partition("=")
    if name in {"sort", "format", "pid", "user", "ppid"} and not equals:
        value = words.pop(0) if words else ""
    if name == "sort":
        wish.sort = value
    elif name in {"no-headers", "no-heading", "noheaders", "noheading"}:
        wish.heading = False
    elif name == "forest":
        wish.tree = True
    elif name == "format":
        _format(wish, value)
    elif name in {"pid", "user"}:
        _valued(wish, name[0], value)
    elif name == "ppid":
        numbers = {int(one) for one in value.split(",") if one.isdigit()}
        wish.chosen.append(lambda process: process.parent in numbers)
    elif name in {"help", "version", "info", "deselect", "headers", "cols", "columns", "width", "rows", "lines"}:
        raise NotSimulated(f"ps --{name}")
    else:
        raise Exit(1, f"error: unknown gnu long option\n{_USAGE}")
