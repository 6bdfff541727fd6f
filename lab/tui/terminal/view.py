"""The display of a terminal: its lines, the scroll-back, the cursor, and selection by mouse."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Offset, Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from lab.tui.terminal.emulator import Cursor, Emulator
from lab.tui.terminal.lines import Line
from lab.tui.terminal.selection import Place, Selection, Unit

__all__ = ["View"]

_BLANK = Line((), 0)
_UNITS: dict[int, Unit] = {2: "word", 3: "line"}
_WHEEL_LINES = 3


class View(Widget):
    """The screen of an `Emulator` and its scroll-back. It paints only changes."""

    #: Textual's own selection does not know scroll-back and wrapped lines.
    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"terminal--selection"}

    class Said(Message):
        """A message of a terminal, which is its `control`."""

        def __init__(self, view: "View") -> None:
            super().__init__()
            self.view = view

        @property
        def control(self) -> "View":
            """The terminal that sent the message."""
            return self.view

    class Copied(Said):
        """`text` is on the clipboard: the user selected it, or a program asked for it."""

        def __init__(self, view: "View", text: str) -> None:
            super().__init__(view)
            self.text = text

    def __init__(self, *, keep: int, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.emulator = Emulator(24, 80, keep=keep)
        #: The number of the top line while the view is scrolled back.
        self._top: int | None = None
        self._selection: Selection | None = None
        self._selecting = False
        self._cursor: Cursor | None = None
        #: The cursor's place while the user reads back by keys.
        self._reading_at: Place | None = None
        self._base = Style()

    # --- painting ---

    def repaint(self) -> None:
        """Paint the changes."""
        emulator = self.emulator
        before, self._cursor = self._cursor, emulator.cursor
        rows = set(emulator.take_dirty()) | {cursor.y for cursor in (before, self._cursor) if cursor}
        if emulator.alternate:
            self._top = None
        # With the border behind them: a character that is wider than we think may overwrite it.
        width = self.size.width + 1
        if self._top is not None or len(rows) >= emulator.rows:
            self.refresh(Region(0, 0, width, self.size.height))
        elif rows:
            self.refresh(*(Region(0, row, width, 1) for row in rows))
        if self._cursor and self.has_focus:
            self.app.cursor_position = self.content_region.offset + Offset(self._cursor.x, self._cursor.y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the lines in `crop`."""
        self._base = self.rich_style + Style(reverse=self.emulator.reverse_video or None)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return line `y` of the view."""
        number = self.top + y
        line = self.line_at(number)
        strip = line.strip.adjust_cell_length(self.size.width)
        if self._selection:
            first, last = self._selection.columns(number, line, self.size.width)
            strip = _restyled(strip, first, last, self.get_component_rich_style("terminal--selection"))
        if self._reading_at:
            if number == self._reading_at.line:
                strip = self._with_cursor(strip, Cursor(self._reading_at.column, 0, "block"))
        elif self._cursor and number == self.emulator.scrollback.end + self._cursor.y:
            strip = self._with_cursor(strip, self._cursor)
        return strip.apply_style(self._base)

    def _with_cursor(self, strip: Strip, cursor: Cursor) -> Strip:
        """Draw the cursor within the limits of cells: a block, an underline, or a bar if there is room."""
        x = min(cursor.x, self.size.width - 1)
        under = strip.crop(x, x + 2)
        text = under.text[:1] or " "
        wide = under.cell_length == 2 and len(under.text) == 1
        style = next((segment.style for segment in under if segment.style), Style())
        if not self.has_focus or cursor.shape == "underline" or (cursor.shape == "bar" and text != " "):
            style += Style(underline=not style.underline)
        elif cursor.shape == "bar":
            text = "▏"
        else:
            style += Style(reverse=not style.reverse)
        width = 2 if wide else 1
        text = text if wide else strip.crop(x, x + 1).text if text != "▏" else text
        return Strip.join([strip.crop(0, x), Strip([Segment(text, style)], width), strip.crop(x + width)])

    def line_at(self, number: int) -> Line:
        """Return line `number`, as in the scroll-back; a blank line if it is gone."""
        scrollback = self.emulator.scrollback
        if number >= scrollback.end:
            row = number - scrollback.end
            return self.emulator.line(row) if row < self.emulator.rows else _BLANK
        return scrollback[number] if number >= scrollback.first else _BLANK

    # --- scrolling back ---

    @property
    def top(self) -> int:
        """The number of the top line in the view."""
        scrollback = self.emulator.scrollback
        return scrollback.end if self._top is None else max(self._top, scrollback.first)

    @property
    def typed_above(self) -> bool:
        """Whether the cursor, and so the last lines, are in the upper half."""
        cursor = self.emulator.cursor
        return cursor is not None and cursor.y < self.emulator.rows // 2

    @property
    def scrolled_back(self) -> int:
        """How many lines above the screen the view is."""
        return self.emulator.scrollback.end - self.top

    def scroll_back(self, lines: int) -> None:
        """Move the view up by `lines`, or down if negative. The alternate screen has no scroll-back."""
        scrollback = self.emulator.scrollback
        top = max(scrollback.first, self.top - lines)
        self._top = None if top >= scrollback.end or self.emulator.alternate else top
        self.refresh()
        self.on_scrolled()

    def scroll_key(self, key: str, *, plain: bool) -> bool:
        """Scroll by `key`, which needs Shift unless `plain`; return whether it is a scrolling key."""
        if self.emulator.alternate or not (plain or key.startswith("shift+")):
            return False
        page = max(1, self.emulator.rows - 1)
        far = len(self.emulator.scrollback) + self.emulator.rows
        lines = {"pageup": page, "pagedown": -page, "home": far, "end": -far}.get(key.removeprefix("shift+"))
        if lines is None and key.startswith("shift+"):
            lines = {"up": 1, "down": -1}.get(key.removeprefix("shift+"))
        if lines is not None:
            self.scroll_back(lines)
        return lines is not None

    def scroll_to_screen(self) -> None:
        """Move the view down to the screen."""
        if self._top is not None:
            self.scroll_back(-self.scrolled_back)

    def show_line(self, number: int) -> None:
        """Scroll no further than needed to show line `number`."""
        top = min(self.top, number)
        self.scroll_back(self.top - max(top, number - self.emulator.rows + 1))

    def read_at(self, place: Place | None, selection: Selection | None) -> None:
        """Draw the cursor at `place` instead of the program's cursor, and the selection there."""
        self._reading_at, self._selection = place, selection
        if place and not self.emulator.alternate:
            # New output must not move the lines that the user reads.
            self._top = self.top
        self.refresh()

    def on_scrolled(self) -> None:
        """Handle a move of the view."""

    # --- selecting ---

    def place_of(self, event: events.MouseEvent) -> Place:
        """Return the cell under the mouse; the nearest cell if the mouse has left the terminal."""
        offset = self._cell(event)
        return Place(self.top + offset.y, offset.x)

    def _cell(self, event: events.MouseEvent) -> Offset:
        return (event.offset - self.content_offset).clamp(self.size.width, self.size.height)

    def clear_selection(self) -> None:
        """Clear the selection."""
        if self._selection:
            self._selection = None
            self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Begin to select."""
        if event.button == 1:
            self.clear_selection()
            place = self.place_of(event)
            self._selection = Selection(place, place)
            self._selecting = True
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Extend the selection to the mouse; scroll if the mouse leaves the view."""
        if not self._selecting or not self._selection:
            return
        above = self.content_offset.y - event.y
        below = event.y - self.content_offset.y - self.size.height + 1
        if above > 0 or below > 0:
            self.scroll_back(above if above > 0 else -below)
        self._selection = Selection(self._selection.anchor, self.place_of(event))
        self.refresh()

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        """Copy the selection."""
        self.release_mouse()
        if self._selecting:
            self._selecting = False
            self.copy_selected()

    def on_click(self, event: events.Click) -> None:
        """Select a word by two clicks and a line by three."""
        if event.button == 1 and event.chain in _UNITS and self._selection:
            place = self.place_of(event)
            self._selection = Selection(place, place, _UNITS[event.chain])
            self.copy_selected()
            self.refresh()

    def copy_selected(self) -> None:
        """Copy the selection."""
        if self._selection and not self._selection.empty:
            self.copy(self._selection.text(self.line_at, self.emulator.cols))

    def copy(self, text: str) -> None:
        """Put `text` on the clipboard."""
        if text:
            self.app.copy_to_clipboard(text)
            self.post_message(self.Copied(self, text))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        event.prevent_default()
        self.wheel(event, _WHEEL_LINES)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll forward."""
        event.stop()
        event.prevent_default()
        self.wheel(event, -_WHEEL_LINES)

    def wheel(self, _event: events.MouseEvent, lines: int) -> None:
        """Handle the wheel."""
        self.scroll_back(lines)


def _restyled(strip: Strip, first: int, last: int, style: Style) -> Strip:
    """Return `strip` with the columns from `first` to `last` in `style`."""
    if first >= last:
        return strip
    part = strip.crop(first, last)
    looks = Style(color=style.color, bgcolor=style.bgcolor, reverse=False)
    return Strip.join(
        [
            strip.crop(0, first),
            Strip(list(Segment.apply_style(part, post_style=looks)), part.cell_length),
            strip.crop(last),
        ]
    )
