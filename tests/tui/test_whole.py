"""The whole way: an app in its own terminal (this project's emulator), with bash in its terminal."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.tui.terminal.emulator import Emulator
from tests.tui.local_shell import LocalShell

ROWS, COLS = 24, 80


class Window:
    """A program in a pseudo-terminal, and its screen."""

    def __init__(self) -> None:
        root = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-m", "tests.tui.bench", "--app"]
        self.shell = LocalShell(command, ROWS, COLS, {"PYTHONPATH": str(root), "TEXTUAL_DISABLE_KITTY_KEY": "1"})
        self.emulator = Emulator(ROWS, COLS)

    def screen(self) -> list[str]:
        """Return the lines inside the border."""
        return [self.emulator.line(row).text.strip("│ ") for row in range(1, ROWS - 1)]

    def until(self, condition: Callable[[list[str]], bool]) -> None:
        """Draw until `condition` holds of the screen."""
        limit = time.monotonic() + 30
        while not condition(self.screen()):
            assert time.monotonic() < limit, "\n".join(self.screen())
            data = self.shell.read(1)
            assert data != b"", "the app ended"
            if data:
                self.shell.write(self.emulator.feed(data).answers)

    def type(self, keys: str, shown: str, times: int = 1) -> None:
        """Type, and wait until `shown` is on the given number of lines."""
        self.shell.write(keys.encode())
        self.until(lambda lines: lines.count(shown) == times)

    def run(self, keys: str, shown: str, times: int = 1) -> None:
        """Type at the prompt, and wait for `shown` and the next prompt."""
        self.type(f"{keys}\r", shown, times)
        self.until(lambda lines: [line for line in lines if line][-1] == "$")


@pytest.fixture
def window() -> Iterator[Window]:
    opened = Window()
    opened.until(lambda lines: lines[0] == "$")
    yield opened
    opened.shell.close()


def test_keys_go_all_the_way_to_bash_and_back(window: Window) -> None:
    window.run("echo one", "one")
    window.run("echo \x1b.", "one", times=2)  # Alt-. repeats the last word
    window.run("echo ab cd\x1b\x7f", "ab")  # Alt-Backspace deletes a word
    window.run("\x10", "ab", times=2)  # Ctrl-P is the last line
    window.run("\x12one", "one", times=3)  # Ctrl-R finds one


def test_vim_opens_and_leaves_the_screen_as_it_was(window: Window, tmp_path: Path) -> None:
    window.run("echo before", "before")
    window.type(f"vi {tmp_path}/pod.yaml\r", "~", times=ROWS - 4)
    window.type("ikind: Pod\x1b", "kind: Pod")
    window.run(":wq", "before")
    assert (tmp_path / "pod.yaml").read_text(encoding="utf-8") == "kind: Pod\n"
