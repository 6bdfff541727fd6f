"""A terminal that a person looks at: the line editor, full-screen programs, and everything else line by line."""

import asyncio
import contextlib
import select
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Protocol, TextIO, cast

from prompt_toolkit.application import Application, create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput
from prompt_toolkit.output.vt100 import Vt100_Output

from lab.cluster.sim.bash.running.terminal import Terminal as Tty

__all__ = ["Mode", "Terminal", "Whole"]

_PASTE = (b"\x1b[200~", b"\x1b[201~")


class Mode(Enum):
    """The receiver of the keys."""

    PROMPT = "the line editor"
    COOKED = "the program that runs, line by line"
    SCREEN = "a full-screen program, as they are"


class _Printer:
    """The output stream of the line editor and of full-screen programs."""

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
        """Return true: the stream is a terminal."""
        return True

    def fileno(self) -> int:
        """There is no file."""
        raise OSError("a simulated terminal has no file")


class Whole(Protocol):
    """A program that draws on the whole screen and reads single keys."""

    def typed(self, data: bytes) -> None:
        """Process typed input."""

    def resized(self) -> None:
        """Handle a new size of the terminal."""


class Terminal(Tty):
    """One terminal. Everything but `emit` happens on the simulator's loop."""

    def __init__(self, pipe: PipeInput, emit: Callable[[bytes], None], rows: int, cols: int) -> None:
        super().__init__(emit, rows, cols)
        self.input = pipe
        self.output = Vt100_Output(
            cast("TextIO", _Printer(emit)), lambda: self.size, term="xterm-256color", enable_cpr=False,
            enable_bell=False,
        )  # fmt: skip
        self.mode = Mode.COOKED
        self._screen_taken = False
        self._whole: Whole | None = None
        self._editor: Application[str] | None = None
        #: Whether the line editor got Enter, which may have ended the line.
        self._entered = False
        #: Keys that the line editor has not received yet.
        self._ahead = bytearray()
        self._pending = b""

    @property
    def size(self) -> Size:
        """Rows and columns."""
        return Size(rows=self.rows, columns=self.columns)

    def typed(self, data: bytes) -> None:
        """Pass typed input to its receiver."""
        if self._whole is not None:
            self._whole.typed(data)
        elif self.mode is Mode.SCREEN:
            self.input.send_bytes(data)
        elif self.mode is Mode.PROMPT:
            self._ahead += data
            self._offer()
        else:
            self.cooked(data)

    @contextlib.contextmanager
    def prompting(self, editor: Application[str]) -> Iterator[None]:
        """While the body runs, give keys to the line editor, line by line: later keys may be for a program."""
        before, self.mode = self.mode, Mode.PROMPT
        self.echo, self.by_key = True, False
        self._leave_screen()
        self._ahead = bytearray(self.unread() + self._pending)
        self._pending = b""
        self._editor, self._entered = editor, False
        asyncio.get_running_loop().call_soon(self._offer)
        try:
            with create_app_session(input=self.input, output=self.output):
                yield
        finally:
            self.mode, self._editor = before, None
            # Keys behind the line were typed ahead: for the program that runs now, or for the next prompt.
            ahead, self._ahead = bytes(self._ahead), bytearray()
            self._pending = ahead

    def run_ahead(self) -> None:
        """Give the running program the input behind the last line."""
        ahead, self._pending = self._pending, b""
        self.cooked(ahead)

    def take_screen(self) -> None:
        """Show an empty screen until the running line has ended."""
        if not self._screen_taken:
            self._screen_taken = True
            self.emit(b"\x1b[?1049h")

    def _leave_screen(self) -> None:
        if self._screen_taken:
            self._screen_taken = False
            self.emit(b"\x1b[?1049l")

    def resize(self, rows: int, columns: int) -> None:
        """Store a new size, and notify a full-screen program."""
        super().resize(rows, columns)
        if self._whole is not None:
            self._whole.resized()

    @contextlib.contextmanager
    def whole(self, program: Whole) -> Iterator[None]:
        """While the body runs, give single keys to a program that reads them itself."""
        before, self._whole = self._whole, program
        if ahead := self.unread():
            program.typed(ahead)
        try:
            yield
        finally:
            self._whole = before

    @contextlib.contextmanager
    def screen(self) -> Iterator[None]:
        """While the body runs, give single keys to a full-screen program."""
        before, self.mode = self.mode, Mode.SCREEN
        if ahead := self.unread():
            self.input.send_bytes(ahead)
        try:
            with create_app_session(input=self.input, output=self.output):
                yield
        finally:
            self.mode = before

    def _offer(self) -> None:
        """Give the line editor the keys up to the next Enter; if the editor continues, also the next line."""
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
        """Offer the next line if Enter did not end the previous one (for instance in a search of the history)."""
        if editor is not self._editor or editor.is_done:
            return
        if self._unread():
            asyncio.get_running_loop().call_later(0.02, self._look_again, editor)
            return
        self._entered = False
        self._offer()

    def _unread(self) -> bool:
        """Whether the line editor has not yet read its input."""
        try:
            return bool(select.select([self.input.fileno()], [], [], 0)[0])
        except (OSError, ValueError, NotImplementedError):  # no pipe that can be asked (Windows)
            return False
