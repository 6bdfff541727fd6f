"""Textual's driver for a play screen that is displayed in a browser: bytes in, bytes out.

A screen has one viewer or none; instructors can be additional viewers. A new viewer gets the whole
screen, then its changes. A viewer that falls behind gets no queue: changes are dropped until it has displayed most
of the earlier output, then it gets the whole screen again.
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

__all__ = ["WINDOW", "SeatDriver", "Viewer"]

#: The most bytes that may be under way to a viewer. Beyond that, changes are dropped until fewer than `_CAUGHT_UP`
#: are under way.
WINDOW = 192 * 1024
_CAUGHT_UP = 32 * 1024
#: How long to wait for the rest of a key that begins with Escape, in seconds.
_TICK = 0.1
#: A fresh terminal: the other screen, no cursor, presses and drags of the mouse, pastes, no wrapping. It does not
#: report the focus: an app without the focus would drop text that the page's buttons paste.
_MODES = b"\x1bc\x1b[?1049h\x1b[?25l\x1b[?1000h\x1b[?1002h\x1b[?1006h\x1b[?2004h\x1b[?7l"


class Viewer(Protocol):
    """The browser that displays a seat."""

    def show(self, data: bytes) -> None:
        """Display `data` behind the previous output."""


class _Watching:
    """A viewer: how many bytes were sent and displayed, and whether it has fallen behind."""

    def __init__(self) -> None:
        self.sent = self.displayed = 0
        self.behind = False


class SeatDriver(Driver):
    """Displays an app at its viewers, if there are any."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        #: The size that the app was told last.
        self._laid_out: tuple[int, int] | None = None
        self._parser = LegacyKeysParser(debug)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._tick: asyncio.TimerHandle | None = None
        self._viewers: dict[Viewer, _Watching] = {}
        self._written: list[str] = []
        self._flushing = False
        #: Whether the next update is the whole screen.
        self.whole = False
        #: How often a viewer that fell behind got the whole screen.
        self.skips = 0

    @property
    def is_headless(self) -> bool:
        """Whether drawing is paused: there is no viewer, or all viewers have fallen behind."""
        return all(each.behind for each in self._viewers.values())

    @property
    def watched(self) -> bool:
        """Whether there is a viewer."""
        return bool(self._viewers)

    # --- viewers ---

    def attach(self, viewer: Viewer) -> None:
        """Display the whole screen at `viewer`, and its changes from now on."""
        # Earlier output is for the others.
        self._flush()
        self._viewers[viewer] = _Watching()
        self._show(viewer, _MODES)
        self._ask_for_whole()

    def detach(self, viewer: Viewer) -> None:
        """Stop displaying at `viewer`."""
        self._viewers.pop(viewer, None)

    def displayed(self, viewer: Viewer, count: int) -> None:
        """Record how many bytes a viewer has displayed in all."""
        if (each := self._viewers.get(viewer)) is None:
            return
        each.displayed = max(each.displayed, min(count, each.sent))
        if each.behind and each.sent - each.displayed <= _CAUGHT_UP:
            each.behind = False
            self.skips += 1
            self._ask_for_whole()

    def _ask_for_whole(self) -> None:
        self.whole = True
        self._app.call_later(self._app.refresh_all)  # type: ignore[attr-defined]  # SeatApp's

    # --- from the viewer ---

    def type(self, data: bytes) -> None:
        """Process typed input."""
        for message in self._parser.feed(text) if (text := self._decode(data)) else ():
            self.process_message(message)
        if self._tick:
            self._tick.cancel()
        self._tick = self._loop.call_later(_TICK, self._end_of_key)

    def _end_of_key(self) -> None:
        for message in self._parser.tick():
            self.process_message(message)

    def resize(self, cols: int, rows: int) -> None:
        """Use the viewer's size; lay out the screen again only if the size has changed."""
        if self._laid_out == (cols, rows):
            return
        size = Size(cols, rows)
        self._size = self._laid_out = cols, rows
        self.send_message(events.Resize(size, size))

    def send_message(self, message: Message) -> None:
        """Send the app a message; the app runs on the loop that calls this."""
        self._app.post_message(message)

    # --- from the app ---

    def write(self, data: str) -> None:
        """Display `data` together with other output of the same turn of the loop."""
        if self.is_headless:
            return
        self._written.append(data)
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        if not self._written:
            return
        data = hold_columns("".join(self._written)).encode("utf-8", "replace")
        self._written.clear()
        for viewer, each in self._viewers.items():
            if not each.behind:
                self._show(viewer, data)
                each.behind = each.sent - each.displayed > WINDOW

    def _show(self, viewer: Viewer, data: bytes) -> None:
        self._viewers[viewer].sent += len(data)
        viewer.show(data)

    def start_application_mode(self) -> None:
        """Tell the app its size and that it may combine updates; tell its place that there is a driver."""
        self.resize(*(self._size or (80, 24)))
        self.send_message(TerminalSupportsSynchronizedOutput())
        self._app.place.came()  # type: ignore[attr-defined]  # SeatApp's

    def disable_input(self) -> None:
        """Accept no more keys."""
        if self._tick:
            self._tick.cancel()

    def stop_application_mode(self) -> None:
        """Stop."""
        self._viewers.clear()

    # --- actions that would reach the server ---

    def open_url(self, url: str, new_tab: bool = True) -> None:  # noqa: FBT001, FBT002 -- as Textual has it
        """Do nothing: the page would open on the server."""

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
        """Do nothing: the file would be written on the server."""
        del delivery_key, save_path, open_method, encoding, mime_type, name
        binary.close()
