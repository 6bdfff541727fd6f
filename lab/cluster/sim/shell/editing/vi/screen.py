"""The screen of a vi: text, messages, command line, ruler, selection."""

from lab.cluster.sim.shell.editing.canvas import Frame, Row, Span, plain_row
from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.display import STYLE, cells, look_of
from lab.cluster.sim.shell.editing.vi.drawn import Drawn
from lab.cluster.sim.shell.editing.vi.files import ruler_column
from lab.cluster.sim.shell.editing.vi.messages import PROMPT, folded
from lab.cluster.sim.shell.editing.vi.registers import Kind
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.visual import visual_mode
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = ["Screen"]

_RULER_WIDTH = 18


class Screen:
    """The screen of one vi."""

    def __init__(self, vi: Vi) -> None:
        self._vi = vi
        #: The last drawn rows of text: output pushes them up.
        self._shown: list[Row] = []
        self._drawn = Drawn(vi.window)

    def frame(self) -> Frame:
        """Return the screen."""
        vi = self._vi
        vi.window.follow()
        height = vi.screen_height
        bell, vi.bell = vi.bell, False
        if vi.messages.waits and not vi.window.inserting:
            return self._printed(bell=bell)
        rows = vi.window.rows(_selected(vi), _ghost(vi))
        if vi.command_line is not None:
            return self._typed(rows, *vi.command_line, bell=bell)
        if vi.question:
            return Frame([*rows, (Span(vi.question, STYLE["question"]),)], (height - 1, len(vi.question)), bell)
        vi.messages.drawn(scrolled=self._drawn.scrolls(vi.window))
        self._drawn = Drawn(vi.window)
        self._shown = rows
        return Frame([*rows, self._last_row()], vi.window.cursor_at(), bell)

    def _printed(self, *, bell: bool) -> Frame:
        """Output pushes the text up; a command's own output has the whole screen."""
        vi = self._vi
        height, width = vi.screen_height, vi.window.width
        printed = list(vi.messages.printed or ())
        if vi.messages.outside and vi.command_line is None:
            rows = [*printed, (PROMPT,)][-height:]
            return Frame(rows + [()] * (height - len(rows)), (len(rows) - 1, len(PROMPT.text)), bell)
        text, at = vi.command_line or (PROMPT.text, len(PROMPT.text))
        last = (Span(text),) if vi.command_line else (PROMPT,)
        rows = [*self._shown, *printed, last][-height:]
        return Frame([()] * (height - len(rows)) + rows, (height - 1, min(at, width - 1)), bell)

    def _typed(self, rows: list[Row], text: str, at: int, *, bell: bool) -> Frame:
        """A command line that needs several rows pushes the text up."""
        width, height = self._vi.window.width, self._vi.screen_height
        typed = folded([Span(text)], width)
        before = folded([Span(text[:at] + " ")], width)
        rows = [*rows, *typed] if len(typed) >= len(before) else [*rows, *typed, ()]
        below = max(len(typed), len(before)) - len(before)
        return Frame(rows[len(rows) - height :], (height - 1 - below, len(plain_row(before[-1])) - 1), bell)

    def _last_row(self) -> Row:
        vi = self._vi
        shown: list[Span] = []
        if vi.options.on("showmode"):
            if mode := vi.mode or visual_mode(vi):
                shown.append(Span(mode, STYLE["mode"]))
            if vi.keyboard.recording is not None:
                shown.append(Span("recording @" + vi.keyboard.register, STYLE["mode"]))
        row = tuple(shown) or vi.messages.row
        return self._with_ruler(row) if vi.options.on("ruler") else row

    def _with_ruler(self, row: Row) -> Row:
        vi, window = self._vi, self._vi.window
        below = window.below
        if window.top == 0:
            part = "All" if below > vi.buffer.last else "Top"
        elif below > vi.buffer.last:
            part = "Bot"
        else:
            part = f"{window.top * 100 // (window.top + vi.buffer.last - below + 1):2d}%"
        where = f"{0 if vi.buffer.empty else vi.cursor.row + 1},{ruler_column(vi)}"
        column = window.width - _RULER_WIDTH
        row = _cut(row, column)
        return (*row, Span(" " * (column - len(plain_row(row))) + f"{where:<14}{part}"))


def _cut(row: Row, width: int) -> Row:
    out, used = [], 0
    for span in row:
        text = span.text[: width - used]
        used += len(text)
        out.append(Span(text, span.style))
    return tuple(out)


def _ghost(vi: Vi) -> tuple[int, str] | None:
    """Return the line whose display differs from its text, with its row."""
    if not vi.ghost:
        return None
    row, col = vi.cursor
    return row, vi.line[:col] + vi.ghost + vi.line[col:]


def _selected(vi: Vi) -> dict[int, tuple[int, int, int]] | None:
    """Return the selected columns by row: the first, the last, and how many past the line's end."""
    look = look_of(vi.options)
    if vi.matched is not None:
        start, end = vi.matched.start, vi.matched.end
        if start.row != end.row or start.row > vi.buffer.last:
            return None
        columns = cells(vi.lines[start.row], look)[1]
        return {start.row: (columns[start.col], columns[end.col] - 1, 0)}
    if vi.visual is None:
        return None
    kind, first, last = vi.selected()
    bottom = min(last.row, vi.window.top + vi.window.height, vi.buffer.last)
    rows = range(max(first.row, vi.window.top), bottom + 1)
    if kind is Kind.BLOCK:
        return dict.fromkeys(rows, (*vi.block(first, last), 0))
    return {row: _columns(vi, row, kind, first, last) for row in rows}


def _columns(vi: Vi, row: int, kind: Kind, first: Pos, last: Pos) -> tuple[int, int, int]:
    columns = cells(vi.lines[row], look_of(vi.options))[1]
    left, right = 0, END_OF_LINE
    if kind is Kind.CHARS and row == first.row:
        left = columns[min(first.col, len(columns) - 1)]
    if kind is Kind.CHARS and row == last.row:
        right = columns[last.col + 1] - 1 if last.col + 1 < len(columns) else columns[-1]
    return left, right, 1
