"""A terminal as programs see it: keys that become lines or go to a full-screen program, and what is printed."""

import asyncio
import contextlib
import select
from collections.abc import Awaitable, Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from prompt_toolkit.application import Application, create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput
from prompt_toolkit.output.vt100 import Vt100_Output

from lab.cluster.sim.shell.input_feed import Feed

if TYPE_CHECKING:
    from lab.cluster.sim.shell.session import Session

__all__ = ["Mode", "Terminal", "Whole"]

_INTERRUPTS = {0x03, 0x1C}
_END = 0x04
_ERASE = {0x7F, 0x08}
_KILL = 0x15
_WORD = 0x17
_ENTER = {0x0D, 0x0A}
_PASTE = (b"\x1b[200~", b"\x1b[201~")


class Mode(Enum):
    """Who gets the keys."""

    PROMPT = "the line editor"
    COOKED = "the program that runs, line by line"
    SCREEN = "a full-screen program, as they are"


class _Printer:
    """What the line editor and full-screen programs write to."""

    encoding = "utf-8"

    def __init__(self, emit: Callable[[bytes], None]) -> None:
        self._emit = emit

    def write(self, text: str) -> int:
        """Pass `text` on."""
        self._emit(text.encode())
        return len(text)

    def flush(self) -> None:
        """Do nothing: everything is passed on at once."""

    def isatty(self) -> bool:
        """It is a terminal to whoever writes."""
        return True

    def fileno(self) -> int:
        """There is no file."""
        raise OSError("a simulated terminal has no file")


class Whole(Protocol):
    """A program that draws on the whole screen and takes keys as they come."""

    def typed(self, data: bytes) -> None:
        """Take what is typed."""

    def resized(self) -> None:
        """Take note that the terminal has another size."""


