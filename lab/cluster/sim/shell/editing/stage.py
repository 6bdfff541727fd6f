"""An editor at a simulated terminal: keys go in, screens come out, commands run in between."""

import asyncio
import codecs
import re
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from lab.cluster.sim.shell.editing.canvas import Canvas, Frame
from lab.cluster.sim.shell.editing.shell import Shell, ShellResult
from lab.cluster.sim.shell.tty import Terminal

__all__ = ["Editor", "perform"]

#: An incomplete key that begins with an escape.
_BEGUN = re.compile("\x1b(?:O|\\[[0-9;]*)?\\Z")
#: How long to wait for the rest of such a key, in seconds; then it was the escape key.
_PATIENCE = 0.025
#: The alternate screen, application keypad keys, and bracketed pastes.
_ENTER = "\x1b[?1049h\x1b[?1h\x1b=\x1b[?2004h\x1b[H\x1b[2J"
_LEAVE = "\x1b[?2004l\x1b[?1l\x1b>\x1b[m\x1b[?1049l\x1b[?25h"


class Editor(Protocol):
    """The interface of an editor: it takes keys and has a screen."""

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""

    @property
    def asks(self) -> Shell | None:
        """The command whose result it waits for."""

    def type(self, keys: str) -> None:
        """Process keys."""

    def answer(self, result: ShellResult) -> None:
        """Process a command's result."""

    def resize(self, rows: int, cols: int) -> None:
        """Adapt to another size."""

    def frame(self) -> Frame:
        """Return the screen."""


class _Keys:
    """Typed input that was not processed yet."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""

    def typed(self, data: bytes) -> None:
        """Add bytes from the terminal."""
        self._text += self._decoder.decode(data)
        self.arrived.set()

    def resized(self) -> None:
        """Note a new size of the terminal."""
        self.arrived.set()

    async def take(self) -> str:
        """Return the input; wait for the rest of an incomplete key, up to its time limit."""
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
