"""An editor at a simulated terminal: keys in, screens out, commands run in between."""

import asyncio
import codecs
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from lab.cluster.sim.shell.editing.canvas import Canvas, Frame
from lab.cluster.sim.shell.editing.shell import Shell, ShellResult
from lab.cluster.sim.shell.tty import Terminal

__all__ = ["Editor", "perform"]

#: A key that begins with an escape, as long as it is not whole.
_BEGUN = re.compile("\x1b(?:O|\\[[0-9;]*)?\\Z")
#: How long the rest of such a key may take, in seconds. After that it was the escape key.
_PATIENCE = 0.025
#: Another screen, keys of the keypad as programs have them, and pastes in brackets.
_ENTER = "\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[H\x1b[2J"
_LEAVE = "\x1b[?2004l\x1b[?1l\x1b>\x1b[m\x1b[?1049l\x1b[?25h"


class Editor(Protocol):
    """What can be performed: something that takes keys and has a screen."""

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""

    @property
    def asks(self) -> Shell | None:
        """A command that it waits for."""

    def type(self, keys: str) -> None:
        """Take keys."""

    def answer(self, result: ShellResult) -> None:
        """Take what a command did."""

    def resize(self, rows: int, cols: int) -> None:
        """Fit another size."""

    def frame(self) -> Frame:
        """Return what the screen shows."""


class _Keys:
    """What was typed and not taken yet."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    def typed(self, data: bytes) -> None:
        """Take what a terminal sent."""
        self._text += self._decoder.decode(data)
        self.arrived.set()

    def resized(self) -> None:
        """Take note that the terminal has another size."""
        self.arrived.set()

    async def take(self) -> str:
        """Return what is there; wait for the rest of a key that has begun, as long as that may take."""
        self.arrived.clear()
        if _BEGUN.search(self._text):
            try:
                async with asyncio.timeout(_PATIENCE):
                    while _BEGUN.search(self._text):
                        await self.arrived.wait()
                        self.arrived.clear()
            except TimeoutError:
                pass
        text, self._text = self._text, ""
        return text


async def perform(
    terminal: Terminal,
    editor: Editor,
    run: Callable[[Shell], Awaitable[ShellResult]],
    wait: Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]],
) -> int:
    """Show `editor` at `terminal` until it ends; return its exit code. `run` runs its commands, `wait` waits."""
    keys, canvas = _Keys(), Canvas()
    size = terminal.size

    def draw() -> None:
        frame = editor.frame()
        terminal.emit((("\a" if frame.bell else "") + canvas.draw(frame)).encode())

    with terminal.whole(keys):
        terminal.emit(_ENTER.encode())
        try:
            draw()
            while editor.exit_code is None:
                await wait(keys.arrived.wait())
                text = await wait(keys.take())
                if terminal.size != size:
                    size = terminal.size
                    editor.resize(size.rows, size.columns)
                    canvas.forget()
                if text:
                    editor.type(text)
                while (asked := editor.asks) is not None:
                    editor.answer(await run(asked))
                if editor.exit_code is None and not keys.arrived.is_set():
                    draw()
        finally:
            terminal.emit(f"\x1b[{size.rows};1H{_LEAVE}".encode())
    return editor.exit_code or 0
