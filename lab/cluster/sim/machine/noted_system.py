"""The library's file system, with a list of all that is in it which is brought up to date by what was written."""

import posixpath
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, NamedTuple

from bashkit import FileSystem

__all__ = ["LIVE", "About", "NotedSystem"]


class About(NamedTuple):
    """What is known of a file: another value once the file was written or its mode was changed.

    Of a folder, neither times nor size: they change with what is in it.
    """

    kind: str
    mode: int
    size: int = 0
    modified: float = 0.0
    created: float = 0.0


#: What the model writes anew when somebody looks.
LIVE = re.compile(r"/dev/|/proc/(?!sys(?:/|$)|version$)")
_FACTS = itemgetter("mode", "size", "modified", "created")


class NotedSystem:
    """A file system that knows which files were written through it.

    The library's shell writes past it: it is lent the library's own file system, and afterwards all files are
    compared with what they were. Methods are the library's; any thread may call them.
    """

    def __init__(self) -> None:
        self._own = FileSystem()
        self._entries: dict[str, About] = {}
        self._written: set[str] = set()
        #: How many shells have the library's own file system now, and whether one has had it since the last walk.
        self._lent = 0
        self._unknown = True
        self._lock = threading.Lock()

    # Reading

    def read_file(self, path: str) -> bytes:
        """Return what a file holds."""
        return self._own.read_file(path)

    def stat(self, path: str) -> dict[str, Any]:
        """Return what is known of `path`."""
        return self._own.stat(path)

    def read_dir(self, path: str) -> list[dict[str, Any]]:
        """Return the name of each entry of a folder, with what is known of it."""
        return self._own.read_dir(path)

    def exists(self, path: str) -> bool:
        """Whether there is anything at `path`."""
        return self._own.exists(path)

    def read_link(self, path: str) -> str:
        """Return what a link leads to."""
        return self._own.read_link(path)

    # Writing: first the change, then the note of it. A walk in between finds it the next time.

    def write_file(self, path: str, content: bytes) -> None:
        """Write a file."""
        self._own.write_file(path, content)
        self._written.add(path)

    def append_file(self, path: str, content: bytes) -> None:
        """Write `content` behind what a file holds."""
        self._own.append_file(path, content)
        self._written.add(path)

    def mkdir(self, path: str, recursive: bool = False) -> None:  # noqa: FBT001, FBT002 -- as the library has it
        """Make a folder, with those above it if it is `recursive`."""
        self._own.mkdir(path, recursive)
        self._written.add(path)

    def remove(self, path: str, recursive: bool = False) -> None:  # noqa: FBT001, FBT002 -- as the library has it
        """Remove `path`, with all that is in it if it is `recursive`."""
        try:
            self._own.remove(path, recursive)
        finally:
            self._written.add(path)

    def rename(self, source: str, target: str) -> None:
        """Give a file or folder another path."""
        self._own.rename(source, target)
        self._written |= {source, target}

    def copy(self, source: str, target: str) -> None:
        """Copy a file."""
        self._own.copy(source, target)
        self._written.add(target)

    def symlink(self, target: str, link: str) -> None:
        """Make a link that leads to `target`."""
        self._own.symlink(target, link)
        self._written.add(link)

    def chmod(self, path: str, mode: int) -> None:
        """Change the mode of `path`."""
        self._own.chmod(path, mode)
        self._written.add(path)

    @contextmanager
    def lent(self) -> Iterator[FileSystem]:
        """Have the library's own file system, to write into while the body runs."""
        with self._lock:
            self._lent += 1
        try:
            yield self._own
        finally:
            with self._lock:
                self._lent -= 1
                self._unknown = True

    # All of it

    def entries(self) -> dict[str, About]:
        """Return path -> what is known of it, of all that is kept: the same as long as nothing changed there."""
        with self._lock:
            if self._lent or self._unknown:
                self._unknown, self._written = False, set()
                before, self._entries = self._entries, {}
                for path, data in self._below("/"):
                    self._enter(path, data, before.get(path))
            while self._written:
                self._look_again(self._written.pop())
            return dict(self._entries)

    def _enter(self, path: str, data: Mapping[str, Any], before: About | None) -> None:
        kind = sys.intern(data["file_type"])
        about = About(kind, data["mode"]) if kind == "directory" else About(kind, *_FACTS(data))
        self._entries[path] = about if before is None or before != about else before

    def _look_again(self, path: str) -> None:
        """Take in what is at `path` now, and below it."""
        path = posixpath.normpath(path)
        folder = posixpath.dirname(path)
        if folder != "/" and folder not in self._entries:
            self._look_again(folder)
        if LIVE.match(path):
            return
        before = {path: self._entries.pop(path, None)}
        if (known := before[path]) is not None and known.kind == "directory":
            below = [each for each in self._entries if each.startswith(f"{path}/")]
            before |= {each: self._entries.pop(each) for each in below}
        parent = self._entries.get(folder)
        if folder != "/" and (parent is None or parent.kind != "directory"):
            # A path through a link: no walk comes by.
            return
        try:
            data = self._own.stat(path)
        except RuntimeError:
            return
        self._enter(path, data, before[path])
        if data["file_type"] == "directory":
            for each, found in self._below(path):
                self._enter(each, found, before.get(each))

    def _below(self, folder: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Return all paths in a folder and below, with what is known of them."""
        folders = [folder]
        while folders:
            parent = folders.pop()
            lead = parent.rstrip("/")
            # What a script removes at the same time is gone.
            try:
                found = self._own.read_dir(parent)
            except RuntimeError:
                continue
            for entry in found:
                path = f"{lead}/{entry['name']}"
                if path.startswith(("/dev", "/proc")) and LIVE.match(path):
                    continue
                data = entry["metadata"]
                yield path, data
                if data["file_type"] == "directory":
                    folders.append(path)
