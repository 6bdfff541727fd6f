"""The screen on which a program draws: a small interface to the emulation library, which only this module uses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bittty.caps import TerminalCaps  # type: ignore[import-untyped]
from bittty.devices.board import Board  # type: ignore[import-untyped]
from bittty.mode_profiles import UNICODE_GRAPHEME_CLUSTERING, XTERM_SYNC_OUTPUT  # type: ignore[import-untyped]
from bittty.model import GNOME  # type: ignore[import-untyped]
from bittty.present import (  # type: ignore[import-untyped]
    Bell,
    ClipboardChanged,
    RowsScrolledOff,
    ScrollbackCleared,
    TitleChanged,
)
from bittty.width import WidthPolicy  # type: ignore[import-untyped]
from rich.style import Style
from wcwidth import wcwidth

from lab.tui.terminal.lines import Line, line_of, rich_style
from lab.tui.terminal.scrollback import Scrollback
from lab.tui.terminal.skim import simple_lines, skim

__all__ = ["Cursor", "Emulator", "MouseAction", "MouseWish", "Outcome"]

MouseWish = Literal["off", "basic", "button", "any"]
MouseAction = Literal["press", "release", "move"]

#: Output shorter than this is drawn directly.
_WORTH_SKIMMING = 2048

#: What the screen may answer to the program. Answers that echo the program's own output (titles, fonts, failed
#: requests) are left out: with them, a displayed file could type commands.
_ANSWER = re.compile(
    r"\x1b\[[0-9;?>=]*[$]?[A-Za-z]"
    r"|\x1bP>\|[\w().]+\x1b\\"
    r"|\x1bP1\$r[0-9;:]*[ \"*$']?[A-Za-z|]\x1b\\"
    r"|\x1bP[01]\+r[0-9A-Fa-f=;]*\x1b\\"
    r"|\x1b\](?:4;[0-9]+|1[0-2]);rgb:[0-9a-f/]+(?:\x07|\x1b\\)"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The cursor's position and shape."""

    x: int
    y: int
    shape: Literal["block", "underline", "bar"]


@dataclass(slots=True)
class Outcome:
    """What output requested besides drawing."""

    answers: bytes = b""
    bell: bool = False
    title: str | None = None
    clipboard: str | None = None


class _Widths(WidthPolicy):  # type: ignore[misc]
    """The width of a character with its combining characters, as the C library's wcwidth counts (bash, vim)."""

    def grapheme_width(self, text: str) -> Literal[0, 1, 2]:
        """Return the columns of `text`, at most two."""
        columns = sum(max(0, wcwidth(char)) for char in text)
        return 2 if columns >= 2 else 1 if columns == 1 else 0


class _Wire:
    """The library's connection to the program: it keeps the data to send."""

    closed = False

    def __init__(self) -> None:
        self.sent: list[str] = []

    def write(self, data: str) -> int:
        self.sent.append(data)
        return len(data)

    def write_bytes(self, data: bytes) -> int:
        return self.write(data.decode("latin-1"))

    def take(self) -> list[str]:
        sent, self.sent = self.sent, []
        return sent

    def flush(self) -> None:
        """Do nothing: the widget sends."""

    def resize(self, rows: int, cols: int) -> None:
        """Do nothing: a program must not resize its window."""

    def configure_line(self, line: object) -> None:
        """Do nothing: there is no modem."""

    def close(self) -> None:
        """Do nothing."""


class _Board(Board):  # type: ignore[misc]
    """The library's machine, whose size the program can't change."""

    def resize(self, width: int, height: int) -> None:
        """Ignore the program's request: a smaller page would lose text."""

    def set_page_columns(self, columns: int) -> None:
        """Ignore likewise."""

    def fit(self, cols: int, rows: int) -> None:
        """Take the window's size."""
        super().resize(cols, rows)


