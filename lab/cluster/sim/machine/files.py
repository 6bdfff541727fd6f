"""A node's file system: the shell library's, with the operations that the model needs."""

import base64
import hashlib
import posixpath
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from bashkit import FileSystem

from lab.cluster.sim.machine.noted_system import About, NotedSystem
from lab.cluster.sim.state.declared import Opaque

__all__ = ["Files"]

_PROGRAM = 0o755
#: The longest chain of symbolic links that is followed.
_MOST_LINKS = 8


class Files(Opaque):
    """Files of one node, shared by all its shells and by the model."""

    def __init__(self) -> None:
        self.system = NotedSystem()
        #: Programs that every node has: path -> metadata of the file. They are not saved with the other files.
        self._laid: dict[str, About] = {}
        #: Path -> the metadata of the file when it was turned into data, and that data.
        self._kept: dict[str, tuple[About, object]] = {}

    def lay(self, programs: Mapping[str, str]) -> None:
        """Write the programs that every node has."""
        for folder in {posixpath.dirname(path) for path in programs}:
            self.mkdir(folder)
        for path, text in programs.items():
            self.system.write_file(path, text.encode())
            self.system.chmod(path, _PROGRAM)
        entries = self.system.entries()
        self._laid |= {path: entries[path] for path in programs}

    def lent(self) -> AbstractContextManager[FileSystem]:
        """Have what a shell of the library takes for its files, to write into while the body runs."""
        return self.system.lent()

    def read(self, path: str) -> str:
        """Return the text of `path`; raise `FileNotFoundError` if there is none."""
        return self.read_bytes(path).decode(errors="replace")

    def read_bytes(self, path: str) -> bytes:
        """Return the bytes of `path`; raise `FileNotFoundError` if there is none."""
        for _ in range(_MOST_LINKS):
            kind = self._kind(path)
            if kind in {"", "directory"}:
                raise FileNotFoundError(path)
            if kind != "symlink":
                return self.system.read_file(path)
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), self.system.read_link(path)))
        raise FileNotFoundError(path)

    def get(self, path: str, default: str = "") -> str:
        """Return the text of `path`, or `default`."""
        try:
            return self.read(path)
        except FileNotFoundError:
            return default

    def write(self, path: str, text: str | bytes, mode: int | None = None) -> None:
        """Write `path`; create its folders."""
        folder = posixpath.dirname(path)
        if not self.system.exists(folder):
            self.system.mkdir(folder, recursive=True)
        self.system.write_file(path, text.encode() if isinstance(text, str) else text)
        if mode is not None:
            self.system.chmod(path, mode)

    def replace(self, path: str, text: str, mode: int) -> None:
        """Write `path` as a new file renamed over the old one."""
        new = f"{path}.new"
        self.write(new, text, mode)
        self.system.rename(new, path)

    def mkdir(self, path: str, mode: int = 0o755) -> None:
        """Create the folder `path` and its parents."""
        if not self.system.exists(path):
            self.system.mkdir(path, recursive=True)
            self.system.chmod(path, mode)

    def remove(self, path: str) -> None:
        """Remove `path` with everything in it, if it exists."""
        if self.system.exists(path):
            self.system.remove(path, recursive=True)

    def exists(self, path: str) -> bool:
        """Whether `path` exists."""
        return self.system.exists(path)

    def is_file(self, path: str) -> bool:
        """Whether `path` is a file (or a link to one)."""
        return self._kind(path) not in {"", "directory"}

    def kind(self, path: str) -> str:
        """Return `file`, `directory` or `symlink`."""
        return str(self.system.stat(path)["file_type"])

    def _kind(self, path: str) -> str:
        """Return the kind of `path`, or None, in one call: each call of the library may wait for other threads."""
        try:
            return self.kind(path)
        except RuntimeError:
            return ""

    def names(self, folder: str) -> list[str]:
        """Return the names in `folder`, sorted; none if it does not exist."""
        return list(self.about(folder))

    def about(self, folder: str) -> dict[str, Mapping[str, object]]:
        """Return name -> metadata of the entries in `folder`, sorted. It changes when a file is written."""
        try:
            entries = self.system.read_dir(folder)
        except RuntimeError:
            return {}
        return {entry["name"]: entry["metadata"] for entry in sorted(entries, key=_name)}

    def digest(self, path: str) -> str:
        """Return the SHA-256 of `path`."""
        return hashlib.sha256(self.read_bytes(path)).hexdigest()

    def state(self) -> dict[str, object]:
        """Return all files and folders as data; of the laid programs only the changes."""
        entries = self.system.entries()
        kept, self._kept = self._kept, {}
        # Folders come before their contents.
        for path, about in sorted(entries.items()):
            if about is not self._laid.get(path):
                known = kept.get(path)
                self._kept[path] = known if known and known[0] is about else (about, self._datum(path, about))
        # Files that a script removed meanwhile are left out.
        found = {path: datum for path, (_, datum) in self._kept.items() if datum is not None}
        return found | dict.fromkeys(self._laid.keys() - entries.keys())

    def _datum(self, path: str, about: About) -> object:
        """Return a folder's mode, a link's target, or a file's mode and content."""
        try:
            match about.kind:
                case "directory":
                    return about.mode
                case "symlink":
                    return self.system.read_link(path)
                case _:
                    return [about.mode, base64.b64encode(self.system.read_file(path)).decode()]
        except RuntimeError:
            return None

    def restore(self, data: Mapping[str, object]) -> None:
        """Replace the files with `data`, on top of the laid programs."""
        for path, entry in data.items():
            if entry is None:
                self.remove(path)
            elif isinstance(entry, int):
                self.mkdir(path, entry)
            elif isinstance(entry, str):
                if not self.system.exists(path):
                    self.system.symlink(entry, path)
            elif isinstance(entry, list):
                self.write(path, base64.b64decode(entry[1]), entry[0])


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry["name"])
