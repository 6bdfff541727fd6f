"""Textual's driver for the terminals of Linux and macOS, extended: it notices that its terminal is gone.

A terminal can go away without a signal if its first process does not pass signals on: `make` waits for its child.
Then every read meets the end of the file, and every write fails. Textual's own driver would read on without a
pause. Its writer thread would end, and the app would wait for that thread forever.
"""

import codecs
import contextlib
import os
import selectors
import sys
from collections.abc import Callable
from typing import Any, TextIO

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from lab.tui.terminal.cut_off import cut_off
from lab.tui.terminal.legacy_keys import LegacyKeysParser
from lab.tui.terminal.steady import hold_columns

__all__ = ["PosixDriver"]

#: How often a key that may begin a longer key is checked again, in seconds.
_TICK = 0.1
_CHUNK = 4096


class PosixDriver(LinuxDriver):
    """Keeps Alt, keeps columns aligned, and cuts the app off once the terminal can't be read or written to."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._gone = False
        self._file = _Output(sys.__stderr__, self._lose)  # type: ignore[assignment]

    def write(self, data: str) -> None:
        """Write to the terminal."""
        super().write(hold_columns(data))

    def run_input_thread(self) -> None:
        """Send input to the app until the app ends or the terminal is gone."""
        parser = LegacyKeysParser(self._debug)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(_TICK):
                    typed = self._read()
                    if not typed:
                        self._lose()
                        return
                    # None of these reads is final for the parser: a character may be split across two reads.
                    for message in parser.feed(text) if (text := decode(typed)) else ():
                        self.process_message(message)
                for message in parser.tick():
                    self.process_message(message)

    def _read(self) -> bytes:
        """Return the input; nothing if the terminal is gone."""
        with contextlib.suppress(OSError):
            return os.read(self.fileno, _CHUNK)
        return b""

    def _lose(self) -> None:
        if not self._gone:
            self._gone = True
            cut_off(self._app)


class _Output:
    """A terminal for output. The first error calls `lost`; later output is dropped."""

    def __init__(self, file: TextIO | None, lost: Callable[[], None]) -> None:
        self._file = file
        self._lost = lost

    def write(self, text: str) -> None:
        self._try(lambda file: file.write(text))

    def flush(self) -> None:
        self._try(lambda file: file.flush())

    def _try(self, act: Callable[[TextIO], object]) -> None:
        if self._file is None:
            return
        try:
            act(self._file)
        except (OSError, ValueError):
            self._file = None
            self._lost()
