"""Blocks of columns: insert the same text in each row."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.display import cells, look_of
from lab.cluster.sim.shell.editing.vi.insert import insert
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.operators import delete_text, keep
from lab.cluster.sim.shell.editing.vi.regions import Region
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = ["change_block", "column_start", "insert_in_row", "pad"]


def insert_in_row(vi: Vi, row: int, region: Region, text: str, *, append: bool) -> None:
    """Insert text in one row of a block."""
    line = vi.lines[row]
    _, columns = cells(line, look_of(vi.options)._replace(listed=False))
    if append and region.right == END_OF_LINE:
        vi.set_line(row, line + text)
        return
    if append:
        pad(vi, row, region.right + 1)
    elif columns[len(line)] < region.left:
        return
    col = column_start(vi, row, region.right + 1 if append else region.left)
    line = vi.lines[row]
    vi.set_line(row, line[:col] + text + line[col:])


def pad(vi: Vi, row: int, width: int) -> None:
    """Make a line at least `width` columns long."""
    line = vi.lines[row]
    _, columns = cells(line, look_of(vi.options)._replace(listed=False))
    if columns[len(line)] < width:
        vi.set_line(row, line + " " * (width - columns[len(line)]))


def column_start(vi: Vi, row: int, column: int) -> int:
    """Return the character that starts at a column or after it."""
    line = vi.lines[row]
    _, columns = cells(line, look_of(vi.options)._replace(listed=False))
    return next((col for col in range(len(line) + 1) if columns[col] >= column), len(line))


def change_block(vi: Vi, region: Region, register: str | None) -> Typing[None]:
    """Replace a block by typed text, the same in each row."""
    keep(vi, region, register)
    delete_text(vi, region)
    row = region.start.row
    col = column_start(vi, row, region.left)
    vi.cursor = Pos(row, col)
    text = yield from insert(vi)
    if text and "\n" not in text:
        for other in range(row + 1, region.end.row + 1):
            line = vi.lines[other]
            _, columns = cells(line, look_of(vi.options)._replace(listed=False))
            if columns[len(line)] >= region.left:
                at = column_start(vi, other, region.left)
                vi.set_line(other, line[:at] + text + line[at:])
