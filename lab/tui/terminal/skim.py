"""Process long plain output without drawing: most of it would scroll off before anybody saw it.

The emulation library takes some 30 µs a line, which is too slow for tens of thousands of lines; this
module takes a tenth of the time.
"""

import re
from typing import Any, NamedTuple

from bittty.style import Style, parse_sgr_with_reset  # type: ignore[import-untyped]
from rich.segment import Segment

from lab.tui.terminal.lines import Line, rich_style, trimmed

__all__ = ["Skimmed", "simple_lines", "skim"]

#: Lines of printable ASCII, also with colours; as many as take some milliseconds.
_PLAIN_LINES = re.compile(rb"(?:[ -~]*\r\n){1,5000}")
_COLOURED_LINES = re.compile(rb"(?:[ -~]*(?:\x1b\[[0-9;]*m[ -~]*)*\r\n){1,1000}")
_COLOURS = re.compile(r"(\x1b\[[0-9;]*m)")
_MOST_PENS = 4096


class _Pen:
    """A style in the library's and in Rich's form, and the styles that sequences made of it."""

    __slots__ = ("after", "look", "style")

    def __init__(self, style: Any) -> None:  # noqa: ANN401 -- the emulation library has no types
        self.style = style
        self.look = rich_style(style)
        self.after: dict[str, _Pen] = {}


_pens: dict[Any, _Pen] = {}


class Skimmed(NamedTuple):
    """The result of skimming: the lines, how many screen lines each takes, and the style at the start of each."""

    lines: list[Line]
    heights: list[int]
    styles: list[Any]


def simple_lines(data: bytes, at_least: int) -> list[bytes]:
    """Return the simple lines at the start of `data`, each without its end; nothing if they are too few."""
    for pattern in (_PLAIN_LINES, _COLOURED_LINES):
        run = pattern.match(data)
        if run and (lines := run[0].split(b"\r\n")[:-1]) and len(lines) >= at_least:
            return lines
    return []


def skim(output: list[bytes], cols: int, style: Any) -> Skimmed:  # noqa: ANN401 -- likewise
    """Return the result of drawing `output` in `style` at its start; stop at the first line that is not simple."""
    pen = _pen(style)
    texts = b"\n".join(output).decode("ascii")
    if "\x1b" in texts or pen.look or max(map(len, output)) > cols:
        return _one_by_one(texts.split("\n"), cols, pen)
    shown = (text.rstrip(" ") for text in texts.split("\n"))
    lines = [Line((Segment(text, pen.look),) if text else (), len(text)) for text in shown]
    return Skimmed(lines, [1] * len(lines), [style] * len(lines))


def _one_by_one(texts: list[str], cols: int, pen: _Pen) -> Skimmed:
    skimmed = Skimmed([], [], [])
    for text in texts:
        lines, after = _coloured(text, cols, pen) if "\x1b" in text else (_plain(text, cols, pen), pen)
        # A line feed with a background colour fills the next line with it.
        if not lines or after.style.bg is not None:
            break
        skimmed.lines.extend(lines)
        skimmed.heights.append(len(lines))
        skimmed.styles.append(pen.style)
        pen = after
    return skimmed


def _plain(text: str, cols: int, pen: _Pen) -> list[Line]:
    if len(text) <= cols:
        return [trimmed([Segment(text, pen.look)], len(text))]
    *wrapped, last = (text[at : at + cols] for at in range(0, len(text), cols))
    lines = [Line((Segment(piece, pen.look),), cols, wrapped=True) for piece in wrapped]
    return [*lines, trimmed([Segment(last, pen.look)], len(last))]


def _coloured(text: str, cols: int, pen: _Pen) -> tuple[list[Line], _Pen]:
    """Return the line and the pen behind it; no line if it would wrap."""
    first, *parts = _COLOURS.split(text)
    segments = [Segment(first, pen.look)] if first else []
    length = len(first)
    for sequence, shown in zip(parts[::2], parts[1::2], strict=True):
        pen = pen.after.get(sequence) or _changed(pen, sequence)
        if shown:
            segments.append(Segment(shown, pen.look))
            length += len(shown)
    return ([trimmed(segments, length)] if length <= cols else []), pen


def _changed(pen: _Pen, sequence: str) -> _Pen:
    """Return the pen after the SGR `sequence`."""
    change, reset = parse_sgr_with_reset(sequence)
    base = Style() if reset else pen.style
    after = _pen(base.merge(change) if change is not None else base)
    if len(pen.after) > _MOST_PENS:
        pen.after.clear()
    pen.after[sequence] = after
    return after


def _pen(style: Any) -> _Pen:  # noqa: ANN401 -- likewise
    if len(_pens) > _MOST_PENS:
        _pens.clear()
    return _pens.setdefault(style, _Pen(style))
