"""Textual's driver for a play screen that is displayed elsewhere: bytes in, bytes out.

Nobody looks at it, or one person does. What a person who comes gets is the whole screen, and from then on its
changes. A person who falls behind gets no queue: changes are left out until most of what was sent has been
displayed, and then comes the whole screen again.
"""

import asyncio  # noqa: TC003 -- a handle is made at run time
import codecs
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol, TextIO

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from lab.tui.terminal.legacy_keys import LegacyKeysParser
from lab.tui.terminal.steady import hold_columns

__all__ = ["SeatDriver", "Viewer"]

#: So many bytes may be under way to a viewer. Beyond it changes are left out until fewer than `_CAUGHT_UP` are.
_WINDOW = 192 * 1024
_CAUGHT_UP = 32 * 1024
#: How long an Escape may be the beginning of a longer key, in seconds.
_TICK = 0.1
#: A fresh terminal: the other screen, no cursor, presses and drags of the mouse, pastes, no wrapping. Not told is
#: the focus: an app without it drops what the buttons of the page paste.
_MODES = b"\x1bc\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?7l"


class Viewer(Protocol):
    """Where a seat is displayed."""

    def show(self, data: bytes) -> None:
        """Display `data`, which continues what was displayed before."""


class SeatDriver(Driver):
    """Displays an app at a viewer, if there is one."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._parser = LegacyKeysParser(debug)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tick: asyncio.TimerHandle | None = None
        self._viewer: Viewer | None = None
        self._written: list[str] = []
        self._flushing = False
        #: How many bytes the viewer was sent, and how many it has displayed.
        self._sent = self._displayed = 0
        self._behind = False
        #: Whether the next update is to be the whole screen.
        self.whole = False
        #: How often a viewer that fell behind got the whole screen instead of what it had missed.
        self.skips = 0

    @property
    def is_headless(self) -> bool:
        """Whether nothing is drawn: nobody looks, or whoever looks has not displayed what came before."""
        return self._viewer is None or self._behind

    @property
    def watched(self) -> bool:
        """Whether anybody looks."""
        return self._viewer is not None

    # --- the viewer ---

    def attach(self, viewer: Viewer) -> None:
        """Display the whole screen at `viewer`, and from now on what changes."""
        self._written.clear()
        self._viewer, self._sent, self._displayed, self._behind = viewer, 0, 0, False
        self._show(_MODES)
        self._ask_for_whole()

    def detach(self) -> None:
        """Display nothing any more."""
        self._viewer = None
        self._written.clear()

    def displayed(self, count: int) -> None:
        """Note that the viewer has displayed `count` bytes in all."""
        self._displayed = max(self._displayed, min(count, self._sent))
        if self._behind and self._sent - self._displayed <= _CAUGHT_UP:
            self._behind = False
            self.skips += 1
            self._ask_for_whole()

    def _ask_for_whole(self) -> None:
        self.whole = True
        self._app.call_later(self._app.refresh_all)  # type: ignore[attr-defined]  # SeatApp's

    # --- from the viewer ---

    def type(self, data: bytes) -> None:
        """Take what was typed."""
        for message in self._parser.feed(text) if (text := self._decode(data)) else ():
            self.process_message(message)
        if self._tick:
            self._tick.cancel()
        self._tick = self._loop.call_later(_TICK, self._end_of_key)

    def _end_of_key(self) -> None:
        for message in self._parser.tick():
            self.process_message(message)

    def resize(self, cols: int, rows: int) -> None:
        """Take the viewer's size."""
        size = Size(cols, rows)
        self._size = cols, rows
        self.send_message(events.Resize(size, size))

    def send_message(self, message: Message) -> None:
        """Send the app a message; it lives on the loop that calls this."""
        self._app.post_message(message)

    # --- from the app ---

    def write(self, data: str) -> None:
        """Display `data` with what else is written in this turn of the loop."""
        if self.is_headless:
            return
        self._written.append(data)
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if not self._written or self.is_headless:
            return
        data = hold_columns("".join(self._written)).encode("utf-8", "replace")
        self._written.clear()
        self._show(data)
        self._behind = self._sent - self._displayed > _WINDOW

    def _show(self, data: bytes) -> None:
        if self._viewer:
            self._sent += len(data)
            self._viewer.show(data)

    def start_application_mode(self) -> None:
        """Tell the app its size, that updates may come as one, and its place that there is a driver."""
        self.resize(*(self._size or (80, 24)))
        self.send_message(TerminalSupportsSynchronizedOutput())
        self._app.place.came()  # type: ignore[attr-defined]  # SeatApp's

    def disable_input(self) -> None:
        """Take no more keys."""
        if self._tick:
            self._tick.cancel()

    def stop_application_mode(self) -> None:
        """End."""
        self.detach()

    # --- what would reach the server ---

    def open_url(self, url: str, new_tab: bool = True) -> None:  # noqa: FBT001, FBT002 -- as Textual has it
        """Open nothing: it would open on the server."""

    def deliver_binary(
        self,
        binary: BinaryIO | TextIO,
        *,
        delivery_key: str,
        save_path: Path,
        open_method: Literal["browser", "download"] = "download",
        encoding: str | None = None,
        mime_type: str | None = None,
        name: str | None = None,
    ) -> None:
        """Write nothing: it would be a file of the server's."""
        del delivery_key, save_path, open_method, encoding, mime_type, name
        binary.close()
