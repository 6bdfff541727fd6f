"""The library's file system, with an index of its entries that each write updates."""

import posixpath
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from typing import Any, NamedTuple

from bashkit import FileSystem

from lab.cluster.sim.machine.file_limits import as_kernel

__all__ = ["IMAGE_DATE", "LIVE", "About", "NotedSystem"]


class About(NamedTuple):
    """The data of a file: a new value after each write or change of mode.

    `written` and `created` are the library's, on the host's clock; `date` is from the machine's own clock.
    """

    kind: str
    mode: int
    date: float
    size: int = 0
    written: float = 0.0
    created: float = 0.0


#: Files that the model generates on each read.
LIVE = re.compile(r"/dev/|/proc/(?!sys(?:/|$)|version$)")
#: Paths that are not the only name of their file.
_ODD = re.compile(r"//|/\.|./$|^[^/]")
_FACTS = itemgetter("size", "modified", "created")
#: The date of files from the machine's image.
IMAGE_DATE = 1_762_905_600.0
#: The mode of a written file.
_PLAIN = 0o644


class NotedSystem:
    """A file system that records the files that were written through it.

    The library's programs bypass it: they get the library's own file system, and afterwards all files are compared
    with the index. The methods are the library's; any thread may call them.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._own = FileSystem()
        #: Counts changes that may affect the targets of links.
        self.turns = 0
        #: Counts all writes.
        self.writes = 0
        #: Counts changes of names and modes.
        self.named = 0
        #: Path -> what the library says of it, and folder -> its entries, until somebody writes there.
        self._stats: dict[str, dict[str, Any]] = {}
        self._listings: dict[str, list[dict[str, Any]]] = {}
        #: Path -> the machine's time of the last write; files from the image are missing.
        self._dates: dict[str, float] = {}
        self._entries: dict[str, About] = {}
        #: Paths that were written since `_entries` was made, and paths that were removed or renamed.
        self._written: set[str] = set()
        self._replaced: set[str] = set()
        #: When programs returned the files since the last walk, on the host's clock and on the machine's.
        self._returned: list[tuple[float, float]] = []
        #: How many programs use the library's own file system now, and whether one did since the last walk.
        self._lent = 0
        self._unknown = True
        self._lock = threading.Lock()

    # Reading

    def read_file(self, path: str) -> bytes:
        """Return the content of a file."""
        return self._own.read_file(path)

    def stat(self, path: str) -> dict[str, Any]:
        """Return what is known of `path`; it must not be changed."""
        found = self._stats.get(path)
        if found is None:
            found = self._own.stat(path)
            if not self._lent and not _ODD.search(path):
                self._stats[path] = found
        return found

    def read_dir(self, path: str) -> list[dict[str, Any]]:
        """Return the name of each entry of a folder, with what is known of it; they must not be changed."""
        found = self._listings.get(path)
        if found is None:
            found = self._own.read_dir(path)
            if not self._lent and not _ODD.search(path):
                self._listings[path] = found
        return found

    def exists(self, path: str) -> bool:
        """Whether there is anything at `path`."""
        try:
            return path in self._stats or self._own.exists(path)
        except RuntimeError:  # a name that no file may have here: one with control characters
            return False

    def read_link(self, path: str) -> str:
        """Return the target of a link."""
        return self._own.read_link(path)

    def modified(self, path: str) -> float:
        """Return when `path`, or a name in that folder, was last written, on the machine's clock."""
        if self._unknown and not self._lent:
            self.entries()
        return self._dates.get(path, IMAGE_DATE)

    # Writing: first the change, then the note. A walk in between finds the change the next time.

    @as_kernel
    def write_file(self, path: str, content: bytes) -> None:
        """Write a file."""
        new = not self._own.exists(path)
        if not new:
            before = self.stat(path)
            if before["file_type"] == "symlink":
                # The file replaces the link.
                self.turns += 1
            # It also gets the mode of a new file.
            self.named += before["mode"] != _PLAIN
        self._own.write_file(path, content)
        self._note(path, new=new)

    def lay(self, contents: Mapping[str, bytes], mode: int) -> None:
        """Write many files that came with the machine's image; all files are compared afterwards."""
        for path, content in contents.items():
            self._own.write_file(path, content)
            self._own.chmod(path, mode)
            self._dates.pop(path, None)
        self._written |= contents.keys()
        self._unknown = True
        self.turns += 1
        self.writes += 1
        self.named += 1
        self._forget_all()

    @as_kernel
    def append_file(self, path: str, content: bytes) -> None:
        """Append `content` to a file."""
        new = not self._own.exists(path)
        self._own.append_file(path, content)
        self._note(path, new=new)

    @as_kernel
    def mkdir(self, path: str, recursive: bool = False) -> None:  # noqa: FBT001, FBT002 -- as the library has it
        """Make a folder; with `recursive`, also its parents."""
        made = []
        while path not in {"", "/"} and not self._own.exists(path):
            made.append(path)
            path = posixpath.dirname(path)
        self._own.mkdir(made[0] if made else path, recursive)
        for each in made:
            self._note(each, new=True)

    def remove(self, path: str, recursive: bool = False) -> None:  # noqa: FBT001, FBT002 -- as the library has it
        """Remove `path`; with `recursive`, also its content."""
        try:
            self._own.remove(path, recursive)
        finally:
            self.turns += 1
            self._replaced.add(path)
            self._forget_all()
            self._note(path, new=True)

    @as_kernel
    def rename(self, source: str, target: str) -> None:
        """Rename or move a file or folder."""
        self._own.rename(source, target)
        self.turns += 1
        self._forget_all()
        below = [each for each in self._dates if each == source or each.startswith(f"{source}/")]
        dates = {f"{target}{each.removeprefix(source)}": self._dates[each] for each in below}
        for path in (source, target):
            self._replaced.add(path)
            self._note(path, new=True)
        self._dates |= dates

    @as_kernel
    def copy(self, source: str, target: str) -> None:
        """Copy a file."""
        new = not self._own.exists(target)
        self._own.copy(source, target)
        self.turns += 1
        self.named += 1
        self._note(target, new=new)

    @as_kernel
    def symlink(self, target: str, link: str) -> None:
        """Make a link that leads to `target`."""
        self._own.symlink(target, link)
        self.turns += 1
        self._note(link, new=True)

    def set_modified(self, path: str, at: float) -> None:
        """Set the modification time of `path`, as `touch -d` does."""
        self._date(path, at)
        self._written.add(path)
        self.writes += 1

    def set_dates(self, dates: Mapping[str, float]) -> None:
        """Set all modification times; missing paths came with the image."""
        before, self._dates = self._dates, {path: at for path, at in dates.items() if at != IMAGE_DATE}
        # Pairs of a path and a date that only one of them has.
        self._written |= {path for path, _ in before.items() ^ self._dates.items()}
        self.writes += 1

    def _date(self, path: str, at: float) -> None:
        if at == IMAGE_DATE:
            self._dates.pop(path, None)
        else:
            self._dates[path] = at

    def _note(self, path: str, *, new: bool = False) -> None:
        """Note that `path` was written now; a `new` or removed name is also a write to its folder."""
        now = self._now()
        self.named += new
        self._forget(path)
        self._date(path, now)
        self._written.add(path)
        if new and (folder := posixpath.dirname(path)) != "/":
            self._date(folder, now)
            self._written.add(folder)

    def chmod(self, path: str, mode: int) -> None:
        """Change the mode of `path`."""
        before = self._stats.get(path)
        self.named += before is None or before["mode"] != mode
        self._own.chmod(path, mode)
        self._forget(path)
        self._written.add(path)

    def _forget(self, path: str) -> None:
        """Forget what the library has said of `path`, and of the folder that it is in."""
        self.writes += 1
        if _ODD.search(path):
            self._forget_all()
            return
        folder = path.rpartition("/")[0] or "/"
        for each in (path, folder):
            self._stats.pop(each, None)
            self._listings.pop(each, None)

    def _forget_all(self) -> None:
        self._stats.clear()
        self._listings.clear()

    @contextmanager
    def lent(self) -> Iterator[FileSystem]:
        """Yield the library's own file system for writing while the body runs."""
        with self._lock:
            self._lent += 1
            self._forget_all()
        try:
            yield self._own
        finally:
            with self._lock:
                self._lent -= 1
                self._unknown = True
                self.turns += 1
                self.writes += 1
                self.named += 1
                self._returned.append((time.time(), self._now()))

    @property
    def lending(self) -> bool:
        """Whether a program of the library uses the files now."""
        return bool(self._lent)

    # All entries

    def entries(self) -> dict[str, About]:
        """Return path -> data for all kept entries: the same object as long as nothing changed."""
        with self._lock:
            if self._lent or self._unknown:
                self._walk()
            while self._replaced:
                self._look_again(self._replaced.pop())
            while self._written:
                self._look_at(self._written.pop())
            return dict(self._entries)

    def _walk(self) -> None:
        """Compare all files with the index."""
        before, self._entries = self._entries, {}
        known = self._written | self._replaced
        self._unknown = False
        self._written.clear()
        self._replaced.clear()
        for path, data in self._below("/"):
            self._enter(path, data, before.get(path))
        # Files written by the library have dates of the host's clock.
        if before:
            for path, about in list(self._entries.items()):
                old = before.get(path)
                if (old is None or old[3:] != about[3:]) and not any(each in known for each in _upwards(path)):
                    self._note_of_library(path, about, new=old is None)
            for path in before.keys() - self._entries.keys():
                folder = posixpath.dirname(path)
                if folder in self._entries and not any(each in known for each in _upwards(path)):
                    self._note(folder)
        self._returned = []

    def _note_of_library(self, path: str, about: About, *, new: bool) -> None:
        """Note when the library wrote `path`, on the machine's clock: at the latest when it returned the files."""
        at = next((machine for host, machine in self._returned if host >= about.written), self._now())
        self._date(path, at)
        self._written.add(path)
        if new and (folder := posixpath.dirname(path)) != "/":
            self._date(folder, at)
            self._written.add(folder)

    def _enter(self, path: str, data: Mapping[str, Any], before: About | None) -> None:
        kind, date = sys.intern(data["file_type"]), self._dates.get(path, IMAGE_DATE)
        facts = () if kind == "directory" else _FACTS(data)
        about = About(kind, data["mode"], date, *facts)
        self._entries[path] = about if before is None or before != about else before

    def _look_at(self, path: str) -> None:
        """Update the index for `path`; older entries of a folder have notes of their own."""
        path = posixpath.normpath(path)
        before = self._entries.get(path)
        if before is None or before.kind != "directory":
            self._look_again(path)
            return
        try:
            data = self._own.stat(path)
        except RuntimeError:
            data = {"file_type": ""}
        if data["file_type"] == "directory":
            self._enter(path, data, before)
        else:
            self._look_again(path)

    def _look_again(self, path: str) -> None:
        """Update the index for `path` and everything below it."""
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
            # No walk reaches a path through a link.
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
        """Return all paths below a folder, with their data."""
        folders = [folder]
        while folders:
            parent = folders.pop()
            lead = parent.rstrip("/")
            # A script may remove it at the same time.
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


def _upwards(path: str) -> Iterator[str]:
    """Return a path and those of its parents."""
    while path not in {"", "/"}:
        yield path
        path = posixpath.dirname(path)
