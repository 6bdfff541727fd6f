"""Find programs by name and path, and choose what runs for a file."""

import posixpath
from collections.abc import Sequence

from lab.cluster.sim.bash.running.open_files import absolute
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.program_files import UNMODELLED, stub_of

__all__ = ["Program", "executable", "find_program", "find_programs", "program_at"]

_SHELLS = frozenset({"bash", "sh", "dash", "rbash"})
#: How many nested interpreters a script may have.
_DEEPEST = 6


class Program:
    """A program to run: its name among the place's programs and builtins, or a shell; and its words."""

    def __init__(self, name: str, argv: Sequence[str]) -> None:
        self.name = name
        self.argv = list(argv)
        #: The words as the kernel passes them: a script's words begin with its interpreter.
        self.shown: list[str] | None = None

    @property
    def is_shell(self) -> bool:
        """Whether a shell runs."""
        return self.name in _SHELLS


def find_programs(place: Place, name: str, path: str, folder: str) -> list[str]:
    """Return the paths of the programs called `name`, in the order of PATH."""
    files = place.files
    if "/" in name:
        full = files.resolved(absolute(folder, name))
        return [name] if executable(files, full) or _built_in(place, name) else []
    asked = name, path, folder
    found: list[str] | None = files.remembered(asked)
    if found is None:
        candidates = [posixpath.join(each or folder, name) for each in path.split(":")]
        found = [each for each in candidates if executable(files, files.resolved(absolute(folder, each)))]
        files.remember(asked, found)
    if not found and place.sandbox is not None and _knows(place, name):
        return [f"/bin/{name}"]
    return found


def find_program(place: Place, name: str, path: str, folder: str) -> str | None:
    """Return the path of a program as execvp finds it; None if there is none."""
    found = find_programs(place, name, path, folder)
    return found[0] if found else None


def executable(files: Files, path: str) -> bool:
    """Return whether there is an executable file."""
    return files.is_file(path) and bool(int(files.system.stat(path)["mode"]) & 0o111)


def _knows(place: Place, name: str) -> bool:
    return name in place.programs or (name in _SHELLS and place.has_shell)


def _built_in(place: Place, path: str) -> bool:
    """Return whether a container has the program of that path, since programs of containers have no files."""
    folder, _, name = path.rpartition("/")
    bins = {"/bin", "/usr/bin", "/sbin", "/usr/sbin"}
    return place.sandbox is not None and folder in bins and _knows(place, name)


def program_at(place: Place, path: str, argv: Sequence[str], folder: str, *, depth: int = 0) -> Program:
    """Return the program for the file at `path`; raise `OSError` if nothing can run it.

    The file of a modelled program names the program. A script names its interpreter in its first line; otherwise a
    shell runs it.
    """
    files = place.files
    full = files.resolved(absolute(folder, path))
    if not files.exists(full):
        if _built_in(place, path):
            return _named(place, posixpath.basename(path), argv)
        raise FileNotFoundError(2, "No such file or directory")
    if not files.is_file(full):
        raise PermissionError(21, "Is a directory")
    if not executable(files, full):
        raise PermissionError(13, "Permission denied")
    text = files.read(full)
    stub = stub_of(text)
    if stub is not None:
        return _named(place, stub[0], [*stub[1:], *argv])
    first, _, _ = text.partition("\n")
    words = first[2:].strip().split(None, 1) if first.startswith("#!") else []
    if words and depth < _DEEPEST:
        interpreter, more = words[0], words[1:]
        real = files.resolved(absolute(folder, interpreter))
        if not files.exists(real) and not _built_in(place, interpreter):
            raise OSError(8, f"{interpreter}: bad interpreter: No such file or directory")
        program = program_at(place, interpreter, [*more, path, *argv], folder, depth=depth + 1)
        program.shown = program.shown or [interpreter, *more, path, *argv]
        return program
    if "\0" in text[:512]:
        raise OSError(8, "cannot execute binary file: Exec format error")
    return Program("bash", [path, *argv])


def _named(place: Place, name: str, argv: Sequence[str]) -> Program:
    if name in _SHELLS or name in place.programs or name in place.builtins:
        return Program(name, argv)
    if UNMODELLED not in place.programs:
        raise FileNotFoundError(2, "No such file or directory")
    return Program(UNMODELLED, [name, *argv])
