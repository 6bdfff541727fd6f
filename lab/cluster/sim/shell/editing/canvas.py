"""A screen that draws only changes: rows of styled text become terminal codes."""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Canvas", "Frame", "Row", "Span", "plain_row"]


class Span(NamedTuple):
    """Text in one style; the style is what stands between `ESC [` and `m`."""

    text: str
    style: str = ""


Row = tuple[Span, ...]


def plain_row(row: Row) -> str:
    """Return the text of a row."""
    return "".join(span.text for span in row)


@dataclass(frozen=True, slots=True)
class Frame:
    """All rows of a screen, from the top, and the cursor's row and column."""

    rows: list[Row]
    cursor: tuple[int, int]
    bell: bool = False
    cursor_shown: bool = True


class Canvas:
    """The present content of a terminal, and the codes that change it."""

    def __init__(self) -> None:
        self._shown: list[Row] = []

    def draw(self, frame: Frame) -> str:
        """Return the codes that make the terminal show `frame`."""
        out = ["\x1b[?25l"]
        if len(self._shown) != len(frame.rows):
            self._shown = [() for _ in frame.rows]
            out.append("\x1b[m\x1b[2J")
        for number, row in enumerate(frame.rows):
            if row != self._shown[number]:
                out.append(f"\x1b[{number + 1};1H\x1b[m\x1b[K")
                out += (f"\x1b[{span.style}m{span.text}\x1b[m" if span.style else span.text for span in row)
        self._shown = list(frame.rows)
        out.append(f"\x1b[{frame.cursor[0] + 1};{frame.cursor[1] + 1}H")
        if frame.cursor_shown:
            out.append("\x1b[?25h")
        return "".join(out)

    def forget(self) -> None:
        """Draw the whole next frame: the terminal shows something else, or has another size."""
        self._shown = []
