"""Paths of files that programs change: links on the way are followed, the last one is not."""

import posixpath

from lab.cluster.sim.bash.running.call import Call

__all__ = ["is_folder", "mode_of", "modified", "place_of", "real_place", "set_modified", "there"]


def place_of(call: Call, word: str) -> str:
    """Return the absolute path of what a word names itself: of a link, not of what it leads to."""
    full = call.path(word)
    parent, base = posixpath.split(full)
    return posixpath.join(call.files.resolved(parent), base) if base else full


def real_place(call: Call, word: str) -> str:
    """Return the absolute path that a word leads to, all links followed."""
    return call.files.resolved(call.path(word))


def there(call: Call, word: str) -> bool:
    """Return whether a word names anything, even a link that leads nowhere."""
    return bool(word) and call.files.exists(place_of(call, word))


def is_folder(call: Call, path: str) -> bool:
    """Return whether a path, which is resolved already, is a folder and no link to one."""
    return call.files.exists(path) and call.files.kind(path) == "directory"


def mode_of(call: Call, path: str) -> int:
    """Return the permission bits of what is at a path."""
    return int(call.files.system.stat(path)["mode"]) & 0o7777


def modified(call: Call, path: str) -> float:
    """Return when what is at a path was changed last, in s since the epoch."""
    return call.files.modified(path)


def set_modified(call: Call, path: str, at: float) -> None:
    """Set when what is at a path was changed last."""
    call.files.set_modified(path, at)
