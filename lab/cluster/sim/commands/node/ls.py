"""ls as in coreutils: with owners, links and dates, which the library's ls lacks."""

import posixpath
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.colours import wants_colour
from lab.cluster.sim.commands.node.columns import in_columns
from lab.cluster.sim.commands.node.ls_colours import Palette
from lab.cluster.sim.machine.file_sizes import blocks_of, inode, size_of

__all__ = ["ls"]

_LONG = {"--all": "a", "--almost-all": "A", "--recursive": "R", "--reverse": "r", "--directory": "d", "--human-readable": "h"}  # fmt: skip  # noqa: E501
_KNOWN = set("alA1ChrtSRdFni")
#: How wide columns are in all where there is no terminal.
_WIDTH = 80
_NO_COLOUR = """\
ls: invalid argument ‘{0}’ for ‘--color’
Valid arguments are:
  - ‘always’, ‘yes’, ‘force’
  - ‘never’, ‘no’, ‘none’
  - ‘auto’, ‘tty’, ‘if-tty’
Try 'ls --help' for more information."""
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
    #: The colours, if there are any.
    palette: Palette | None = None

    def said(self, text: str) -> str:
        """Return output as it is written."""
        return self.palette.begun(text) if self.palette else text


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
    #: The kind and the mode of a link's target, if that exists.
    target_kind: str = ""
    target_mode: int = 0


async def ls(call: Call) -> int:
    """List folders and files."""
    letters, paths, style = "", [], ""
    palette = None
    for word in call.argv:
        if word.partition("=")[0] == "--color":
            when = word.partition("=")[2] if "=" in word else "always"
            try:
                palette = Palette(call.env.get("LS_COLORS", "")) if wants_colour(call, when) else None
            except ValueError:
                return await call.fail(_NO_COLOUR.format(when))
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
    return await _list(call, _Look(letters, style, _width(call, letters), palette), paths or ["."])


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
    await call.out(look.said(_shown(_ordered(plain, letters), look, call.now())))
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
    await call.out(look.said(_shown(_ordered(entries, letters), look, call.now())))
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
    changed = files.modified(path) if dated else 0.0
    behind = files.resolved(path) if target else ""
    aim = ("", 0)
    if behind and files.exists(behind):
        there = files.system.stat(behind)
        aim = str(there["file_type"]), int(there["mode"])
    return _Entry(name, kind, int(data["mode"]), size, changed, target, inode(path), *aim)


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
        leads = [f"{entry.number} " if lead else "" for entry in entries]
        cells = [before + _marked(entry, letters) for before, entry in zip(leads, entries, strict=True)]
        painted = None
        if look.palette:
            painted = [
                before + _marked(entry, letters, look.palette)
                for before, entry in zip(leads, entries, strict=True)
            ]
        if look.width:
            return in_columns(cells, look.width, painted)
        return "".join(f"{cell}\n" for cell in painted or cells)
    sizes = [_size(entry.size, human="h" in letters) for entry in entries]
    width = max(map(len, sizes))
    lines = []
    for entry, size in zip(entries, sizes, strict=True):
        bits = {"directory": stat.S_IFDIR, "symlink": stat.S_IFLNK}.get(entry.kind, stat.S_IFREG)
        mode = 0o777 if entry.kind == "symlink" else entry.mode
        links = 2 if entry.kind == "directory" else 1
        target = entry.target
        if look.palette and entry.target_kind:
            target = look.palette.painted(target, entry.target_kind, entry.target_mode)
        target += _mark(entry.target_kind, entry.target_mode, letters)
        arrow = f" -> {target}" if target else ""
        shown = _marked(entry, letters, look.palette)
        at = _date(entry.changed, now, look.style)
        who = "0 0" if "n" in letters else "root root"
        number = f"{entry.number} " if "i" in letters else ""
        lines.append(f"{number}{stat.filemode(bits | mode)} {links} {who} {size:>{width}} {at} {shown}{arrow}\n")
    return "".join(lines)


def _marked(entry: _Entry, letters: str, palette: Palette | None = None) -> str:
    name = palette.painted(entry.name, entry.kind, entry.mode) if palette else entry.name
    # In the long form the mark stands behind the link's target.
    link = entry.kind == "symlink" and "l" in letters
    return name if link else name + _mark(entry.kind, entry.mode, letters)


def _mark(kind: str, mode: int, letters: str) -> str:
    if "F" not in letters or not kind:
        return ""
    return {"directory": "/", "symlink": "@"}.get(kind, "*" if mode & 0o111 else "")


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
