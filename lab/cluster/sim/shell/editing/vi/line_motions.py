"""Moves by lines, and by the rows of the screen."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.brackets import match_of
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.state import Command, Vi
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = [
    "byte",
    "down",
    "first_of",
    "goto_first",
    "goto_line",
    "line_before",
    "line_end",
    "next_line",
    "percent",
    "row_edge",
    "row_moves",
    "screen_line",
    "this_line",
    "up",
]


def line_end(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the end of the line, or of one below (`$`)."""
    row = vi.cursor.row + command.times - 1
    if row > vi.buffer.last and (vi.options.like_vi("-") or vi.cursor.row == vi.buffer.last):
        raise Beep
    row = min(row, vi.buffer.last)
    length = len(vi.lines[row])
    past = vi.visual is not None and not operator
    return Motion(Pos(row, length if past else max(length - 1, 0)), inclusive=True, want_end=True)


def first_of(vi: Vi, row: int) -> Motion:
    """Return the move to the first character of a row that is no blank."""
    return Motion(Pos(row, vi.indent_of(row)), linewise=True)


def whole_lines(vi: Vi, row: int, *, jump: bool = True) -> Motion:
    """Return the jump to a row."""
    row = max(min(row, vi.buffer.last), 0)
    if vi.options.on("startofline"):
        return Motion(Pos(row, vi.indent_of(row)), linewise=True, jump=jump)
    return Motion(vi.window.to_row(row), linewise=True, keep_want=True, jump=jump)


def down(vi: Vi, command: Command, operator: str) -> Motion:
    """Move down (`j`)."""
    del operator
    row = vi.cursor.row + command.times
    if vi.cursor.row == vi.buffer.last or (row > vi.buffer.last and vi.options.like_vi("-")):
        raise Beep
    return Motion(vi.window.to_row(row), linewise=True, keep_want=True)


def up(vi: Vi, command: Command, operator: str) -> Motion:
    """Move up (`k`)."""
    del operator
    row = vi.cursor.row - command.times
    if vi.cursor.row == 0 or (row < 0 and vi.options.like_vi("-")):
        raise Beep
    return Motion(vi.window.to_row(row), linewise=True, keep_want=True)


def next_line(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the first character of a line below (`+`)."""
    return first_of(vi, down(vi, command, operator).to.row)


def line_before(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the first character of a line above (`-`)."""
    return first_of(vi, up(vi, command, operator).to.row)


def this_line(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the first character of this line, or of one below (`_`)."""
    if command.times == 1:
        return first_of(vi, vi.cursor.row)
    return first_of(vi, down(vi, Command(count=command.times - 1), operator).to.row)


def goto_line(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump to a line by number, or to the last (`G`)."""
    del operator
    return whole_lines(vi, vi.buffer.last if command.count is None else command.count - 1)


def goto_first(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump to a line by number, or to the first (`gg`)."""
    del operator
    return whole_lines(vi, command.times - 1)


def percent(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump to the bracket that matches, or to a part of the file in percent (`%`)."""
    del operator
    if command.count is not None:
        if command.count > 100:
            raise Beep
        row = (command.count * len(vi.lines) + 99) // 100
        return whole_lines(vi, row - 1)
    pos = match_of(vi.lines, vi.cursor, like_vi=vi.options.like_vi("%"))
    if pos is None:
        raise Beep
    return Motion(pos, inclusive=True, jump=True)


def screen_line(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump to the top, the middle or the bottom of the window (`H`, `M`, `L`)."""
    del operator
    window = vi.window
    bottom = max(min(window.below, vi.buffer.last + 1) - 1, window.top)
    if command.key == "H":
        row = min(window.top + command.times - 1, vi.buffer.last)
        if window.top:
            row = max(row, window.top + window.margin)
        row = min(row, bottom)
    elif command.key == "L":
        row = max(bottom - command.times + 1, window.top)
        if bottom < vi.buffer.last:
            row = min(row, bottom - window.margin)
    else:
        row = _middle(vi)
    return whole_lines(vi, row)


def _middle(vi: Vi) -> int:
    window = vi.window
    half = (window.height - window.empty_rows + 1) // 2
    used, row = 0, window.top
    while row < vi.buffer.last:
        used += window.rows_of(row)
        if used >= half:
            break
        row += 1
    if row > window.top and used > window.height:
        row -= 1
    return row


def row_moves(vi: Vi, command: Command, operator: str) -> Motion:
    """Move by rows of the screen, of which a long line has several."""
    width = vi.window.width
    row, column = (
        vi.cursor.row,
        vi.window.want if vi.window.want != END_OF_LINE else vi.window.column_of(vi.cursor),
    )
    if operator and not vi.options.on("wrap"):
        return down(vi, command, operator) if command.key == "j" else up(vi, command, operator)
    for _ in range(command.times):
        if command.key == "j":
            if column // width < vi.window.rows_of(row) - 1:
                column += width
            elif row < vi.buffer.last:
                row, column = row + 1, column % width
            else:
                raise Beep
        elif column >= width:
            column -= width
        elif row > 0:
            row -= 1
            column += (vi.window.rows_of(row) - 1) * width
        else:
            raise Beep
    vi.window.want = column
    return Motion(Pos(row, vi.window.char_at(row, column)), keep_want=True)


def row_edge(vi: Vi, command: Command, operator: str) -> Motion:
    """Move within a row of the screen (`g0`, `g^`, `gm`, `g$`)."""
    width = vi.window.width
    row = vi.cursor.row
    start = vi.window.column_of(vi.cursor) // width * width
    if command.key == "$":
        if command.times > 1:
            return line_end(vi, command, operator)
        return Motion(Pos(row, vi.window.char_at(row, start + width - 1)), inclusive=True)
    if command.key == "m":
        return Motion(Pos(row, vi.window.char_at(row, start + width // 2)))
    col = vi.window.char_at(row, start)
    if command.key == "^":
        line = vi.lines[row]
        while col < len(line) - 1 and line[col] in " \t":
            col += 1
    return Motion(Pos(row, col))


def byte(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump to a byte of the file (`go`)."""
    del operator
    left = command.times - 1
    for row, line in enumerate(vi.lines):
        size = len(line.encode()) + 1
        if left < size:
            return Motion(Pos(row, min(len(line.encode()[:left].decode(errors="ignore")), max(len(line) - 1, 0))))
        left -= size
    return Motion(Pos(vi.buffer.last, max(len(vi.lines[-1]) - 1, 0)))
