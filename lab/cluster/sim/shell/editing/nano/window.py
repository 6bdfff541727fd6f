"""nano's view of a text: rows with the cursor in them; long lines are cut at the window's edge."""

from wcwidth import wcwidth

from lab.cluster.sim.shell.editing.canvas import Row, Span
from lab.cluster.sim.shell.editing.nano.text import Text
from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["Window"]

_TAB = 8
_MARKED = "7"
_FOUND = "30;43"


class Window:
    """The rows of a text from `top` on."""

    def __init__(self, text: Text, height: int, width: int) -> None:
        self.text = text
        self.height = height
        self.width = width
        self.top = 0
        #: The column that the cursor keeps when it moves up and down.
        self.want = 0
        #: Whether lines have numbers.
        self.numbered = False

    @property
    def margin(self) -> int:
        """Columns of the line numbers."""
        return max(len(str(len(self.text.lines))), 2) + 1 if self.numbered else 0

    def column(self, row: int, col: int) -> int:
        """Return the column at which a character of a line is drawn."""
        column = 0
        for char in self.text.lines[row][:col]:
            column += _wide(char, column)
        return column

    def char_at(self, row: int, column: int) -> int:
        """Return the character at a column, or the line's end."""
        at = 0
        for col, char in enumerate(self.text.lines[row]):
            at += _wide(char, at)
            if at > column:
                return col
        return len(self.text.lines[row])

    def set_want(self) -> None:
        """Want the column that the cursor is in."""
        self.want = self.column(*self.text.cursor)

    def center(self) -> None:
        """Put the cursor's line in the middle."""
        self.top = max(self.text.cursor.row - self.height // 2, 0)

    def follow(self, *, center: bool = False) -> None:
        """Scroll until the cursor is visible: as little as possible, or until it is in the middle."""
        row = self.text.cursor.row
        if self.top <= row < self.top + self.height:
            return
        if center:
            self.center()
        elif row < self.top:
            self.top = row
        else:
            self.top = row - self.height + 1

    def _page_start(self, column: int) -> int:
        """Return the first visible column of a line with the cursor at `column`."""
        width = self.width - self.margin
        if column == 0 or column + 2 < width:
            return 0
        return column - 6 - (column - 6) % (width - 8) if width > 8 else column - width + 2

    def cursor_at(self) -> tuple[int, int]:
        """Return the row and column of the window in which the cursor shows."""
        row, col = self.text.cursor
        column = self.column(row, col)
        return row - self.top, column - self._page_start(column) + self.margin

    def rows(self, mark: Pos | None, found: tuple[Pos, int] | None) -> list[Row]:
        """Return the window's rows. `mark` is the start of a selection, `found` a match and its length."""
        out: list[Row] = []
        first, last = sorted((mark, self.text.cursor)) if mark is not None else (None, None)
        for row in range(self.top, self.top + self.height):
            if row > self.text.last:
                out.append(())
                continue
            styles: dict[int, str] = {}
            if first is not None and last is not None and first.row <= row <= last.row:
                start = first.col if row == first.row else 0
                end = last.col if row == last.row else len(self.text.lines[row])
                styles |= dict.fromkeys(range(start, end), _MARKED)
            if found is not None and found[0].row == row:
                styles |= dict.fromkeys(range(found[0].col, found[0].col + found[1]), _FOUND)
            out.append(self._row(row, styles))
        return out

    def _row(self, row: int, styles: dict[int, str]) -> Row:
        start = 0
        if row == self.text.cursor.row:
            start = self._page_start(self.column(*self.text.cursor))
        width = self.width - self.margin
        cells: list[tuple[str, str]] = []
        column = 0
        for col, char in enumerate(self.text.lines[row]):
            wide = _wide(char, column)
            shown = " " * wide if char == "\t" else char if char >= " " and char != "\x7f" else _control(char)
            pieces = [shown] if len(shown) == 1 else list(shown)
            for number, piece in enumerate(pieces):
                if column + number >= start:
                    cells.append((piece, styles.get(col, "")))
            column += wide
        return self._lead(row) + self._cut(cells, width, cut_before=start > 0)

    def _lead(self, row: int) -> Row:
        return (Span(f"{row + 1:>{self.margin - 1}} ", _MARKED),) if self.numbered else ()

    def _cut(self, cells: list[tuple[str, str]], width: int, *, cut_before: bool) -> Row:
        """Fit a row's cells into a width; signs mark cut text at the left and right."""
        used = 0
        kept: list[tuple[str, str]] = []
        for text, style in cells:
            wide = max(wcwidth(text), 0)
            if used + wide > width:
                while kept and used > width - 1:
                    used -= max(wcwidth(kept.pop()[0]), 0)
                kept.append((">", _MARKED))
                break
            kept.append((text, style))
            used += wide
        if cut_before and kept:
            kept[0] = ("<", _MARKED)
        out: list[Span] = []
        for text, style in kept:
            if out and out[-1].style == style:
                out[-1] = Span(out[-1].text + text, style)
            else:
                out.append(Span(text, style))
        return tuple(out)


def _control(char: str) -> str:
    return "^" + chr(ord(char) ^ 0x40)


def _wide(char: str, column: int) -> int:
    if char == "\t":
        return _TAB - column % _TAB
    return 2 if char < " " or char == "\x7f" else max(wcwidth(char), 0)
