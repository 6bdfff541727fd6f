"""Selected text: from one cell to another, by cells, words or lines."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from lab.tui.terminal.lines import Line

__all__ = ["Place", "Selection", "Unit"]

Unit = Literal["cell", "word", "line"]

_WORD = re.compile(r"[^\s\"'`()\[\]{}<>|;,]+")


class Place(NamedTuple):
    """A cell: the number of its line in the scroll-back, and its column."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Selection:
    """The text between `anchor`, where the button went down, and `head`, where the mouse is."""

    anchor: Place
    head: Place
    unit: Unit = "cell"

    @property
    def empty(self) -> bool:
        """Whether nothing is selected: the mouse did not move, and no word or line was clicked."""
        return self.unit == "cell" and self.anchor == self.head

    def lines(self) -> range:
        """Return the numbers of the selected lines."""
        first, last = sorted((self.anchor.line, self.head.line))
        return range(first, last + 1)

    def columns(self, number: int, line: Line, width: int) -> tuple[int, int]:
        """Return the selected columns of line `number`: the first, and the one behind the last."""
        if self.empty or number not in self.lines():
            return 0, 0
        start, end = sorted((self.anchor, self.head))
        first = start.column if number == start.line else 0
        last = end.column + 1 if number == end.line else width
        if self.unit == "line":
            return 0, width
        if self.unit == "word":
            first = _word_at(line, first)[0] if number == start.line else 0
            last = _word_at(line, end.column)[1] if number == end.line else width
        return first, min(last, width)

    def text(self, line_at: Callable[[int], Line], width: int) -> str:
        """Return the selected text; wrapped lines are joined again."""
        parts = []
        for number in self.lines():
            line = line_at(number)
            part = line.strip.crop(*self.columns(number, line, width)).text
            goes_on = line.wrapped and number != self.lines()[-1]
            parts.append(part if goes_on else part.rstrip(" ") + "\n")
        return "".join(parts).removesuffix("\n")


def _word_at(line: Line, column: int) -> tuple[int, int]:
    """Return the columns of the word at `column`; of that cell alone if there is no word."""
    for word in _WORD.finditer(line.text):
        first, last = (line.strip.index_to_cell_position(index) for index in word.span())
        if first <= column < last:
            return first, last
    return column, column + 1
