"""The tests of find: name, kind, size, age and mode; and the output of `-printf`."""

import posixpath
import re
import stat
from datetime import UTC, datetime

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.places import mode_of, modified
from lab.cluster.sim.machine.file_sizes import inode

__all__ = ["Found", "printed"]

_KINDS = {"file": "f", "directory": "d", "symlink": "l", "fifo": "p"}
_FORMAT = re.compile(r"%([-+0# ]*\d*(?:\.\d+)?)([ACT].|[A-Za-z%])|\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "r": "\r", "v": "\v", "\\": "\\"}


class Found:
    """One file that find has reached."""

    def __init__(self, call: Call, shown: str, path: str, depth: int, start: str) -> None:
        self.call = call
        self.shown = shown
        self.path = path
        self.depth = depth
        self.start = start
        #: Whether links are followed (`-L`).
        self.follow = False

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return posixpath.basename(self.shown.rstrip("/")) or self.shown[:1]

    @property
    def real(self) -> str:
        """The path that the tests examine."""
        if self.follow:
            followed = self.call.files.resolved(self.path)
            return followed if self.call.files.exists(followed) else self.path
        return self.path

    @property
    def kind(self) -> str:
        """The letter of the file's kind: `f`, `d`, `l`."""
        path = self.real
        if path.startswith("/dev/") and self.call.files.kind(path) == "file":
            return "c"
        return _KINDS.get(self.call.files.kind(path), "f")

    @property
    def size(self) -> int:
        """Its size in bytes."""
        if self.kind == "d":
            return 4096
        if self.kind == "l":
            return len(self.call.files.system.read_link(self.path))
        return int(self.call.files.system.stat(self.real)["size"])

    @property
    def mode(self) -> int:
        """Its permission bits."""
        return 0o777 if self.kind == "l" else mode_of(self.call, self.real)

    @property
    def changed(self) -> float:
        """The time of the last change."""
        return modified(self.call, self.real)

    @property
    def empty(self) -> bool:
        """Whether it is an empty file or an empty folder."""
        if self.kind == "d":
            return not self.call.files.names(self.real)
        return self.kind == "f" and self.size == 0


def printed(form: str, found: Found) -> tuple[bytes, bool]:
    r"""Return the output of `-printf` for a file, and whether `\c` ended it."""
    out: list[str] = []
    at = 0
    for match in _FORMAT.finditer(form):
        out.append(form[at : match.start()])
        at = match.end()
        if match[3] is not None:
            if match[3] == "c":
                return encode("".join(out)), True
            digit = match[3][:1].isdigit()
            out.append(chr(int(match[3], 8)) if digit else _ESCAPES.get(match[3], f"\\{match[3]}"))
        else:
            out.append(_shown(match[1], _value(match[2], found)))
    out.append(form[at:])
    return encode("".join(out)), False


def _shown(how: str, value: str) -> str:
    if not how:
        return value
    width = int(re.sub(r"\D.*", "", how.lstrip("-+0# ")) or 0)
    if "-" in how:
        return value.ljust(width)
    return value.rjust(width, "0" if how.lstrip("-+# ").startswith("0") else " ")


def _value(letter: str, found: Found) -> str:
    """Return the value of a directive of `-printf`."""
    if letter[0] in "ACT" and len(letter) == 2:
        return _time(found.changed, letter[1])
    bits = {"d": stat.S_IFDIR, "l": stat.S_IFLNK}.get(found.kind, stat.S_IFREG) | found.mode
    link = found.call.files.system.read_link(found.path) if found.kind == "l" else ""
    folder = posixpath.dirname(found.shown.rstrip("/")) or "."
    blocks = 0 if found.kind == "l" else 8 * ((found.size + 4095) // 4096)
    values = {
        "%": "%",
        "f": found.name,
        "p": found.shown,
        "h": folder,
        "P": found.shown[len(found.start) :].lstrip("/"),
        "H": found.start,
        "d": str(found.depth),
        "s": str(found.size),
        "k": str(blocks // 2),
        "b": str(blocks),
        "m": f"{found.mode:o}",
        "M": stat.filemode(bits),
        "y": found.kind,
        "Y": found.kind,
        "u": "root",
        "U": "0",
        "g": "root",
        "G": "0",
        "i": str(inode(found.path)),
        "n": "1",
        "l": link,
        "F": "ext4",
        "D": "65025",
        **dict.fromkeys("act", _stamp(found.changed)),
    }
    return values.get(letter, f"%{letter}")


def _stamp(at: float) -> str:
    whole = datetime.fromtimestamp(at, UTC)
    return f"{whole:%a %b %e %H:%M:%S}.{whole.microsecond * 1000:010d} {whole:%Y}"


def _time(at: float, letter: str) -> str:
    whole = datetime.fromtimestamp(at, UTC)
    if letter == "@":
        return f"{at:.10f}"
    if letter == "+":
        return f"{whole:%Y-%m-%d+%H:%M:%S}.{whole.microsecond * 1000:010d}"
    if letter == "T":
        return f"{whole:%H:%M:%S}.{whole.microsecond * 1000:010d}"
    if letter == "S":
        return f"{whole:%S}.{whole.microsecond * 1000:010d}"
    return whole.strftime(f"%{letter}")
