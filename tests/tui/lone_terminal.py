"""A terminal in its own app, connected to a scripted shell: for tests by keys and mouse."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Button

from lab.cluster.base import Shell
from lab.tui.terminal import Terminal, TerminalApp
from tests.tui.scripted_shell import ScriptedShell, screen, until

__all__ = ["Lab", "drag", "numbered", "playing", "say", "wheel"]

Kind = TypeVar("Kind", bound=Message)


class Lab(TerminalApp[None]):
    """A terminal, and another widget that can be focused."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "grade", "Grade"),
        Binding("ctrl+x", "cut", priority=True),
    ]

    def __init__(self, *, prefix: str = "ctrl+g", keep: int = 10_000, error: Exception | None = None) -> None:
        super().__init__()
        self.shells: list[ScriptedShell] = []
        self.said: list[Message] = []
        self.graded = 0
        self.cuts = 0
        self.error = error
        self.terminal = Terminal(self.open_shell, label="control-plane", prefix=prefix, keep=keep)

    def compose(self) -> ComposeResult:
        yield self.terminal
        yield Button("beside")

    def on_mount(self) -> None:
        self.terminal.focus()

    def open_shell(self, rows: int, cols: int) -> Shell:
        if self.error:
            raise self.error
        self.shells.append(ScriptedShell(rows, cols))
        return self.shells[-1]

    def action_grade(self) -> None:
        self.graded += 1

    def action_cut(self) -> None:
        self.cuts += 1

    @on(Terminal.Prefixed)
    @on(Terminal.Marked)
    @on(Terminal.Ended)
    @on(Terminal.Reconnect)
    def keep_message(self, message: Message) -> None:
        self.said.append(message)

    def on_terminal_copied(self, message: Message) -> None:
        self.said.append(message)

    def messages(self, kind: type[Kind]) -> list[Kind]:
        return [message for message in self.said if isinstance(message, kind)]


@asynccontextmanager
async def playing(app: Lab, size: tuple[int, int] = (82, 26)) -> AsyncIterator[tuple[Pilot[None], ScriptedShell]]:
    """Run `app` until its terminal has a shell."""
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.shells))
        yield pilot, app.shells[0]


async def say(pilot: Pilot[None], app: Lab, output: str, shown: str) -> None:
    """Let the shell print, until `shown` is in view."""
    app.shells[-1].say(output)
    await until(pilot, lambda: any(shown in line for line in screen(app.terminal)))


def numbered(count: int) -> str:
    return "".join(f"line {number}\r\n" for number in range(count)) + "$ "


async def wheel(pilot: Pilot[None], app: Lab, kind: type[events.MouseScrollUp | events.MouseScrollDown]) -> None:
    region = app.terminal.content_region
    x, y = region.x + 2, region.y + 1
    app.post_message(kind(None, x, y, 0, 0, 0, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y))
    await pilot.pause()


async def drag(
    pilot: Pilot[None], app: Lab, start: tuple[int, int], end: tuple[int, int], *, shift: bool = False
) -> None:
    """Press the left button at the cell `start` (column, line), move to `end`, and release it."""
    region = app.terminal.content_region
    for kind, (column, line) in (
        (events.MouseDown, start),
        (events.MouseMove, end),
        (events.MouseUp, end),
    ):
        x, y = region.x + column, region.y + line
        app.post_message(kind(None, x, y, 0, 0, 1, shift=shift, meta=False, ctrl=False, screen_x=x, screen_y=y))
        await pilot.pause()