class Emulator:
    """A terminal's screen of `rows` and `cols` with `scrollback`, which draws a program's output."""

    def __init__(self, rows: int, cols: int, *, keep: int = 10_000) -> None:
        self.rows = rows
        self.cols = cols
        self.scrollback = Scrollback(keep)
        self.keeps_scrollback = True
        self._outcome = Outcome()
        self._wire = _Wire()
        modes = GNOME.mode_capabilities | {XTERM_SYNC_OUTPUT, UNICODE_GRAPHEME_CLUSTERING}
        # The library's own reflow loses the lines below the cut while the alternate screen shows: `resize` reflows
        # instead.
        model = replace(GNOME, mode_capabilities=modes, reflows=False)
        self._board = _Board(width=cols, height=rows, model=model, width_policy=_Widths())
        self._board.host.attach(self._wire)
        self._board.set_caps(TerminalCaps(grapheme_mode="permanently-set"))
        self._board.title.title = self._board.title.icon_title = ""
        self._board.attach_display(self)
        self._wire.take()
        self._page = self._board.display.page
        self._seen = self._page.observe()

    # --- output ---

    def feed(self, data: bytes) -> Outcome:
        """Draw `data`; return its other requests."""
        outcome = self._outcome = Outcome()
        try:
            self._board.feed_host_data(data)
        except Exception:  # noqa: BLE001 -- a fault of the library costs some output, not the app
            self._board.parser.reset()
        answers = (sent for sent in self._wire.take() if _ANSWER.fullmatch(sent))
        outcome.answers = "".join(answers).encode()
        return outcome

    def skim(self, data: bytes) -> bytes:
        """Move the first lines of `data` past the screen undrawn, if they are many and simple; return the rest.

        The result is as if the lines had been drawn.
        """
        above = self.rows - 1
        room = max(above - self._board.cursor.y, min(1, self._board.cursor.display_x))
        lines = simple_lines(data, room + 2 * self.rows) if len(data) > _WORTH_SKIMMING and above else []
        if not lines:
            return data
        data = self._draw_lines(data, lines[:room])
        if not self._at_rest():
            return data
        lines = lines[room:]
        lines_left, heights, styles = skim(lines, self.cols, self._board.style.current)
        if len(lines_left) < above:
            return data
        self.scrollback.extend(self.line(y) for y in range(above))
        self.scrollback.extend(lines_left[:-above])
        # Lines that stay on the screen are drawn; lines that scroll off were just kept.
        shown, rows = len(heights), 0
        while rows < above:
            shown -= 1
            rows += heights[shown]
        data = data[sum(map(len, lines[:shown])) + 2 * shown :]
        self.keeps_scrollback = False
        self._board.style.current = styles[shown]
        data = self._draw_lines(data, lines[shown : len(heights)])
        self.keeps_scrollback = True
        return data

    def _draw_lines(self, data: bytes, lines: list[bytes]) -> bytes:
        """Draw the first `lines` of `data`, and return the rest."""
        end = sum(map(len, lines)) + 2 * len(lines)
        self._board.feed_host_data(data[:end])
        return data[end:]

    def _at_rest(self) -> bool:
        """Whether the next line of output would go into a blank last line and scroll the whole screen."""
        board = self._board
        blitter, style = board.blitter, board.style
        return (
            not board.parser.buffer
            and (board.cursor.x, board.cursor.y) == (0, self.rows - 1)
            and not self.alternate
            and (blitter.scroll_top, blitter.scroll_bottom) == (0, self.rows - 1)
            and (blitter.left_margin, blitter.right_margin) == (0, self.cols - 1)
            and board.modes.auto_wrap
            and not board.modes.insert_mode
            and board.charset.translate("q") == "q"
            and (style.current.hyperlink, style.current.protected, style.current.bg) == (None, None, None)
            and rich_style(style.default) == Style()
            and self.line(self.rows - 1).length == 0
        )

    def present(self, event: object) -> None:
        """Handle an event of the library."""
        match event:
            case RowsScrolledOff():
                self.scrollback.extend(line_of(line.cells, wrapped=line.wrapped) for line in event.lines)
            case ScrollbackCleared():
                self.scrollback.clear()
            case Bell():
                self._outcome.bell = True
            case TitleChanged():
                self._outcome.title = event.title
            case ClipboardChanged():
                self._outcome.clipboard = event.text

    # --- the screen ---

    def line(self, y: int) -> Line:
        """Return the screen's line `y`, counted from 0."""
        page = self._board.display.page
        return line_of(page.grid[y], wrapped=page.is_line_wrapped(y))

    def take_dirty(self) -> Sequence[int]:
        """Return the lines of the screen that changed since the last call."""
        page = self._board.display.page
        rows = page.dirty_rows(self._seen) if page is self._page else range(self.rows)
        self._page, self._seen = page, page.observe()
        return rows

    @property
    def cursor(self) -> Cursor | None:
        """The cursor; None while it is hidden."""
        place = self._board.display.cursor
        return None if place is None else Cursor(place[0], place[1], self._board.cursor.shape)

    def resize(self, rows: int, cols: int) -> None:
        """Change the size; rewrap lines, and move lines that no longer fit to the scroll-back."""
        if (rows, cols) == (self.rows, self.cols):
            return
        board = self._board
        saved = board.cursor.saved[False]
        place = (saved.x, saved.y) if self.alternate else (board.cursor.display_x, board.cursor.y)
        (x, y), cut = board.blitter.primary_page.reflow(cols, rows, place)
        self.scrollback.extend(line_of(line.cells, wrapped=line.wrapped) for line in cut)
        board.fit(cols, rows)
        # The library sets no tab stops in new columns.
        board.cursor.tab_stops |= set(range(-(-self.cols // 8) * 8, cols, 8))
        self.rows, self.cols = rows, cols
        if self.alternate:
            board.cursor.saved[False] = replace(saved, x=x, y=y)
        else:
            board.cursor.set_position(x, y)

    # --- the program's requests ---

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown, as in vim and less: it has no scroll-back."""
        return bool(self._board.blitter.in_alt_screen)

    @property
    def application_cursor(self) -> bool:
        """Whether cursor keys are sent in their application form."""
        return bool(self._board.modes.cursor_application_mode)

    @property
    def bracketed_paste(self) -> bool:
        """Whether a paste is marked as a paste."""
        return bool(self._board.modes.bracketed_paste)

    @property
    def mid_frame(self) -> bool:
        """Whether the program is drawing and asked to delay the display until it is done."""
        return bool(self._board.modes.synchronized_output)

    @property
    def reverse_video(self) -> bool:
        """Whether the whole screen has its colours swapped."""
        return bool(self._board.modes.reverse_screen)

    @property
    def mouse(self) -> MouseWish:
        """The mouse events that the program wants."""
        wish: MouseWish = self._board.mouse.capture()
        return wish

    def set_colours(self, foreground: tuple[int, int, int], background: tuple[int, int, int]) -> None:
        """Answer programs that ask for the colours in use (vim does, for readability)."""
        self._board.palette_overrides = {"foreground": foreground, "background": background}
        self._board.palette.reset()

    # --- input that depends on modes ---

    def encode_mouse(self, x: int, y: int, button: int, action: MouseAction, modifiers: set[str]) -> bytes:
        """Return the bytes for a mouse event at column `x`, line `y`; buttons are 0-2, 64 and 65."""
        self._board.input_mouse(x + 1, y + 1, button, action, modifiers)
        return "".join(self._wire.take()).encode("latin-1", "replace")

    def encode_focus(self, *, focused: bool) -> bytes:
        """Return the bytes for a gain or loss of the focus."""
        self._board.set_focus(focused)
        return "".join(self._wire.take()).encode()

    def leave_program(self) -> None:
        """Reset the screen, mouse and key modes of a program that ended without doing so."""
        modes = "".join(f"\x1b[?{mode}l" for mode in (1, 9, 1000, 1002, 1003, 1004, 1006, 2004, 2026))
        if (
            self.alternate
        ):  # Otherwise the reset would move the cursor to its last saved position, as xterm's does.
            modes += "\x1b[?1049l"
        self.feed(f"{modes}\x1b[!p\x1b[?25h\x1b[0 q\x1b[0m".encode())
