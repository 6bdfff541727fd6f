"""The edited text: its lines, its marks and its history."""

from collections.abc import Callable, Sequence

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.history import Change, History, Patch

__all__ = ["Buffer", "Tracked", "Undone"]


class Undone:
    """The result of undo or redo: the new cursor, and how many lines were added."""

    def __init__(self) -> None:
        self.row: int | None = None
        #: The cursor's column on that row at the time of the change, if it was there.
        self.cursor: Pos | None = None
        self.before = self.after = 0


class Tracked:
    """Rows to visit in turn, even if changes move them meanwhile."""

    def __init__(self, rows: list[int]) -> None:
        self._rows = rows

    def next(self) -> int | None:
        """Return the next row, each once; None after the last."""
        return self._rows.pop(0) if self._rows else None

    def shift(self, row: int, count: int, by: int) -> None:
        """Note that a change at `row` added `by` lines to `count` lines (or removed them)."""
        kept = row + max(count + by, 0) if by < 0 else row + count
        self._rows = [at + by if at >= row + count else at for at in self._rows if not kept <= at < row + count]


class Buffer:
    """A file's lines. There is always one; for an empty file it is empty, and `empty` is set."""

    def __init__(self, name: str, now: Callable[[], float]) -> None:
        self.name = name
        self.lines = [""]
        self.empty = True
        self.changed = False
        self.readonly = False
        #: Whether the name belongs to a file that was neither read nor written, and whether the name was changed.
        self.new_file = False
        self.not_edited = False
        self.ends_with_newline = True
        self.marks: dict[str, Pos] = {}
        self.history = History()
        #: The line that `U` restores: its row, its text before the change, and the cursor's column then.
        self.line_kept: tuple[int, str, int] | None = None
        #: How often the text was changed.
        self.edition = 0
        #: Whether no other line takes its place before the next change: more lines are being typed.
        self.line_held = False
        self.tracked: Tracked | None = None
        self._now = now

    def load(self, text: str) -> None:
        """Use `text` as the file's content."""
        self.empty = not text
        self.ends_with_newline = not text or text.endswith("\n")
        self.lines = (text.removesuffix("\n")).split("\n")
        self.changed = False
        self.marks = {"'": Pos(0, 0)}
        self.history = History()
        self.line_kept = None
        self.edition += 1

    def text(self, start: int = 0, end: int | None = None) -> str:
        """Return the lines from `start` to before `end` as in a file."""
        if self.empty:
            return ""
        whole = end is None or end >= len(self.lines)
        text = "\n".join(self.lines[start:end])
        return text if whole and not self.ends_with_newline else text + "\n"

    @property
    def last(self) -> int:
        """The last row."""
        return len(self.lines) - 1

    def saved(self) -> None:
        """Note that the file on disk has this text."""
        self.changed = False
        self.new_file = self.not_edited = False
        self.history.saved()

    # Changes

    def set_line(self, row: int, text: str, cursor: Pos) -> None:
        """Replace one line."""
        if not self.history.open:
            self.line_held = False
        if not self.line_held and (self.line_kept is None or self.line_kept[0] != row):
            self.line_kept = (row, self.lines[row], cursor.col)
        self._replace(row, 1, [text], cursor)

    def keep(self, row: int, count: int, cursor: Pos) -> None:
        """Store lines for undo, even if they do not change."""
        patch = Patch(row, self.lines[row : row + count], count)
        self.history.add(patch, cursor, self._now(), clean=not self.changed)

    def insert(self, row: int, lines: Sequence[str], cursor: Pos) -> None:
        """Insert lines before `row`."""
        if self.empty and lines:
            self._replace(0, 1, lines, cursor)
            return
        self._replace(row, 0, lines, cursor)
        self._shift(row, 0, len(lines))

    def delete(self, row: int, count: int, cursor: Pos) -> None:
        """Delete lines; if none is left, an empty line stays."""
        if count >= len(self.lines):
            self._replace(0, len(self.lines), [""], cursor)
            self._shift(0, count, -count)
            self.empty = True
            return
        self._replace(row, count, [], cursor)
        self._shift(row, count, -count)

    def replace(self, row: int, count: int, lines: Sequence[str], cursor: Pos) -> None:
        """Replace `count` lines from `row` on by others, as one change to the text."""
        self._replace(row, count, lines, cursor)
        if len(lines) != count:
            self._shift(row, count, len(lines) - count)

    def _replace(self, row: int, count: int, lines: Sequence[str], cursor: Pos) -> None:
        self._mark_change(row, count, lines)
        patch = Patch(row, self.lines[row : row + count], len(lines))
        self.history.add(patch, cursor, self._now(), clean=not self.changed)
        self.lines[row : row + count] = lines
        self.changed, self.empty = True, False
        self.edition += 1

    def _mark_change(self, row: int, count: int, lines: Sequence[str]) -> None:
        """Set the mark `.` at the last change."""
        col = 0
        if count == len(lines) == 1:
            old, new = self.lines[row], lines[0]
            same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), None)
            col = min(len(old), len(new)) if same is None else same
        self.marks["."] = Pos(row, col)

    def _shift(self, row: int, count: int, by: int) -> None:
        """Have marks go with their lines after `count` lines from `row` on became more or fewer."""
        if self.tracked is not None:
            self.tracked.shift(row, count, by)
        gone = range(row, row + count) if by < 0 and -by == count else range(0)
        for name, mark in list(self.marks.items()):
            if mark.row in gone:
                if name in "[]<>":
                    self.marks[name] = Pos(max(min(row, self.last), 0), mark.col)
                else:
                    del self.marks[name]
            elif mark.row >= row + count:
                self.marks[name] = Pos(mark.row + by, mark.col)

    # Undo and redo

    def undo(self) -> Undone | None:
        """Undo the last change; return None if there is none."""
        history = self.history
        history.close()
        if not history.at:
            return None
        history.at -= 1
        change = history.changes[history.at]
        done = self._turn(change)
        self.changed = not change.clean_before
        return done

    def redo(self) -> Undone | None:
        """Redo the next change; return None if there is none."""
        history = self.history
        history.close()
        if history.at >= len(history.changes):
            return None
        change = history.changes[history.at]
        history.at += 1
        done = self._turn(change)
        self.changed = not change.clean_after
        return done

    def _turn(self, change: Change) -> Undone:
        """Swap a change's present lines and its stored ones, and reverse the change."""
        done = Undone()
        first, last = len(self.lines), 0
        for index in range(len(change.patches) - 1, -1, -1):
            patch = change.patches[index]
            now = self.lines[patch.top : patch.top + patch.count]
            self._point(done, change, patch, now, last_patch=index == 0)
            self.lines[patch.top : patch.top + patch.count] = patch.before
            if len(patch.before) != patch.count:
                self._shift(patch.top, patch.count, len(patch.before) - patch.count)
            done.before += len(now)
            done.after += len(patch.before)
            first = min(first, patch.top)
            last = max(last, patch.top + max(len(patch.before), 1) - 1)
            change.patches[index] = Patch(patch.top, now, len(patch.before))
        change.patches.reverse()
        self.empty = self.lines == [""] and (self.empty or done.after != done.before)
        self.lines = self.lines or [""]
        self.marks["["], self.marks["]"] = Pos(first, 0), Pos(min(last, self.last), 0)
        self.line_kept = None
        self.edition += 1
        return done

    @staticmethod
    def _point(done: Undone, change: Change, patch: Patch, now: list[str], *, last_patch: bool) -> None:
        """Return the first line that a patch really changes, or the cursor at that time."""
        if done.row is not None and patch.top >= done.row:
            return
        if patch.top - 1 <= change.cursor.row <= patch.top + len(patch.before):
            done.row, done.cursor = change.cursor.row, change.cursor
            return
        same = next((i for i, (old, new) in enumerate(zip(patch.before, now, strict=False)) if old != new), None)
        if same is None:
            same = min(len(patch.before), len(now))
            if same == len(patch.before) and not (done.row is None and last_patch):
                return
        done.row, done.cursor = patch.top + same, change.cursor
