"""A program in a pseudo-terminal, and its screen, drawn by this project's emulator."""

import re
import time
from collections.abc import Callable, Mapping, Sequence

from lab.tui.terminal.emulator import Emulator
from tests.tui.local_shell import LocalShell

__all__ = ["OwnWindow"]


class OwnWindow:
    """`argv` in a terminal of `rows` and `cols`, with `env` added to a small environment."""

    def __init__(self, argv: Sequence[str], rows: int, cols: int, env: Mapping[str, str] | None = None) -> None:
        self.shell = LocalShell(argv, rows, cols, {"TEXTUAL_DISABLE_KITTY_KEY": "1", **(env or {})})
        self.emulator = Emulator(rows, cols, keep=0)

    @property
    def pid(self) -> int:
        """The number of the program's process."""
        return self.shell.process.pid

    def lines(self) -> list[str]:
        """Return the lines of the screen."""
        return [self.emulator.line(row).text for row in range(self.emulator.rows)]

    def draw(self, seconds: float) -> None:
        """Draw the output of the next `seconds`."""
        data = self.shell.read(seconds)
        assert data != b"", "\n".join(["the program ended:", *self.lines()])
        if data:
            self.shell.write(self.emulator.feed(data).answers)

    def until(self, shown: str | Callable[[list[str]], bool], seconds: float = 240) -> list[str]:
        """Draw until a line matches the pattern `shown`, or until `shown` is true for the lines; return them."""
        limit = time.monotonic() + seconds
        while True:
            lines = self.lines()
            if shown(lines) if callable(shown) else any(re.search(shown, line) for line in lines):
                return lines
            assert time.monotonic() < limit, "\n".join([f"no {shown!r} within {seconds} s:", *lines])
            self.draw(1)

    def keys(self, keys: str) -> None:
        """Send `keys` unchanged."""
        self.shell.write(keys.encode())

    def resize(self, rows: int, cols: int) -> None:
        """Change the window's size."""
        self.emulator.resize(rows, cols)
        self.shell.resize(rows, cols)

    def close(self) -> None:
        """End the program."""
        self.shell.close()
