"""Paths of files that programs change: links within the path are followed, the last one is not."""

import posixpath

from lab.cluster.sim.bash.running.call import Call

__all__ = ["is_folder", "mode_of", "modified", "place_of", "real_place", "set_modified", "there"]


def place_of(call: Call, word: str) -> str:
    """Return the absolute path of a word: of a link itself, not of its target."""
    full = call.path(word)
    parent, base = posixpath.split(full)
    return posixpath.join(call.files.resolved(parent), base) if base else full


def real_place(call: Call, word: str) -> str:
    """Return the absolute path of a word with all links followed."""
    return call.files.resolved(call.path(word))


def there(call: Call, word: str) -> bool:
    """Return whether a word names anything, even a dangling link."""
    return bool(word) and call.files.exists(place_of(call, word))


def is_folder(call: Call, path: str) -> bool:
    """Return whether a resolved path is a folder, and not a link to a folder."""
    return call.files.exists(path) and call.files.kind(path) == "directory"


def mode_of(call: Call, path: str) -> int:
    """Return the permission bits of a path."""
    return int(call.files.system.stat(path)["mode"]) & 0o7777


def modified(call: Call, path: str) -> float:
    """Return the modification time of a path, in s since the epoch."""
    return call.files.modified(path)


def set_modified(call: Call, path: str, at: float) -> None:
    """Set the modification time of a path."""
    call.files.set_modified(path, at)
