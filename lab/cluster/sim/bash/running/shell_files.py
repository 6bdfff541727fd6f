"""The node's files as a shell's patterns and tests see them."""

from collections.abc import Iterable

from lab.cluster.sim.bash.running.open_files import absolute
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.machine.proc import renew

__all__ = ["ShellFiles"]

_TEXT_BITS = {"r": 0o444, "w": 0o222, "x": 0o111}
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")


class ShellFiles:
    """The node's files; relative paths begin at the shell's folder."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def _path(self, path: str) -> str:
        return absolute(self._process.folder, path)

    def entries(self, folder: str) -> Iterable[str]:
        """Return the names in `folder`; none when it can't be read."""
        files = self._process.place.files
        return files.names(files.resolved(self._path(folder or ".")))

    def is_folder(self, path: str) -> bool:
        """Whether `path`, with links followed, is a folder."""
        files = self._process.place.files
        real = files.resolved(self._path(path))
        return files.exists(real) and not files.is_file(real)

    def exists(self, path: str) -> bool:
        """Return whether anything is at `path`, even a dangling link."""
        return self._process.place.files.exists(self._path(path))

    def test(self, operator: str, path: str) -> bool:  # noqa: C901, PLR0911, PLR0912 -- a table of tests
        """Evaluate `test -f path` and its kind."""
        files = self._process.place.files
        letter = operator.removeprefix("-")
        if letter == "t":
            file = self._process.descriptors.get(int(path)) if path.strip().isdigit() else None
            return file is not None and file.terminal
        if not path:
            return False
        full = self._path(path)
        if letter in {"h", "L"}:
            return files.exists(full) and files.kind(full) == "symlink"
        if full in {"/dev/stdin", "/dev/stdout", "/dev/stderr"} or full.startswith("/dev/fd/"):
            return letter in {"e", "a", "r", "w"}
        if full in _DEVICES:
            return letter in {"e", "a", "c", "r", "w", "O", "G"}
        if full.startswith("/proc/") and self._process.place.sandbox is None:
            renew(self._process.place.node)
        real = files.resolved(full)
        if not files.exists(real):
            return False
        about = files.system.stat(real)
        kind, mode = str(about["file_type"]), int(about["mode"])
        match letter:
            case "e" | "a" | "O" | "G" | "N":
                return letter != "N"
            case "f":
                return kind == "file"
            case "d":
                return kind == "directory"
            case "s":
                return kind == "directory" or int(about["size"]) > 0
            case "x":
                return kind == "directory" or bool(mode & 0o111)
            case "r" | "w":
                return self._process.place.user_id == 0 or bool(mode & _TEXT_BITS[letter])
            case "p":
                return kind == "fifo"
            case "u" | "g" | "k":
                return bool(mode & {"u": 0o4000, "g": 0o2000, "k": 0o1000}[letter])
            case _:
                return False

    def compare(self, operator: str, left: str, right: str) -> bool:
        """Evaluate `-nt`, `-ot` and `-ef`."""
        files = self._process.place.files
        first, second = files.resolved(self._path(left)), files.resolved(self._path(right))
        here, there = files.exists(first), files.exists(second)
        if operator == "-ef":
            return here and first == second
        if operator == "-ot":
            first, second, here, there = second, first, there, here
        if not here or not there:
            return here
        return bool(files.modified(first) > files.modified(second))
