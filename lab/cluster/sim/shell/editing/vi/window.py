"""The visible part of a text, and the cursor in it."""

from wcwidth import wcswidth

from lab.cluster.sim.shell.editing.canvas import Row, Span
from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.buffer import Buffer
from lab.cluster.sim.shell.editing.vi.display import (
    NUMBER_WIDTH,
    STYLE,
    cells,
    line_rows,
    look_of,
    visible_column,
)
from lab.cluster.sim.shell.editing.vi.options import Options

__all__ = ["END_OF_LINE", "Window"]

#: The wanted column after `$`.
END_OF_LINE = 1 << 30
#: More rows than any window has.
_TOO_MANY = 1 << 30


class Window:
    """The visible part of a buffer in `height` rows and `width` columns."""

    def __init__(self, buffer: Buffer, options: Options, height: int, width: int) -> None:
        self.buffer = buffer
        self.options = options
        self.height = height
        self.width = width
        self.cursor = Pos(0, 0)
        #: The column that the cursor keeps when it moves up and down.
        self.want = 0
        self.top = 0
        #: The first visible column if lines do not wrap.
        self.left = 0
        #: How many rows Ctrl-D scrolls, once a count was given.
        self.scroll = 0
        #: Whether the cursor may be behind the last character, and at the start of a tab.
        self.inserting = False
        #: Whether lines were inserted above the visible part since it was drawn.
        self.pushed = False

    # Columns

    def column_of(self, pos: Pos) -> int:
        """Return the column of the cursor at `pos`."""
        line = self.buffer.lines[pos.row]
        return visible_column(line, pos.col, look_of(self.options), at_end=not self.inserting)

    def char_at(self, row: int, column: int) -> int:
        """Return the character of a line at a column, the last one if the line is shorter."""
        line = self.buffer.lines[row]
        _, columns = cells(line, look_of(self.options))
        if column >= columns[len(line)]:
            return len(line) if self.inserting else max(len(line) - 1, 0)
        low, high = 0, len(line) - 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if columns[middle] <= column else (low, middle - 1)
        return low

    def set_want(self) -> None:
        """Want the column that the cursor is in."""
        self.want = self.column_of(self.cursor)

    def to_row(self, row: int) -> Pos:
        """Return the place in another row at the wanted column."""
        row = max(min(row, self.buffer.last), 0)
        return Pos(row, self.char_at(row, self.want))

    # Rows

    def rows_of(self, row: int) -> int:
        """Return how many rows of the screen a line takes."""
        if not self.options.on("wrap"):
            return 1
        line = self.buffer.lines[row]
        if line.isascii() and "\t" not in line and len(line) + NUMBER_WIDTH + 1 <= self.width:
            return 1
        return len(line_rows(line, row, look_of(self.options), self.width, None))

    @property
    def below(self) -> int:
        """The first line that is not wholly visible."""
        return self._below()[0]

    @property
    def empty_rows(self) -> int:
        """The number of rows below the last wholly visible line."""
        return self._below()[1]

    def _below(self) -> tuple[int, int]:
        used, row = 0, self.top
        while row <= self.buffer.last:
            more = self.rows_of(row)
            if used + more > self.height:
                break
            used += more
            row += 1
        return row, self.height - used

    def follow(self) -> None:
        """Scroll until the cursor is visible, no further than Vim does."""
        margin = self.margin
        self.top = max(min(self.top, self.buffer.last), 0)
        if (
            self.top
            and self.cursor.row < self.top + margin
            and self._rows_above() < margin + (self.cursor.row < self.top)
        ):
            if self.top + margin - self.cursor.row >= max(self.height // 2 - 1, 2):
                self.center()
            else:
                self.to_top(always=False)
        below, empty = self._below()
        if below <= self.buffer.last and self._needs_bottom(below, empty, margin):
            if self.cursor.row - below + 1 + margin <= self.height + 1:
                self.to_bottom(fresh=False)
            else:
                self.center()
        self._follow_sideways()

    @property
    def margin(self) -> int:
        """The rows between the cursor and the window's edges."""
        return min(self.options.number("scrolloff"), max((self.height - 1) // 2, 0))

    def _rows_above(self) -> int:
        return sum(self.rows_of(row) for row in range(self.top, self.cursor.row))

    def _needs_bottom(self, below: int, empty: int, margin: int) -> bool:
        if self.cursor.row >= below:
            return True
        if self.cursor.row < below - margin:
            return False
        return empty + sum(self.rows_of(row) for row in range(self.cursor.row + 1, below)) < margin

    def _follow_sideways(self) -> None:
        if self.options.on("wrap"):
            self.left = 0
            return
        width = self.width - (NUMBER_WIDTH if self.options.on("number") else 0)
        column = self.column_of(self.cursor)
        margin = self.options.number("sidescrolloff")
        before = self.left + margin - column
        after = column - (self.left + width - margin) + 1
        if before > 0 or after > 0:
            step = self.options.number("sidescroll")
            distance = max(before, after)
            if not step or distance >= width // 2 or step >= width // 2:
                self.left = max(column - width // 2, 0)
            else:
                step = max(step, distance)
                self.left = max(self.left - step, 0) if before > 0 else self.left + step

    # Scrolling to the cursor

    def center(self, *, at_end: bool = False, above_first: bool = False) -> None:
        """Put the cursor's line in the middle, as far as lines of several rows allow.

        `at_end` counts rows after the last line. `above_first` gives an odd row to the lines above.
        """
        over = under = top = self.cursor.row
        used, above, below = self.rows_of(top), 0, 0
        while top > 0:
            if above <= below if above_first else above < below:
                over -= 1
                used += self.rows_of(over)
                if used > self.height:
                    break
                above += self.rows_of(over)
                top = over
            elif under < self.buffer.last:
                under += 1
                used += self.rows_of(under)
                if used > self.height:
                    break
                below += self.rows_of(under)
            else:
                below += 1
                used += at_end
        self.top = top

    def to_top(self, *, always: bool) -> None:
        """Scroll until the cursor's line is at the top; without `always` only back."""
        off, line, height = self.margin, self.cursor.row, self.height
        least = 0 if always else self.options.number("scrolljump")
        used, extra = self.rows_of(line), 0
        scrolled = used if line < self.top else 0
        top, bottom, new_top = line - 1, line + 1, line
        while top >= 0:
            more = self.rows_of(top)
            used += more
            if extra + more <= off and bottom <= self.buffer.last:
                used += self.rows_of(bottom)
            if used > height:
                break
            if top < self.top:
                scrolled += more
            if (new_top >= self.top or scrolled > least) and extra >= off:
                break
            extra += more
            new_top = top
            top, bottom = top - 1, bottom + 1
        if used > height:
            self.center()
        elif new_top < self.top or always:
            self.top = new_top
        self.top = min(self.top, line)

    def to_bottom(self, *, fresh: bool) -> None:
        """Scroll until the cursor's line is the last; with `fresh` wherever the window was before."""
        line = self.cursor.row
        least = 0 if fresh else self.options.number("scrolljump")
        if fresh:
            self._end_with(line)
        below, empty = self._below()
        used = self.rows_of(line)
        scrolled = used - (empty if line == below else 0) if line >= below else 0
        scrolled, used = self._rows_needed((below, empty), scrolled, used, least)
        if scrolled <= 0:
            return
        count, passed, row = 0, 0, self.top
        if used > self.height:
            count = used
        else:
            while passed < scrolled and row < below:
                passed += self.rows_of(row)
                count, row = count + 1, row + 1
            if passed < scrolled:
                count = 9999
        if count >= self.height and count > least:
            self.center(above_first=True)
        else:
            self.top = min(self.top + count, self.buffer.last)

    def _end_with(self, line: int) -> None:
        used, self.top = 0, line + 1
        while self.top > 0:
            used += self.rows_of(self.top - 1)
            if used > self.height:
                break
            self.top -= 1

    def _rows_needed(self, shown: tuple[int, int], scrolled: int, used: int, least: int) -> tuple[int, int]:
        """Return how many rows to scroll, and the number of rows of the lines that must then be visible."""
        line, (below, empty) = self.cursor.row, shown
        over, under, extra, off = line, line, 0, self.margin
        while over > 0:
            enough = (scrolled <= 0 or scrolled >= least) and extra >= off
            if (enough or under + 1 > self.buffer.last) and over <= below:
                break
            over -= 1
            more = self.rows_of(over)
            used += more
            if used > self.height:
                break
            if over >= below:
                scrolled += more - (empty if over == below else 0)
            if under < self.buffer.last:
                under += 1
                more = self.rows_of(under)
                used += more
                if used > self.height:
                    break
                if extra < off or scrolled < least:
                    extra += more
                    if under >= below:
                        scrolled += more - (empty if under == below else 0)
        return scrolled, used

    # Drawing

    def cursor_at(self, cursor: Pos | None = None) -> tuple[int, int]:
        """Return the row and column of the window in which the cursor shows."""
        cursor = cursor or self.cursor
        row = sum(self.rows_of(line) for line in range(self.top, cursor.row))
        lead = NUMBER_WIDTH if self.options.on("number") else 0
        column = self.column_of(cursor)
        if not self.options.on("wrap"):
            return min(row, self.height - 1), min(max(column - self.left + lead, 0), self.width - 1)
        line = self.buffer.lines[cursor.row]
        look = look_of(self.options)
        if line.isascii():
            row_width = self.width if look.number_column_used else self.width - lead
            down, across = divmod(column + (lead if look.number_column_used else 0), row_width)
            across += 0 if look.number_column_used else lead
        else:
            before = line_rows(line[: cursor.col] + "x", cursor.row, look._replace(listed=False), self.width, None)
            down = len(before) - 1
            across = _width(before[-1]) - 1
        return min(row + down, self.height - 1), min(across, self.width - 1)

    def rows(
        self, marked: dict[int, tuple[int, int, int]] | None = None, ghost: tuple[int, str] | None = None
    ) -> list[Row]:
        """Return the window's rows. `marked` has selected columns by line; `ghost` replaces a line's text."""
        out: list[Row] = []
        look = look_of(self.options)
        for row in range(self.top, self.buffer.last + 1):
            line = ghost[1] if ghost is not None and ghost[0] == row else self.buffer.lines[row]
            selected = marked.get(row) if marked else None
            rows = line_rows(line, row, look, self.width if look.wrap else _TOO_MANY, selected)
            if not look.wrap:
                rows = [self._cut(rows[0])]
            if len(out) + len(rows) > self.height:
                if row > self.top:
                    out += [(Span("@", STYLE["filler"]),)] * (self.height - len(out))
                else:
                    out += rows[: self.height]
                break
            out += rows
            if len(out) == self.height:
                break
        return out + [(Span("~", STYLE["filler"]),)] * (self.height - len(out))

    def _cut(self, row: Row) -> Row:
        """Return the visible part of a row that does not wrap."""
        lead, text = (row[:1], row[1:]) if self.options.on("number") else ((), row)
        left, room = self.left, self.width - _width(lead)
        out: list[Span] = []
        for span in text:
            kept = []
            for char in span.text:
                wide = _width((Span(char),))
                if left > 0:
                    left -= wide
                elif room >= wide:
                    kept.append(char)
                    room -= wide
            if kept:
                out.append(Span("".join(kept), span.style))
        return (*lead, *out)


def _width(row: Row) -> int:
    text = "".join(span.text for span in row)
    if text.isascii():
        return len(text)
    return int(wcswidth(text))
