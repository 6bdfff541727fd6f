"""nano's text, with undo and redo by kinds of changes."""

from dataclasses import dataclass

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Text"]


@dataclass(slots=True)
class _Change:
    """Replaced lines, and the cursor before and after."""

    kind: str
    row: int
    before: list[str]
    after: list[str]
    cursor: Pos
    then: Pos


class Text:
    """Lines, the last of which is empty, and a cursor."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        if self.lines[-1]:
            self.lines.append("")
        self.cursor = Pos(0, 0)
        self._changes: list[_Change] = []
        self._at = 0
        #: How many changes were in force when the text was last as on disk; None if it can't be so again.
        self._saved: int | None = 0
        #: Whether the next change may merge with the last one.
        self._joins = False

    def __str__(self) -> str:
        """Return the text as in a file."""
        return "\n".join(self.lines)

    @property
    def line(self) -> str:
        """The cursor's line."""
        return self.lines[self.cursor.row]

    @property
    def last(self) -> int:
        """The last row."""
        return len(self.lines) - 1

    @property
    def count(self) -> int:
        """The number of lines in a file with this text."""
        return len(self.lines) - 1

    @property
    def modified(self) -> bool:
        """Whether it differs from the file on disk."""
        return self._saved != self._at

    def saved(self) -> None:
        """Note that the file on disk has this text."""
        self._saved = self._at
        self._joins = False

    def pause(self) -> None:
        """Keep the next change separate from the last one."""
        self._joins = False

    def replace(self, kind: str, start: Pos, end: Pos, text: str, then: Pos) -> None:
        """Replace the text from `start` to before `end`, and put the cursor at `then`."""
        first, last = self.lines[start.row][: start.col], self.lines[end.row][end.col :]
        made = (first + text + last).split("\n")
        self.replace_lines(kind, start.row, end.row - start.row + 1, made, then)

    def replace_lines(self, kind: str, row: int, count: int, lines: list[str], then: Pos) -> None:
        """Replace lines by others, and put the cursor at `then`."""
        before = self.lines[row : row + count]
        whole = row + count >= len(self.lines)
        if whole and lines[-1:] != [""]:
            # There is always an empty line after the last.
            lines = [*lines, ""]
        self.lines[row : row + count] = lines
        last = self._changes[-1] if self._at == len(self._changes) and self._changes else None
        one = len(before) == len(lines) == 1
        if (
            last is not None
            and self._joins
            and one
            and last.kind == kind
            and (last.row, last.then)
            == (
                row,
                self.cursor,
            )
        ):
            last.after, last.then = lines, then
        else:
            if self._saved is not None and self._saved > self._at:
                self._saved = None
            del self._changes[self._at :]
            self._changes.append(_Change(kind, row, before, lines, self.cursor, then))
            self._at += 1
        self._joins = one and kind in {"addition", "deletion"} and self._saved != self._at
        self.cursor = then

    def undo(self) -> str | None:
        """Undo a change and return its kind; None if there is none."""
        if not self._at:
            return None
        self._at -= 1
        self._joins = False
        change = self._changes[self._at]
        self.lines[change.row : change.row + len(change.after)] = change.before
        self.cursor = change.cursor
        return change.kind

    def redo(self) -> str | None:
        """Redo a change and return its kind; None if there is none."""
        if self._at == len(self._changes):
            return None
        change = self._changes[self._at]
        self._at += 1
        self.lines[change.row : change.row + len(change.before)] = change.after
        self.cursor = change.then
        return change.kind
