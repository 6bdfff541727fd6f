"""The timeline of a debrief: a long attempt has thousands of events, so only displayed lines are drawn."""

from collections.abc import Iterable, Iterator

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lab.console import clock, printable
from lab.debrief.moments import Moment

__all__ = ["Happened"]

_BETWEEN = "  "
_TIME = Style(bold=True)


class Happened(ScrollView):
    """The events with their times; long ones are wrapped."""

    # The scroll bar's columns stay reserved: otherwise its appearance would change the wrapping.
    DEFAULT_CSS = """
    Happened { width: 1fr; height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; }
    """

    def __init__(self, moments: Iterable[Moment]) -> None:
        super().__init__()
        self._rows = [(clock(moment.seconds), printable(moment.text).rstrip()) for moment in moments]
        self._times = max((len(time) for time, _ in self._rows), default=0)
        #: The width for which the lines are wrapped; for each line, its time, or nothing, and its text.
        self._wrapped = 0
        self._lines: list[tuple[str, str]] = []

    def on_resize(self) -> None:
        """Wrap the lines again for another width."""
        width = self.scrollable_content_region.width
        if width != self._wrapped:
            self._wrapped = width
            self._lines = list(self._wrap(max(1, width - self._times - len(_BETWEEN))))
            self.virtual_size = Size(width, len(self._lines))
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Return a line of the view."""
        number, width, style = self.scroll_offset.y + y, self.size.width, self.rich_style
        if number >= len(self._lines):
            return Strip.blank(width, style)
        time, text = self._lines[number]
        segments = [Segment(time.rjust(self._times), style + _TIME), Segment(f"{_BETWEEN}{text}", style)]
        return Strip(segments).adjust_cell_length(width, style)

    def _wrap(self, room: int) -> Iterator[tuple[str, str]]:
        for time, text in self._rows:
            for number, line in enumerate(self._folded(text, room)):
                yield "" if number else time, line

    def _folded(self, text: str, room: int) -> list[str]:
        if text.isascii() and text.isprintable() and len(text) <= room:
            return [text]
        lines = Text(text).wrap(self.app.console, room, overflow="fold")
        return [line.plain.rstrip() for line in lines]
