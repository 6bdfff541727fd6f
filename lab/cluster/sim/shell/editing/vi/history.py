"""Undo and redo: what each command changed, as lines before and after."""

from dataclasses import dataclass, field

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Change", "History", "Patch"]


@dataclass(slots=True)
class Patch:
    """Lines from `top` on that were replaced: `before` by `count` others."""

    top: int
    before: list[str]
    count: int


@dataclass(slots=True)
class Change:
    """All that one command changed, in order."""

    number: int
    #: Seconds since the epoch.
    time: float
    cursor: Pos
    #: Whether the text was as on disk before and after the change.
    clean_before: bool
    clean_after: bool = False
    patches: list[Patch] = field(default_factory=list)


class History:
    """The changes of a text, up to the one that undo has come to."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        #: How many of them are in force.
        self.at = 0
        #: Whether `u` last took changes back, which Vi's `u` then does again.
        self.undoing = False
        self._last = 0
        self._open = False

    @property
    def open(self) -> bool:
        """Whether a change is being made."""
        return self._open

    def close(self) -> None:
        """End the change that is being made: the next patch begins another."""
        self._open = False

    def add(self, patch: Patch, cursor: Pos, time: float, *, clean: bool) -> None:
        """Note a patch that is about to be applied to a text that is as on disk if `clean`."""
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
        """Whether the patch before has already kept the same lines."""
        same_count = last.count == len(last.before)
        return same_count and last.top <= patch.top and patch.top + patch.count <= last.top + last.count

    def saved(self) -> None:
        """Take note that the text is as on disk now, and not at any other time."""
        for change in self.changes:
            change.clean_before = change.clean_after = False
        if self.at:
            self.changes[self.at - 1].clean_after = True
        if self.at < len(self.changes):
            self.changes[self.at].clean_before = True
