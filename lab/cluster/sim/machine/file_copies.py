"""Copies of a node's files for copies of its cluster. A returned copy is kept and updated for the next use."""

from contextlib import suppress
from weakref import WeakKeyDictionary

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.noted_system import About

__all__ = ["copied", "return_copy"]

#: Files -> copies that are not in use.
_spare: "WeakKeyDictionary[Files, list[_Copy]]" = WeakKeyDictionary()


class _Copy(Files):
    """Files that follow an original."""

    def __init__(self) -> None:
        super().__init__()
        #: Path -> the metadata of original and copy when they were last equal.
        self._same: dict[str, tuple[About, About]] = {}

    def follow(self, original: Files) -> None:
        """Make this copy equal to `original`."""
        wanted, own, same = original.system.entries(), self.system.entries(), self._same
        for path in own.keys() - wanted.keys():
            self.remove(path)
        other = []
        for path, about in wanted.items():
            known = same.get(path)
            if known is None or known[0] is not about or known[1] is not own.get(path):
                other.append(path)
        # Folders come before their contents.
        for path in sorted(other):
            # A script may remove a file meanwhile; then the copy removes it, too.
            with suppress(RuntimeError):
                self._copy(original, path, wanted[path], before=own.get(path))
        if other:
            self.system.set_dates({path: about.date for path, about in wanted.items()})
            own = self.system.entries()
        self._same = {path: (about, own[path]) for path, about in wanted.items() if path in own}

    def _copy(self, original: Files, path: str, about: About, *, before: About | None) -> None:
        kind = about.kind
        if before and (before.kind != kind or kind == "symlink"):
            self.remove(path)
            before = None
        if kind == "symlink":
            self.system.symlink(original.system.read_link(path), path)
        elif kind == "file":
            self.system.write_file(path, original.system.read_file(path))
        elif not before:
            self.mkdir(path)
        if kind != "symlink":
            self.system.chmod(path, about.mode)


def copied(original: Files) -> Files:
    """Return an up-to-date copy of `original`. Give it back with `return_copy`."""
    spare = _spare.get(original, [])
    copy = spare.pop() if spare else _Copy()
    copy.follow(original)
    return copy


def return_copy(original: Files, copy: Files) -> None:
    """Keep a copy that is no longer in use for the next call of `copied`."""
    if isinstance(copy, _Copy):
        _spare.setdefault(original, []).append(copy)
