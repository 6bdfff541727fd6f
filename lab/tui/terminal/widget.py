"""The trainee's terminal: a shell's screen. Keys and mouse go to the shell."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events
from textual.message import Message

from lab.cluster.base import Shell
from lab.errors import LabError
from lab.tui.terminal.emulator import Outcome
from lab.tui.terminal.keys import encode_key, encode_paste, is_function_key, spoken
from lab.tui.terminal.marks import Mark, Marks
from lab.tui.terminal.pace import Pace
from lab.tui.terminal.pointing import Pointing
from lab.tui.terminal.pump import OpenShell, Pump
from lab.tui.terminal.reading import Reading
from lab.tui.terminal.view import View

if TYPE_CHECKING:
    from textual.timer import Timer

__all__ = ["Terminal"]

#: How much is drawn before the clock is checked again.
_PIECE = 4 * 1024
#: Layouts come in steps, and users drag windows: the shell gets a size only after it has stayed the same this
#: long.
_SETTLED = 0.05
#: How often the progress of opening a shell is redrawn, in seconds.
_BEAT = 0.1
#: How long the app's end waits for a shell's end.
_LAST_MOMENT = 1.0
#: Ctrl+E and Ctrl+U: go to the line's end, and delete everything before it. Ctrl+Y restores it.
_CLEAR_LINE = b"\x05\x15"
_LONGEST_TITLE = 60


class Terminal(Pointing, can_focus=True):
    """A shell on a node, in a terminal.

    With the focus, it takes every key except the function keys, which go to the app. After the prefix key, a
    letter goes to the app, as `Prefixed`; Tab leaves the terminal; PageUp and its like scroll back; a function key
    and the prefix key itself go to the shell.
    """

    DEFAULT_CSS = """
    Terminal {
        width: 1fr;
        height: 1fr;
        background: $background;
        color: $foreground;
        border: round $border-blurred;
        border-title-color: $foreground;
        border-title-align: left;
        border-subtitle-color: $foreground;
        border-subtitle-align: right;
        &:focus { border: round $border; border-title-style: bold reverse; }
        &.-ended { border: round $error; }
        & > .terminal--selection { background: $primary; color: $text; }
    }
    """

    class Copied(View.Copied):
        """`text` is on the clipboard: the user selected it, or a program asked for it."""

    class Prefixed(View.Said):
        """The user typed `letter` after the prefix key."""

        def __init__(self, terminal: View, letter: str) -> None:
            super().__init__(terminal)
            self.letter = letter

    class Marked(View.Said):
        """The shell marked the start or the end of a command, or its folder."""

        def __init__(self, terminal: View, mark: Mark) -> None:
            super().__init__(terminal)
            self.mark = mark

    class Ended(View.Said):
        """The shell ended, its node went away, or the shell could not be opened; then `error` says why."""

        def __init__(self, terminal: View, error: Exception | None) -> None:
            super().__init__(terminal)
            self.error = error

    class Reconnect(View.Said):
        """A new shell is being opened, after the previous one ended."""

    class _Arrived(Message, bubble=False):
        """The pump has output, or has reached the end."""

    def __init__(
        self,
        open_shell: OpenShell,
        *,
        label: str = "",
        prefix: str = "ctrl+g",
        keep: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
        tap: Callable[[bytes], None] | None = None,
        id: str | None = None,  # noqa: A002 -- Textual's name for it
        classes: str | None = None,
    ) -> None:
        """Show the shell that `open_shell` opens, once the widget has a size.

        `label` is shown in the border; `keep` is the number of scroll-back lines; `tap` gets all output as it is
        drawn.
        """
        super().__init__(keep=keep, id=id, classes=classes)
        self._open_shell = open_shell
        self._label = label
        self._prefix = prefix
        self._tap = tap
        self._marks = Marks(clock)
        self._pump: Pump | None = None
        #: Input from before there was a shell.
        self._ahead = b""
        self._armed = False
        self._reading: Reading | None = None
        self._pace: Pace | None = None
        self._settling: Timer | None = None
        self._hint = ""
        #: While a shell is being opened: the start time, and the timer that shows the seconds.
        self._opening: tuple[float, Timer] | None = None
        self.title = ""

    @property
    def running(self) -> bool:
        """Whether a shell is running."""
        return self._pump is not None

    @property
    def busy(self) -> bool:
        """Whether a program gets the keys, instead of the shell's line."""
        return self.emulator.alternate or self._marks.busy

    # --- the shell ---

    def on_mount(self) -> None:
        """Show the terminal's name."""
        self._show_title()
        self._show_hint()
        self.app.theme_changed_signal.subscribe(self, self._tell_colours)

    def on_resize(self) -> None:
        """Give the shell the window's size; the first size opens the shell."""
        if self._settling:
            self._settling.stop()
        if self.size:
            self._settling = self.set_timer(_SETTLED, self._fit)

    def _fit(self) -> None:
        if not self.size:  # hidden meanwhile: its next size comes when it is shown
            return
        rows, cols = max(1, self.size.height), max(2, self.size.width)
        if self._reading:
            # Lines now wrap at other places.
            self._reading.leave()
            self._reading = None
        self.emulator.resize(rows, cols)
        if self._pump:
            self._pump.resize(rows, cols)
        elif not self.has_class("-ended"):
            self._connect()
        self.refresh()

    async def on_unmount(self) -> None:
        """End the shell, and wait a moment for its end."""
        if self._pace:
            self._pace.stop()
        if self._pump:
            self._pump.close()
            await asyncio.to_thread(self._pump.closed.wait, _LAST_MOMENT)

    def _tell_colours(self, _theme: object = None) -> None:
        _, background = self.background_colors
        self.emulator.set_colours(self.colors[3].rgb, background.rgb)

    def _connect(self) -> None:
        self._tell_colours()
        emulator = self.emulator
        self._pump = Pump(self._opened, emulator.rows, emulator.cols, self._wake)
        self._pace = Pace(self._pump, self, self._wake)
        self._pump.start()
        self._opening = time.monotonic(), self.set_interval(_BEAT, self._show_hint)
        self._show_hint()
        ahead, self._ahead = self._ahead, b""
        self.type(ahead)

    def _opened(self, rows: int, cols: int) -> Shell:
        """Open a shell, in the pump's thread, and report it, since it may print nothing yet."""
        shell = self._open_shell(rows, cols)
        self._wake()
        return shell

    def _wake(self) -> None:
        self.post_message(self._Arrived())

    async def on_terminal__arrived(self) -> None:
        """Draw the new output."""
        pump, pace = self._pump, self._pace
        if not pump or not pace:
            return
        if self._opening:
            self._opening[1].stop()
            self._opening = None
            self._show_hint()
        pace.go_on()
        if pump.over:
            self._end(pump.error)
        # Keys come through other tasks' queues, while this queue may never be empty.
        await asyncio.sleep(0)

    @property
    def mid_frame(self) -> bool:
        """Whether a program is in the middle of drawing one frame."""
        return self.emulator.mid_frame

    def draw(self, data: bytes) -> bytes:
        """Draw as much of `data` as can be done quickly, and return the rest."""
        rest = self.emulator.skim(data)
        if rest:
            self._heed(self.emulator.feed(rest[:_PIECE]))
            rest = rest[_PIECE:]
        drawn = data[: len(data) - len(rest)]
        if self._tap:
            self._tap(drawn)
        for mark in self._marks.feed(drawn):
            self.post_message(self.Marked(self, mark))
        return rest

    def _heed(self, outcome: Outcome) -> None:
        self.send(outcome.answers)
        if outcome.bell:
            self.app.bell()
        if outcome.clipboard:
            self.copy(outcome.clipboard)
        if outcome.title is not None:
            self.title = "".join(char for char in outcome.title if char.isprintable())[:_LONGEST_TITLE]
            self._show_title()

    def _end(self, error: Exception | None) -> None:
        """Say in the terminal that the shell is gone, and how to open a new one."""
        if self._pace:
            self._pace.stop()
        self._pump = None
        self.emulator.leave_program()
        for mark in self._marks.end():
            self.post_message(self.Marked(self, mark))
        reason = (error.title if isinstance(error, LabError) else str(error)) if error else "The shell has ended."
        shown = "".join(char if char.isprintable() else " " for char in reason)
        self.emulator.feed(f"\r\n\x1b[1m{shown}\x1b[0m\r\nEnter opens a new shell.\r\n".encode())
        self.add_class("-ended")
        self._show_hint()
        self.refresh()
        self.post_message(self.Ended(self, error))

    def reconnect(self) -> None:
        """Open a new shell after the previous one ended."""
        if self._pump:
            return
        self.remove_class("-ended")
        self._connect()
        self._show_hint()
        self.post_message(self.Reconnect(self))

    # --- keys ---

    def takes(self, key: str) -> bool:
        """Whether the focused terminal takes `key`, so that no binding gets it."""
        return self._armed or not is_function_key(key)

    def type(self, data: bytes) -> None:
        """Send typed `data` to the shell."""
        if not self._pump and not self.has_class("-ended"):
            self._ahead += data
        elif data and self._pump:
            self.scroll_to_screen()
            self.clear_selection()
            self._marks.typed(data)
            self._pump.send(data)

    def send(self, data: bytes) -> None:
        """Send `data` to the program unchanged."""
        if data and self._pump:
            self._pump.send(data)

    def press(self, key: str, times: int) -> None:
        """Send `key` as if it were pressed that many times."""
        self.type(self._encoded(key) * times)

    def on_key(self, event: events.Key) -> None:
        """Send a key to the shell, or carry out a key after the prefix or while scrolled back."""
        if not self.takes(event.key):
            return
        armed, self._armed = self._armed, False
        if not self._pump and event.key in {"tab", "shift+tab"}:
            return
        event.stop()
        event.prevent_default()
        if armed:
            self._after_prefix(event)
        elif event.key == self._prefix:
            self._armed = True
        elif self._reading:
            self._read(event)
        elif not self.scroll_key(event.key, plain=bool(self.scrolled_back)):
            self._send_key(event)
        self._show_hint()

    def _send_key(self, event: events.Key) -> None:
        if not self.has_class("-ended"):
            self.type(self._encoded(event.key, event.character))
        elif event.key == "enter":
            self.reconnect()

    def _encoded(self, key: str, character: str | None = None) -> bytes:
        return encode_key(key, character, application_cursor=self.emulator.application_cursor)

    def _after_prefix(self, event: events.Key) -> None:
        if event.key == self._prefix or is_function_key(event.key):
            self._send_key(event)
        elif event.key in {"tab", "shift+tab"}:
            self.screen.focus_previous() if event.key == "shift+tab" else self.screen.focus_next()
        elif event.character in {"[", "/"}:
            self._reading = Reading(self, search=event.character == "/")
        elif not self.scroll_key(event.key, plain=True) and event.is_printable and event.character:
            self.post_message(self.Prefixed(self, event.character))

    def _read(self, event: events.Key) -> None:
        """Give a key to the reader in the scroll-back."""
        if self._reading:
            self._reading.key(event)
            if self._reading.ended:
                self._reading = None

    def on_paste(self, event: events.Paste) -> None:
        """Send pasted text."""
        event.stop()
        self.paste(event.text)

    def paste(self, text: str) -> None:
        """Send `text` as a paste."""
        self.type(encode_paste(text, bracketed=self.emulator.bracketed_paste))

    def put(self, command: str) -> None:
        """Replace the shell's line by `command`, without sending it."""
        self.type(_CLEAR_LINE)
        self.paste(command)

    def on_focus(self) -> None:
        """Report the focus to the program, and draw the cursor accordingly."""
        self._focus_changed(focused=True)

    def on_blur(self) -> None:
        """Report the lost focus to the program, and draw the cursor accordingly."""
        self._armed = False
        self._focus_changed(focused=False)

    def _focus_changed(self, *, focused: bool) -> None:
        self.send(self.emulator.encode_focus(focused=focused))
        self._show_hint()
        self.refresh()

    # --- the border ---

    def on_scrolled(self) -> None:
        """Show how far the view is scrolled back."""
        self._show_hint()

    def _show_title(self) -> None:
        title = " · ".join(part for part in (self._label, self.title) if part)
        self.border_title = Text(title) if title else None

    def _show_hint(self) -> None:
        prefix = spoken(self._prefix)
        if self._opening:
            hint = f"opening … {time.monotonic() - self._opening[0]:.1f} s"
        elif self._armed:
            hint = f"{prefix} … Tab leaves, [ reads back, / searches, a letter is a command of the lab"
        elif self._reading:
            hint = self._reading.hint
        elif self.scrolled_back:
            hint = f"{self.scrolled_back} lines back · End returns"
        elif not self._pump and self.has_class("-ended"):
            hint = "Enter: new shell · Tab: leave"
        else:
            hint = f"{prefix} Tab: leave"
        if self._hint != hint:
            self._hint = hint
            self.border_subtitle = Text(hint)
