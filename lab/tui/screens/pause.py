"""The screen of a paused lab: what is stopped, and how to resume."""

import asyncio
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from lab.commands.invocation import command
from lab.errors import LabError
from lab.pausing import WARNING
from lab.tui import words
from lab.tui.desk import Desk
from lab.tui.screens.dialogs import Notice
from lab.tui.screens.sized import Sized
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.topbar import TopBar

__all__ = ["PauseScreen"]

#: How often the screen checks whether another terminal has resumed the lab, in s.
_POLL = 0.5


class PauseScreen(Sized[Literal["resumed", "left"]]):
    """Covers a paused lab until it is resumed, here or in another terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f11", "resume", "Resume", priority=True, tooltip="Resume the clock"),
        Binding("f10", "leave", "Leave", priority=True, tooltip="Leave; the lab stays paused"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Lay out the message with its two buttons."""
        resume = command("resume", self._desk.name)
        yield TopBar("paused", self._desk.name)
        with Vertical(classes="dialog"):
            yield Static("Paused", classes="title")
            yield Static(Content(self._standing()), id="standing", classes="text")
            yield Static(
                Content(
                    f"Enter or F11 resumes, and so does `{resume}` in any terminal. F10 leaves: the lab stays "
                    "paused, and `kluster play` brings you back here."
                ),
                classes="text",
            )
            with Horizontal(classes="buttons"):
                yield Button("Resume (Enter)", id="resume", variant="primary")
                yield Button("Leave (F10)", id="leave")
        yield KeyLine()

    def on_mount(self) -> None:
        """Focus the button that resumes, and watch for other terminals."""
        self.query_one("#resume").focus()
        self._look()
        self.set_interval(_POLL, self._look)

    def _standing(self) -> str:
        """Return the line about what is stopped."""
        clock = f"The clock stands at {words.clock(self._desk.played)}."
        if self._desk.stands:
            return f"{clock} The cluster is stopped too, and shells wait."
        return f"{clock}\n\n{WARNING}"

    def _look(self) -> None:
        """Close once the lab is no longer paused; until then show what is stopped."""
        if self._desk.paused:
            self.query_one("#standing", Static).update(Content(self._standing()))
            self.query_one(TopBar).show(f"{words.clock(self._desk.played)}, paused", self._desk.session.mode.value)
        if not self._desk.paused and self.is_current:
            self.dismiss("resumed")

    @on(Button.Pressed, "#resume")
    @work(group="resume", exclusive=True)
    async def action_resume(self) -> None:
        """Resume the clock and the cluster."""
        try:
            await asyncio.to_thread(self._desk.resume)
        except LabError as problem:
            if self._desk.paused:
                self.app.push_screen(Notice("Not resumed", words.error_text(problem, self._desk.name)))
                return
        self._look()

    @on(Button.Pressed, "#leave")
    def action_leave(self) -> None:
        """Leave; nothing is lost."""
        self.dismiss("left")
