"""A screen without colours, for NO_COLOR: text that stands out by its background is shown reversed."""

from functools import lru_cache

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

__all__ = ["Plain"]

#: The WCAG contrast from which a background stands out; panels and blurred borders stay below it.
_STANDS_OUT = 2.0


class Plain(LineFilter):
    """Removes all colours. `background` is the screen's own background."""

    def __init__(self, background: Color) -> None:
        super().__init__()
        self._background = background

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return `segments` without colours."""
        del background
        return [
            Segment(text, None if style is None else _plain(style, self._background), control)
            for text, style, control in segments
        ]


@lru_cache(maxsize=4096)
def _plain(style: Style, background: Color) -> Style:
    seen = style.color if style.reverse else style.bgcolor
    reverse = bool(style.reverse) if seen is None or seen.is_default else _contrast(seen, background) > _STANDS_OUT
    return style.without_color + Style(reverse=reverse)


def _contrast(color: RichColor, background: Color) -> float:
    darker, lighter = sorted((_luminance(Color.from_rich_color(color)), _luminance(background)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
