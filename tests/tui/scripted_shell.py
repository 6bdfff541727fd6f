"""A shell whose output a test scripts, and which keeps its input."""

import asyncio
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

from textual.app import App
from textual.pilot import Pilot

from lab.tui.terminal import Terminal

__all__ = ["ScriptedShell", "amid_work", "picture", "screen", "until"]


class ScriptedShell:
    """A `Shell` controlled by a test."""

    def __init__(self, rows: int, cols: int) -> None:
        self.sizes = [(rows, cols)]
        self.typed = b""
        self.closed = False
        self._output: SimpleQueue[bytes | Exception] = SimpleQueue()

    def say(self, output: bytes | str) -> None:
        self._output.put(output.encode() if isinstance(output, str) else output)

    def end(self, error: Exception | None = None) -> None:
        """Let the shell end, or its connection break by `error`."""
        self._output.put(error or b"")

    def read(self, timeout: float | None = None) -> bytes | None:
        try:
            output = self._output.get(timeout=timeout)
        except Empty:
            return None
        if isinstance(output, Exception):
            raise output
        return output

    def write(self, data: bytes) -> None:
        self.typed += data

    def resize(self, rows: int, cols: int) -> None:
        self.sizes.append((rows, cols))

    def close(self) -> None:
        self.closed = True
        self._output.put(b"")


def screen(terminal: Terminal) -> list[str]:
    """Return the visible part as text."""
    return [terminal.render_line(row).text.rstrip() for row in range(terminal.size.height)]


def picture(app: App[None]) -> str:
    """Return the app's screen as text."""
    strips = app.screen._compositor.render_strips()
    return "".join(f"{''.join(segment.text for segment in strip).rstrip()}\n" for strip in strips)


def _state(app: App[None]) -> str:
    """Return the screen and the state of its terminals, for the message of a failed test."""
    states = [
        f"{terminal.id}: {terminal.running=}, {terminal.display=}" for terminal in app.screen.query(Terminal)
    ]
    return "\n".join([picture(app), *states])


async def until(pilot: Pilot[None], condition: Callable[[], bool], seconds: float = 240) -> None:
    """Let the app work until `condition` holds."""
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, f"it never came to that:\n{_state(pilot.app)}"
        await pilot.pause()
        await asyncio.sleep(0)


async def amid_work(condition: Callable[[], bool], seconds: float = 240) -> None:
    """Wait until `condition` holds; a pilot's pause would last until all work is done."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 -- what it waits for knows of no event
            await asyncio.sleep(0)
