"""nano's moves."""

from lab.cluster.sim.shell.editing.nano.state import Nano
from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["by_chars", "by_pages", "by_rows", "next_word", "scroll", "word_before"]


def by_rows(nano: Nano, count: int) -> None:
    """Move down, or up."""
    nano.go_row(nano.text.cursor.row + count)


def by_chars(nano: Nano, step: int) -> None:
    """Move right or left, over the ends of lines."""
    row, col = nano.text.cursor
    if step > 0 and col == len(nano.text.line) and row < nano.text.last:
        nano.go(Pos(row + 1, 0))
    elif step < 0 and col == 0 and row:
        nano.go(Pos(row - 1, len(nano.text.lines[row - 1])))
    else:
        nano.go(Pos(row, col + step))


def by_pages(nano: Nano, direction: int) -> None:
    """Move by a page; two rows stay visible."""
    step = max(nano.window.height - 2, 1)
    row = nano.text.cursor.row + direction * step
    if not 0 <= row <= nano.text.last:
        edge = 0 if direction < 0 else nano.text.last
        nano.go(Pos(edge, 0 if direction < 0 else len(nano.text.lines[edge])))
        if direction < 0:
            nano.window.top = 0
        return
    nano.window.top = max(min(nano.window.top + direction * step, nano.text.last), 0)
    nano.go_row(row)


def scroll(nano: Nano, step: int) -> None:
    """Scroll by a row; at an edge, the cursor moves too."""
    window = nano.window
    top = max(min(window.top + step, nano.text.last), 0)
    if top != window.top:
        window.top = top
        nano.go_row(max(min(nano.text.cursor.row, top + window.height - 1), top))


def next_word(nano: Nano) -> None:
    """Move to the start of the next word."""
    row, col = nano.text.cursor
    line = nano.text.line
    while col < len(line) and line[col].isalnum():
        col += 1
    while True:
        while col < len(line) and not line[col].isalnum():
            col += 1
        if col < len(line) or row == nano.text.last:
            nano.go(Pos(row, col))
            return
        row, col = row + 1, 0
        line = nano.text.lines[row]


def word_before(nano: Nano) -> None:
    """Move to the start of the previous word."""
    row, col = nano.text.cursor
    line = nano.text.line
    while True:
        while col and not line[col - 1].isalnum():
            col -= 1
        if col or not row:
            break
        row -= 1
        line = nano.text.lines[row]
        col = len(line)
    while col and line[col - 1].isalnum():
        col -= 1
    nano.go(Pos(row, col))
