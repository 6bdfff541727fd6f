"""ls as in coreutils: with owners, links and dates, which the library's ls lacks."""

import posixpath
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.columns import in_columns
from lab.cluster.sim.machine.file_sizes import blocks_of, inode, size_of

__all__ = ["ls"]

_LONG = {"--all": "a", "--almost-all": "A", "--recursive": "R", "--reverse": "r", "--directory": "d", "--human-readable": "h"}  # fmt: skip  # noqa: E501
_KNOWN = set("alA1ChrtSRdFni")
#: How wide columns are in all where there is no terminal.
_WIDTH = 80
#: Date formats, by a letter of their own.
_STYLES = {"--time-style=long-iso": "%Y-%m-%d %H:%M", "--time-style=full-iso": "%Y-%m-%d %H:%M:%S.%f000 +0000",
           "--time-style=iso": "%m-%d %H:%M"}  # fmt: skip
_HALF_A_YEAR = 15_778_476


@dataclass(frozen=True, slots=True)
class _Look:
    """The output format: the letters of all options, the date format (empty: the default), the columns' width.

    `width` is that of all columns, in characters; 0: a line each.
    """

    letters: str
    style: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class _Entry:
    """One name with its properties. `size` in bytes, `changed` in s since the epoch."""

    name: str
    kind: str
    mode: int
    size: int
    changed: float
    target: str = ""
    number: int = 0


async def ls(call: Call) -> int:
    """List folders and files."""
    letters, paths, style = "", [], ""
    for word in call.argv:
        if word.startswith("--") and word.partition("=")[0] == "--color":
            continue
        if word in _STYLES or word == "--full-time":
            style = _STYLES.get(word, _STYLES["--time-style=full-iso"])
            letters += "l" if word == "--full-time" else ""
        elif word in _LONG:
            letters += _LONG[word]
        elif word.startswith("-") and len(word) > 1 and set(word[1:]) <= _KNOWN:
            letters += word[1:]
        elif word.startswith("-") and len(word) > 1:
            return await call.fail(f"not simulated: ls {word} (use --backend kind)", 2)
        else:
            paths.append(word)
    letters += "l" if "n" in letters else ""
    return await _list(call, _Look(letters, style, _width(call, letters)), paths or ["."])


def _width(call: Call, letters: str) -> int:
    out = call.process.descriptors.get(1)
    terminal = call.controlling if out is not None and out.terminal else None
    last = next((letter for letter in reversed(letters) if letter in "1Cl"), "C" if terminal else "1")
    return (terminal.columns if terminal else _WIDTH) if last == "C" else 0


async def _list(call: Call, look: _Look, paths: Sequence[str]) -> int:
    letters = look.letters
    code = 0
    plain: list[_Entry] = []
    dated = bool({"l", "t"} & set(letters))
    folders: list[str] = []
    for path in sorted(paths):
        where = call.path(path)
        if not call.files.exists(where):
            code = await call.fail(f"ls: cannot access '{path}': No such file or directory", 2)
        elif call.files.kind(where) == "directory" and "d" not in letters:
            folders.append(path)
        else:
            plain.append(_entry(call, where, path, dated=dated))
    await call.out(_shown(_ordered(plain, letters), look, call.now()))
    several = len(folders) + len(plain) + (code > 0) > 1 or "R" in letters
    for index, folder in enumerate(folders):
        await _folder(call, look, folder, several=several, first=not plain and index == 0)
    return code


async def _folder(call: Call, look: _Look, folder: str, *, several: bool, first: bool) -> None:
    letters = look.letters
    where = call.path(folder)
    dated = bool({"l", "t"} & set(letters))
    entries = [_entry(call, posixpath.join(where, name), name, dated=dated) for name in call.files.names(where)]
    if not set("aA") & set(letters):
        entries = [entry for entry in entries if not entry.name.startswith(".")]
    elif "a" in letters:
        above = [_entry(call, where, ".", dated=dated), _entry(call, posixpath.dirname(where), "..", dated=dated)]
        entries = [*above, *entries]
    if several:
        await call.out(("" if first else "\n") + f"{folder}:\n")
    if "l" in letters:
        await call.out(f"total {sum(blocks_of(entry.size) for entry in entries if not entry.target)}\n")
    await call.out(_shown(_ordered(entries, letters), look, call.now()))
    if "R" in letters:
        for entry in entries:
            if entry.kind == "directory" and entry.name not in {".", ".."}:
                await _folder(call, look, posixpath.join(folder, entry.name), several=True, first=False)


def _entry(call: Call, path: str, name: str, *, dated: bool) -> _Entry:
    files = call.files
    data = files.system.stat(path)
    kind = str(data["file_type"])
    target = files.system.read_link(path) if kind == "symlink" else ""
    size = 4096 if kind == "directory" else len(target) if target else size_of(call.node, path, int(data["size"]))
    return _Entry(name, kind, int(data["mode"]), size, files.modified(path) if dated else 0.0, target, inode(path))


def _ordered(entries: list[_Entry], letters: str) -> list[_Entry]:
    if "t" in letters:
        entries = sorted(entries, key=lambda entry: -entry.changed)
    elif "S" in letters:
        entries = sorted(entries, key=lambda entry: -entry.size)
    return entries[::-1] if "r" in letters else entries


def _shown(entries: Sequence[_Entry], look: _Look, now: float) -> str:
    letters = look.letters
    if not entries:
        return ""
    if "l" not in letters:
        lead = "i" in letters
        cells = [f"{f'{entry.number} ' if lead else ''}{_marked(entry, letters)}" for entry in entries]
        return in_columns(cells, look.width) if look.width else "".join(f"{cell}\n" for cell in cells)
    sizes = [_size(entry.size, human="h" in letters) for entry in entries]
    width = max(map(len, sizes))
    lines = []
    for entry, size in zip(entries, sizes, strict=True):
        bits = {"directory": stat.S_IFDIR, "symlink": stat.S_IFLNK}.get(entry.kind, stat.S_IFREG)
        mode = 0o777 if entry.kind == "symlink" else entry.mode
        links = 2 if entry.kind == "directory" else 1
        arrow = f" -> {entry.target}" if entry.target else ""
        shown = _marked(entry, letters)
        at = _date(entry.changed, now, look.style)
        who = "0 0" if "n" in letters else "root root"
        number = f"{entry.number} " if "i" in letters else ""
        lines.append(f"{number}{stat.filemode(bits | mode)} {links} {who} {size:>{width}} {at} {shown}{arrow}\n")
    return "".join(lines)


def _marked(entry: _Entry, letters: str) -> str:
    if "F" not in letters:
        return entry.name
    return entry.name + {"directory": "/", "symlink": "@"}.get(entry.kind, "*" if entry.mode & 0o111 else "")


def _size(size: int, *, human: bool) -> str:
    if not human or size < 1024:
        return str(size)
    power = min((size.bit_length() - 1) // 10, 4)
    number, unit = size / 1024**power, " KMGT"[power]
    return f"{number:.1f}{unit}" if number < 10 else f"{number:.0f}{unit}"


def _date(changed: float, now: float, style: str) -> str:
    at = datetime.fromtimestamp(changed, UTC)
    if style:
        return at.strftime(style)
    form = "%b %e %H:%M" if abs(now - changed) < _HALF_A_YEAR else "%b %e  %Y"
    return at.strftime(form)
