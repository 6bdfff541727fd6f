"""Undo and redo: the lines before and after each command."""

from dataclasses import dataclass, field

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Change", "History", "Patch"]


@dataclass(slots=True)
class Patch:
    """Replaced lines from `top` on: `before` became `count` others."""

    top: int
    before: list[str]
    count: int


@dataclass(slots=True)
class Change:
    """All changes of one command, in order."""

    number: int
    #: Seconds since the epoch.
    time: float
    cursor: Pos
    #: Whether the text equalled the file on disk before and after the change.
    clean_before: bool
    clean_after: bool = False
    patches: list[Patch] = field(default_factory=list)


class History:
    """The changes of a text, and the present position of undo."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        #: How many of them are applied.
        self.at = 0
        #: Whether `u` undid changes last; Vi's `u` then redoes them.
        self.undoing = False
        self._last = 0
        self._open = False

    @property
    def open(self) -> bool:
        """Whether a change is in progress."""
        return self._open

    def close(self) -> None:
        """End the change in progress: the next patch begins another."""
        self._open = False

    def add(self, patch: Patch, cursor: Pos, time: float, *, clean: bool) -> None:
        """Add a patch before it is applied; `clean` says whether the text equals the file on disk."""
        if not self._open:
            del self.changes[self.at :]
            self._last += 1
            self.changes.append(Change(self._last, time, cursor, clean))
            self.at += 1
            self._open = True
            self.undoing = False
        patches = self.changes[-1].patches
        if patches and patch.count == len(patch.before) and self._holds(patches[-1], patch):
            return
        patches.append(patch)

    @staticmethod
    def _holds(last: Patch, patch: Patch) -> bool:
        """Whether the previous patch already stores the same lines."""
        same_count = last.count == len(last.before)
        return same_count and last.top <= patch.top and patch.top + patch.count <= last.top + last.count

    def saved(self) -> None:
        """Note that only the present text equals the file on disk."""
        for change in self.changes:
            change.clean_before = change.clean_after = False
        if self.at:
            self.changes[self.at - 1].clean_after = True
        if self.at < len(self.changes):
            self.changes[self.at].clean_before = True
