"""A terminal's lines in the form that Textual paints."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from string import ascii_uppercase
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

__all__ = ["PLAIN", "Line", "line_of", "rich_style", "trimmed"]

#: The style of text without a style.
PLAIN = Style()
#: Characters that modify the previous character; terminals differ in how they draw them: variation selectors, skin
#: tones, tags, and sequences with a zero-width joiner.
_DISPUTED = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d[\u2190-\U0001faff]?")
#: The letters whose pairs form flags. Terminals differ here too.
_FLAG_LETTERS = {0x1F1E6 + place: letter for place, letter in enumerate(ascii_uppercase)}


class Line(NamedTuple):
    """One line of text with its colours; `wrapped` if it continues in the next line."""

    segments: tuple[Segment, ...]
    length: int
    wrapped: bool = False

    @property
    def strip(self) -> Strip:
        """The line to paint."""
        return Strip(self.segments, self.length)

    @property
    def text(self) -> str:
        """The line's characters."""
        return "".join(segment.text for segment in self.segments)


def line_of(cells: Sequence[tuple[Any, str]], *, wrapped: bool) -> Line:
    """Return the emulation library's `cells` (a style and a character each) as a line.

    The second column of a wide character is an empty cell. Blank cells at the end are left out.
    """
    styles, characters = zip(*cells, strict=True)
    text = "".join(characters)
    texts = text if text.isascii() and text.isprintable() else _presentable(characters)
    segments = []
    at = 0
    # By identity, which is fast: equal styles are mostly one object, and separate equal neighbours do no harm.
    for _, run in groupby(map(id, styles)):
        end = at + len(tuple(run))
        segments.append(Segment(text[at:end] if texts is text else "".join(texts[at:end]), rich_style(styles[at])))
        at = end
    return trimmed(segments, at, wrapped=wrapped)


def trimmed(segments: list[Segment], length: int, *, wrapped: bool = False) -> Line:
    """Return `segments`, of `length` columns, as a line, without plain blanks at its end unless it `wrapped`."""
    while not wrapped and segments and segments[-1].style is PLAIN:
        text = segments.pop().text
        shown = text.rstrip(" ")
        length -= len(text) - len(shown)
        if shown:
            segments.append(Segment(shown, PLAIN))
            break
    return Line(tuple(segments), length, wrapped)


def _presentable(texts: Sequence[str]) -> list[str]:
    """Replace characters that some terminals would draw in another number of columns."""
    shown = list(texts)
    for at, text in enumerate(texts):
        if text and not (text.isascii() and text.isprintable()):
            shown[at] = _undisputed(text, 2 if texts[at + 1 : at + 2] == ("",) else 1)
    return shown


@lru_cache(maxsize=4096)
def _undisputed(text: str, width: int) -> str:
    """Return the character `text` as every terminal draws it in `width` columns, or a replacement.

    Control characters are replaced: they must not reach the terminal.
    """
    if not any(ord(char) < 0xA0 and not char.isprintable() for char in text):
        drawn = (text[0] + _DISPUTED.sub("", text[1:])).translate(_FLAG_LETTERS)
        for shorter in (drawn, drawn[0]):
            if 0 < (columns := cell_len(shorter)) <= width:
                return shorter + " " * (width - columns)
    return "\ufffd".ljust(width)


@lru_cache(maxsize=4096)
def rich_style(style: Any) -> Style:  # noqa: ANN401 -- the emulation library has no types
    """Return the emulation library's `style` as Rich's."""
    look = Style(
        color=_color(style.fg),
        bgcolor=_color(style.bg),
        bold=style.bold or None,
        dim=style.dim or None,
        italic=style.italic or None,
        underline=style.underline or None,
        blink=style.blink or None,
        reverse=style.reverse or None,
        conceal=style.conceal or None,
        strike=style.strike or None,
        overline=style.overline or None,
    )
    return look or PLAIN


def _color(color: Any) -> Color | None:  # noqa: ANN401 -- likewise
    if color is None or color.mode == "default":
        return None
    return Color.from_ansi(color.value) if color.mode == "indexed" else Color.from_rgb(*color.value)
