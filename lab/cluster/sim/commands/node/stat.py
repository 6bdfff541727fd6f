"""stat: the properties of a file, in the requested format."""

import re
import stat as modes
from dataclasses import dataclass
from datetime import UTC, datetime

from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.node.gnu_options import options
from lab.cluster.sim.machine.file_sizes import blocks_of, inode, size_of

__all__ = ["stat"]

_PLAIN = (
    "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: 254,1\tInode: %-10i  Links: %h\n"
    "Access: (%04a/%10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: %w\n"
)
_TERSE = "%n %s %b %f %u %g %D %i %h 0 0 %X %Y %Z %W %o\n"
_BITS = {"directory": modes.S_IFDIR, "symlink": modes.S_IFLNK, "fifo": modes.S_IFIFO}
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"'}


@dataclass(frozen=True, slots=True)
class _File:
    shown: str
    kind: str
    mode: int
    size: int
    changed: float
    target: str
    number: int


async def stat(call: Call) -> int:
    """Print the properties of files."""
    try:
        flags = options(
            call,
            {"-c": "format", "--format": "format", "--printf": "printf"},
            {"-L": "follow", "--dereference": "follow", "-t": "terse", "--terse": "terse"},
            lacking=("-f", "--file-system", "--cached"),
        )
    except Exit as end:
        return await call.fail(end.message, end.code)
    if not flags.words:
        return await call.fail("stat: missing operand\nTry 'stat --help' for more information.")
    form = flags.get("format") + "\n" if flags.given("format") else _TERSE if flags.on("terse") else _PLAIN
    if flags.given("printf"):
        form = re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), flags.get("printf"))
    code = 0
    for word in flags.words:
        try:
            file = _look(call, word, follow=flags.on("follow"))
            await call.out(_filled(form, file))
        except FileNotFoundError:
            code = await call.fail(f"stat: cannot statx '{word}': No such file or directory")
        except Exit as end:
            return await call.fail(end.message, end.code)
    return code


def _look(call: Call, word: str, *, follow: bool) -> _File:
    path, files = call.path(word), call.files
    if not files.exists(path):
        raise FileNotFoundError(path)
    kind, target = files.kind(path), ""
    found = files.system.stat(path)
    if kind == "symlink":
        target = files.system.read_link(path)
    if kind == "symlink" and follow:
        size, kind, target = len(files.read_bytes(path)), "file", ""
    else:
        size = (
            len(target)
            if target
            else 4096
            if kind == "directory"
            else size_of(call.node, path, int(found["size"]))
        )
    mode = 0o777 if target else int(found["mode"])
    return _File(word, kind, mode, size, call.files.modified(call.path(word)), target, inode(path))


def _time(at: float) -> str:
    whole = datetime.fromtimestamp(at, UTC)
    return f"{whole:%Y-%m-%d %H:%M:%S}.{whole.microsecond * 1000:09d} +0000"


def _filled(form: str, file: _File) -> str:
    return re.sub(r"%([-0#+ ]*\d*)(?:\.\d+)?(\w|%)", lambda found: _field(found, file), form)


def _field(found: "re.Match[str]", file: _File) -> str:
    how, letter = found[1], found[2]
    bits = _BITS.get(file.kind, modes.S_IFREG) | file.mode
    names = {"directory": "directory", "symlink": "symbolic link", "fifo": "fifo"}
    regular = "regular file" if file.size else "regular empty file"
    quoted = f"'{file.shown}' -> '{file.target}'" if file.target else f"'{file.shown}'"
    shown = f"{file.shown} -> {file.target}" if file.target else file.shown
    values: dict[str, object] = {
        "%": "%", "n": file.shown, "N": shown if how == "" and found.string is _PLAIN else quoted, "s": file.size,
        "b": 0 if file.target else blocks_of(file.size) * 2, "B": 512, "o": 4096, "a": f"{file.mode:o}",
        "A": modes.filemode(bits), "f": f"{bits:x}", "F": names.get(file.kind, regular), "u": 0, "U": "root",
        "g": 0, "G": "root", "h": 2 if file.kind == "directory" else 1, "i": file.number, "d": 65025, "D": "fe01",
        "t": 0, "T": 0, "m": "/",
        **dict.fromkeys("xyzw", _time(file.changed)), **dict.fromkeys("XYZW", int(file.changed)),
    }  # fmt: skip
    if letter not in values:
        raise NotSimulated(f"stat %{letter}")
    value = str(values[letter])
    width = int(re.sub(r"^\D*0?", "", how) or 0)
    return value.ljust(width) if "-" in how else value.rjust(width, "0" if how.lstrip("-#+ ")[:1] == "0" else " ")
