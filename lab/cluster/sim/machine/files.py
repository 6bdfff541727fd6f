"""A node's file system: the shell library's, with the operations that the model needs."""

import base64
import hashlib
import posixpath
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from bashkit import FileSystem

from lab.cluster.sim.machine.noted_system import LIVE, About, NotedSystem
from lab.cluster.sim.state.declared import Opaque

__all__ = ["Files"]

_PROGRAM = 0o755
#: The longest chain of symbolic links that is followed.
_MOST_LINKS = 8
_MOST_FOLLOWED = 40


class Files(Opaque):
    """Files of one node, shared by all its shells and by the model."""

    def __init__(self) -> None:
        #: Returns the time of the machine that the files are on.
        self.now: Callable[[], float] = time.time
        # `now` may be replaced.
        self.system = NotedSystem(lambda: self.now())  # noqa: PLW0108
        #: Path -> where links lead from there, for a count of the file system's turns.
        self._resolved: dict[str, str] = {}
        self._turns = 0
        #: What was found out about names and modes of files, for a count of their changes.
        self._answers: dict[object, Any] = {}
        self._named = 0
        #: Programs of every node: path -> data of the file. They are not saved with the other files.
        self._laid: dict[str, About] = {}
        #: Path -> the metadata of the file when it was turned into data, and that data.
        self._kept: dict[str, tuple[About, object]] = {}

    def lay(self, programs: Mapping[str, str]) -> None:
        """Write the programs that every node has."""
        for folder in {path.rpartition("/")[0] for path in programs}:
            self.mkdir(folder)
        self.system.lay({path: text.encode() for path, text in programs.items()}, _PROGRAM)
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

    def append(self, path: str, data: bytes) -> None:
        """Append `data` to `path`; create the file if needed."""
        if self.system.exists(path):
            self.system.append_file(path, data)
        else:
            self.write(path, data)

    def resolved(self, path: str) -> str:
        """Return the absolute `path` with all links on its way followed, and its last one; it need not exist."""
        if self._turns != self.system.turns or self.system.lending:
            self._turns, self._resolved = self.system.turns, {}
        if path not in self._resolved:
            self._resolved[path] = self._followed(path)
        return self._resolved[path]

    def remembered(self, question: object) -> Any:  # noqa: ANN401 -- what `remember` was given
        """Return what was found out about names and modes of files, if none has changed since."""
        if self._named != self.system.named or self.system.lending:
            self._named, self._answers = self.system.named, {}
        return self._answers.get(question)

    def remember(self, question: object, answer: object) -> None:
        """Keep what was found out until a name or a mode changes; it must not be changed."""
        self._answers[question] = answer

    def _followed(self, path: str) -> str:
        parts = [part for part in path.split("/") if part]
        found = "/"
        followed = 0
        while parts:
            part = parts.pop(0)
            if part == "..":
                found = posixpath.dirname(found)
                continue
            if part == ".":
                continue
            found = posixpath.join(found, part)
            if self._kind(found) == "symlink" and followed < _MOST_FOLLOWED:
                followed += 1
                target = self.system.read_link(found)
                parts[:0] = [word for word in target.split("/") if word]
                found = "/" if target.startswith("/") else posixpath.dirname(found)
        return found

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
        """Whether there is anything at `path`."""
        return self.system.exists(path)

    def size(self, path: str) -> int:
        """Return the number of bytes of `path`; raise `FileNotFoundError` if there is none."""
        try:
            return int(self.system.stat(self.resolved(path))["size"])
        except RuntimeError:
            raise FileNotFoundError(path) from None

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

    def modified(self, path: str) -> float:
        """Return when `path` was written, on the machine's clock."""
        return self.now() if LIVE.match(path) else self.system.modified(path)

    def set_modified(self, path: str, at: float) -> None:
        """Say that `path` was written at a time (`touch -d`)."""
        self.system.set_modified(path, at)

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
        """Return the date of `path`, with a folder's mode, what a link leads to, or a file's mode and content."""
        try:
            match about.kind:
                case "directory":
                    return [about.date, about.mode]
                case "symlink":
                    return [about.date, self.system.read_link(path)]
                case _:
                    content = base64.b64encode(self.system.read_file(path)).decode()
                    return [about.date, about.mode, content]
        except RuntimeError:
            return None

    def restore(self, data: Mapping[str, Any]) -> None:
        """Make the files what `data` describes, over the programs that were laid down."""
        for path, entry in data.items():
            match entry:
                case None:
                    self.remove(path)
                case [_, int(mode)]:
                    self.mkdir(path)
                    self.system.chmod(path, mode)
                case [_, str(target)]:
                    if not self.system.exists(path):
                        self.system.symlink(target, path)
                case [_, mode, content]:
                    self.write(path, base64.b64decode(content), mode)
        self.system.set_dates({path: entry[0] for path, entry in data.items() if entry is not None})


def _name(entry: Mapping[str, Any]) -> str:
    return str(entry["name"])