class Terminal:
    """One terminal; everything but `emit` happens on the simulator's loop."""

    def __init__(self, pipe: PipeInput, emit: Callable[[bytes], None], rows: int, cols: int) -> None:
        self.input = pipe
        self.emit = emit
        self.size = Size(rows=rows, columns=cols)
        self.output = Vt100_Output(
            cast("TextIO", _Printer(emit)), lambda: self.size, term="xterm-256color", enable_cpr=False,
            enable_bell=False,
        )  # fmt: skip
        #: Whether what is typed is shown (`stty -echo`), and whether each key is passed on by itself (`read -n`).
        self.echo = True
        self.by_key = False
        #: Commands that run, the innermost last: Ctrl-C is for that one.
        self.running: list[asyncio.Task[int]] = []
        self.mode = Mode.PROMPT
        self._feed: Feed | None = None
        self._line = bytearray()
        self._screen_taken = False
        self._whole: Whole | None = None
        self._editor: Application[str] | None = None
        #: Whether Enter was given to the line editor, which may have ended the line by it.
        self._entered = False
        #: Keys that nobody has read yet.
        self._ahead = bytearray()
        self.interactive: Callable[[Session], Awaitable[int]] | None = None

    async def interact(self, session: "Session") -> int:
        """Run `session` as a shell at this terminal until it is left; return its exit code."""
        if self.interactive is None:
            return 1
        kept, echo = self._feed, self.echo
        try:
            return await self.interactive(session)
        finally:
            self.mode, self._feed, self.echo = Mode.COOKED, kept, echo

    def typed(self, data: bytes) -> None:
        """Take what is typed to whom it is for."""
        if self._whole is not None:
            self._whole.typed(data)
        elif self.mode is Mode.SCREEN:
            self.input.send_bytes(data)
        elif self.mode is Mode.PROMPT:
            self._ahead += data
            self._offer()
        else:
            for key in data:
                self._cooked(key)

    @contextlib.contextmanager
    def prompting(self, editor: Application[str]) -> Iterator[None]:
        """Give keys to the line editor while the body runs, line by line: what follows may be for a program."""
        self.mode, self._feed, self.echo, self.by_key = Mode.PROMPT, None, True, False
        self._ahead[:0], self._line = self._line, bytearray()
        self._editor, self._entered = editor, False
        asyncio.get_running_loop().call_soon(self._offer)
        try:
            with create_app_session(input=self.input, output=self.output):
                yield
        finally:
            self.mode = Mode.COOKED

    @contextlib.contextmanager
    def running_line(self, feed: Feed | None) -> Iterator[None]:
        """Give lines to `feed` while the body runs; with none they wait for the next prompt."""
        self.mode, self._feed = Mode.COOKED, feed
        if feed is not None:
            ahead, self._ahead = bytes(self._ahead), bytearray()
            for key in ahead:
                self._cooked(key)
        try:
            yield
        finally:
            self._feed = None
            if feed is not None:
                # Typed when the program had ended already.
                self._ahead += feed.rest().replace(b"\n", b"\r")
            if self._screen_taken:
                self._screen_taken = False
                self.emit(b"\x1b[?1049l")

    def take_screen(self) -> None:
        """Show an empty screen until the line that runs has ended."""
        self._screen_taken = True
        self.emit(b"\x1b[?1049h")

    def resize(self, rows: int, cols: int) -> None:
        """Take note of another size, and let the program know that draws on all of it."""
        self.size = Size(rows=rows, columns=cols)
        if self._whole is not None:
            self._whole.resized()

    @contextlib.contextmanager
    def whole(self, program: Whole) -> Iterator[None]:
        """Give keys as they are to a program that reads them itself while the body runs."""
        before, self._whole = self._whole, program
        ahead, self._ahead = bytes(self._ahead), bytearray()
        if ahead:
            program.typed(ahead)
        try:
            yield
        finally:
            self._whole = before

    @contextlib.contextmanager
    def screen(self) -> Iterator[None]:
        """Give keys as they are to a full-screen program while the body runs."""
        before, self.mode = self.mode, Mode.SCREEN
        ahead, self._ahead = bytes(self._ahead), bytearray()
        if ahead:
            self.input.send_bytes(ahead)
        try:
            with create_app_session(input=self.input, output=self.output):
                yield
        finally:
            self.mode = before

    def put_back(self, data: bytes) -> None:
        """Take back what a program has not read."""
        self._ahead[:0] = data.replace(b"\n", b"\r")

    def _offer(self) -> None:
        """Give the line editor what is there up to the next Enter; if it goes on then, the next line as well."""
        if self.mode is not Mode.PROMPT or not self._ahead or self._entered or self._editor is None:
            return
        ahead = bytes(self._ahead)
        start = ahead.find(_PASTE[1]) + len(_PASTE[1]) if ahead.startswith(_PASTE[0]) else 0
        ends = [at for at in (ahead.find(b"\r", start), ahead.find(b"\n", start)) if at >= 0]
        end = min(ends) + 1 if ends else len(ahead)
        del self._ahead[:end]
        self.input.send_bytes(ahead[:end])
        if ends:
            self._entered = True
            asyncio.get_running_loop().call_later(0.02, self._look_again, self._editor)

    def _look_again(self, editor: Application[str]) -> None:
        """Go on with the next line where Enter did not end the one before (in a search of the history, say)."""
        if editor is not self._editor or editor.is_done:
            return
        if self._unread():
            asyncio.get_running_loop().call_later(0.02, self._look_again, editor)
            return
        self._entered = False
        self._offer()

    def _unread(self) -> bool:
        """Whether the line editor has not even read what it was given."""
        try:
            return bool(select.select([self.input.fileno()], [], [], 0)[0])
        except (OSError, ValueError, NotImplementedError):  # no pipe that can be asked (Windows)
            return False

    def _cooked(self, key: int) -> None:
        if key in _INTERRUPTS and self.running:
            self.emit(b"^C" if key == min(_INTERRUPTS) else b"^\\")
            self._line.clear()
            self._ahead.clear()
            self.running[-1].cancel()
        elif self._feed is None:
            self._ahead.append(key)
            self._show(bytes([key]))
        elif self.by_key:
            self._feed.add(b"\n" if key in _ENTER else bytes([key]))
            self._show(bytes([key]))
        else:
            self._edit(key, self._feed)

    def _edit(self, key: int, feed: Feed) -> None:
        if key in _ENTER:
            self._show(b"\r")
            feed.add(bytes(self._line) + b"\n")
            self._line.clear()
        elif key == _END:
            feed.add(bytes(self._line))
            self._line.clear()
        elif key in _ERASE:
            self._erase(1)
        elif key == _KILL:
            self._erase(len(self._line))
        elif key == _WORD:
            kept = self._line.rstrip().rpartition(b" ")
            self._erase(len((self._line[len(kept[0]) + len(kept[1]) :]).decode(errors="replace")))
        else:
            self._line.append(key)
            self._show(bytes([key]))

    def _erase(self, count: int) -> None:
        for _ in range(count):
            if not self._line:
                return
            while self._line and self._line.pop() & 0xC0 == 0x80:
                pass
            self._show(b"\b \b")

    def _show(self, data: bytes) -> None:
        """Echo."""
        if not self.echo:
            return
        if data in {b"\r", b"\n"}:
            data = b"\r\n"
        elif len(data) == 1 and data[0] < 0x20 and data != b"\t":
            data = bytes([0x5E, data[0] + 0x40])
        self.emit(data)
