"""The screens before and after the play screen of a seat, without actions that would reach the server."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from lab.tui.screens.debrief import DebriefScreen
from lab.tui.screens.sized import Sized
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.topbar import TopBar

__all__ = ["STAYS", "Lobby", "SeatDebrief"]

STAYS = "Close the page to leave: your seat stays as it is, and your code brings you back."


class Lobby(Sized[None]):
    """The letters, displayed while the lab is prepared and until the clock starts.

    Without a `story` it shows only what the seat waits for: a new worker opens many seats at once.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10", "leave", "Leave", tooltip="How to leave")]

    def __init__(self, seat: str, story: str) -> None:
        super().__init__()
        self._seat = seat
        self._story = story

    def compose(self) -> ComposeResult:
        """Lay out the letters above the line about what the seat waits for."""
        yield TopBar("getting ready", self._seat)
        if self._story:
            with VerticalScroll(id="story"):
                yield Prose(self._story)
        yield Static(id="waiting", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Let keys scroll the letters."""
        if self._story:
            self.query_one("#story").focus()

    def say(self, words: str) -> None:
        """Display what the seat waits for."""
        self.query_one("#waiting", Static).update(Content(words))

    def action_leave(self) -> None:
        """Say how to leave."""
        self.notify(STAYS)


class SeatDebrief(DebriefScreen):
    """The debrief at a seat: it leads to no other screen, and it writes no files."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,q", "leave", "Leave", tooltip="How to leave")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the actions that a seat does not have."""
        del parameters
        return action not in {"export", "retry", "home"}

    def action_leave(self) -> None:
        """Say how to leave."""
        self.notify(STAYS)
