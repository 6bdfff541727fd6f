"""Copies of a node's files, for a copy of its cluster: one is kept from copy to copy, and brought up to date."""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from lab.cluster.sim.machine.files import LIVE, Files

__all__ = ["copied", "return_copy"]

#: What is known of a file, as the library has it: another value once the file was written or its mode was changed.
About = Mapping[str, Any]

#: Files -> copies that nobody uses now.
_spare: "WeakKeyDictionary[Files, list[_Copy]]" = WeakKeyDictionary()


class _Copy(Files):
    """Files that follow others."""

    def __init__(self) -> None:
        super().__init__()
        #: Path -> what was known of the original and of the copy when they were the same.
        self._same: dict[str, tuple[About, About]] = {}

    def follow(self, original: Files) -> None:
        """Make everything as it is in `original`."""
        wanted, own = dict(_walk(original, "/")), dict(_walk(self, "/"))
        for path in own:
            if path not in wanted:
                self.remove(path)
        for path, about in wanted.items():
            if self._same.get(path) != (about, own.get(path)):
                # What a script removes at the same time is gone in the copy, too.
                with suppress(RuntimeError):
                    self._copy(original, path, about, before=own.get(path))
                    self._same[path] = about, _known(self.system.stat(path))
        self._same = {path: same for path, same in self._same.items() if path in wanted}

    def _copy(self, original: Files, path: str, about: About, *, before: About | None) -> None:
        kind = about["file_type"]
        if before and (before["file_type"] != kind or kind == "symlink"):
            self.remove(path)
            before = None
        if kind == "symlink":
            self.system.symlink(original.system.read_link(path), path)
        elif kind == "file":
            self.system.write_file(path, original.system.read_file(path))
        elif not before:
            self.mkdir(path)
        if kind != "symlink":
            self.system.chmod(path, about["mode"])


def copied(original: Files) -> Files:
    """Return a copy of `original` as it is now; give it back with `return_copy`."""
    spare = _spare.get(original, [])
    copy = spare.pop() if spare else _Copy()
    copy.follow(original)
    return copy


def return_copy(original: Files, copy: Files) -> None:
    """Keep a copy that nobody uses any more for the next time."""
    if isinstance(copy, _Copy):
        _spare.setdefault(original, []).append(copy)


def _walk(files: Files, folder: str) -> Iterator[tuple[str, About]]:
    """Return path -> what is known of it, folders before what is in them."""
    for entry in files.system.read_dir(folder):
        path = posixpath.join(folder, entry["name"])
        if LIVE.match(path):
            continue
        yield path, _known(entry["metadata"])
        if entry["metadata"]["file_type"] == "directory":
            yield from _walk(files, path)


def _known(about: About) -> About:
    """Return what counts of what is known: the times of a folder change with what is in it."""
    return {name: about[name] for name in ("file_type", "mode")} if about["file_type"] == "directory" else about
