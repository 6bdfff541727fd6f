"""The text that an operator changes."""

from dataclasses import dataclass

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.display import cells, look_of
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.registers import Kind, Register
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = ["Region", "block_span", "region_of", "yanked"]


@dataclass(slots=True)
class Region:
    """Text from `start` to before `end`: characters, whole lines, or a block of columns."""

    kind: Kind
    start: Pos
    end: Pos
    #: Columns of a block, both included.
    left: int = 0
    right: int = 0
    #: Whether deleted text goes to register 1 even if it is a part of one line.
    to_first: bool = False
    selected: bool = False
    #: Whether it is empty, because the move led nowhere.
    empty: bool = False

    @property
    def rows(self) -> int:
        """The number of its lines."""
        return self.end.row - self.start.row + 1


def region_of(vi: Vi, motion: Motion, *, force: str = "") -> Region:
    """Return the text between the cursor and a move's target; `force` is `v`, `V` or Ctrl-V."""
    start, end = sorted((motion.start or vi.cursor, motion.to))
    linewise, inclusive = motion.linewise, motion.inclusive
    if force == "v":
        inclusive = not linewise and not inclusive
        linewise = False
    elif force == "V":
        linewise = True
    elif force == "\x16":
        left, right = vi.block(start, end if inclusive or linewise else Pos(end.row, max(end.col - 1, 0)))
        return Region(Kind.BLOCK, start, end, left, right)
    if linewise:
        return Region(Kind.LINES, start, end)
    if inclusive:
        end = Pos(end.row, min(end.col + 1, len(vi.lines[end.row])))
    elif not motion.exact and end.col == 0 and end.row > start.row and not force:
        if not vi.lines[start.row][: start.col].strip(" \t"):
            return Region(Kind.LINES, start, Pos(end.row - 1, 0))
        end = Pos(end.row - 1, len(vi.lines[end.row - 1]))
    return Region(Kind.CHARS, start, end, to_first=motion.jump, empty=start == end and not inclusive)


def block_span(vi: Vi, row: int, region: Region) -> tuple[int, int, int, int]:
    """Return the characters of a line in a block, and the columns of cut tabs outside of it.

    A tab that the block cuts is taken whole; the columns before and after the block are returned as well.
    """
    line = vi.lines[row]
    _, columns = cells(line, look_of(vi.options)._replace(listed=False))
    width = columns[len(line)]
    if region.left >= width:
        return len(line), len(line), 0, 0
    start = next(at for at in range(len(line)) if columns[at + 1] > region.left)
    if region.right >= width - 1:
        return start, len(line), region.left - columns[start], 0
    end = next(at for at in range(start, len(line)) if columns[at + 1] > region.right) + 1
    return start, end, region.left - columns[start], columns[end] - region.right - 1


def yanked(vi: Vi, region: Region) -> Register:
    """Return a region's text as a register."""
    if region.kind is Kind.LINES:
        return Register(Kind.LINES, vi.lines[region.start.row : region.end.row + 1])
    if region.kind is Kind.CHARS:
        return Register(Kind.CHARS, vi.text_between(region.start, region.end))
    lines, width = [], 0
    for row in range(region.start.row, region.end.row + 1):
        start, end, before, after = block_span(vi, row, region)
        text = vi.lines[row][start:end]
        if text.startswith("\t") and before:
            text = " " * (_tab_width(vi, row, start) - before) + text[1:]
        if text.endswith("\t") and after:
            text = text[:-1] + " " * (_tab_width(vi, row, end - 1) - after)
        lines.append(text.rstrip(" ") if region.right == END_OF_LINE else text)
    width = max(map(len, lines)) if region.right == END_OF_LINE else region.right - region.left + 1
    return Register(Kind.BLOCK, lines, width)


def _tab_width(vi: Vi, row: int, col: int) -> int:
    _, columns = cells(vi.lines[row], look_of(vi.options)._replace(listed=False))
    return columns[col + 1] - columns[col]
