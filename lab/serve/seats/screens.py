"""The screens of a seat: those of the play screen, without actions that would reach the server."""

from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from lab.core.scenario import Hint
from lab.errors import LabError
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.looks import Looks
from lab.tui.desk import Look
from lab.tui.screens.debrief import DebriefScreen
from lab.tui.screens.play import PlayScreen
from lab.tui.terminal import CommandEnded, CommandStarted, Terminal
from lab.tui.widgets.keyline import KeyLine
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.shells import NodeTerminal
from lab.tui.widgets.topbar import TopBar

__all__ = ["Lobby", "SeatDebrief", "SeatPlay"]

#: How many characters of a command the board shows.
_LONGEST_COMMAND = 80
_STAYS = "Close the page to leave: your seat stays as it is, and your code brings you back."


class Lobby(Screen[None]):
    """The letters, displayed while the lab is prepared and until the clock starts."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10", "leave", "Leave", tooltip="How to leave")]

    def __init__(self, seat: str, story: str) -> None:
        super().__init__()
        self._seat = seat
        self._story = story

    def compose(self) -> ComposeResult:
        """Lay out the letters above the line about what the seat waits for."""
        yield TopBar("getting ready", self._seat)
        with VerticalScroll(id="story"):
            yield Prose(self._story)
        yield Static(id="waiting", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        """Let keys scroll the letters."""
        self.query_one("#story").focus()

    def say(self, words: str) -> None:
        """Display what the seat waits for."""
        self.query_one("#waiting", Static).update(Content(words))

    def action_leave(self) -> None:
        """Explain how to leave."""
        self.notify(_STAYS)


class SeatPlay(PlayScreen):
    """The play screen of a seat. The scheduler of all seats decides about its looks."""

    #: Rarer than alone, since many seats look.
    POLL: ClassVar[float] = 1.0

    def __init__(self, desk: SeatDesk, name: str, *, prefix: str, looks: Looks, shown: Callable[[], None]) -> None:
        super().__init__(desk, prefix=prefix)
        self._commands = desk.running
        self._seat = name
        self._looks = looks
        self._shown = shown
        self._began = 0.0
        self._known: tuple[object, ...] = ()

    def on_mount(self) -> None:
        """Report that the screen is displayed."""
        super().on_mount()
        self._shown()

    def look_if_due(self) -> None:
        """Request a look at the cluster if one is due."""
        if not self.desk.exam and self.is_current and not self._outcome and self.desk.look_due():
            self._looks.want(self._seat, self, asked=self.desk.watch.is_asked)

    def _show_status(self) -> None:
        """Display clock and points if there is a viewer."""
        if not self.app.is_headless:
            super()._show_status()

    def _tick(self) -> None:
        """Do the work of each second: little, while nothing has changed."""
        known = self.desk.lab.store.version(), self.desk.seen_at, self.desk.turns
        quiet = known == self._known and not (self.desk.due or self._outcome)
        self._known = known
        if not quiet:
            super()._tick()
            return
        self._show_status()
        if advice := self.desk.coach.idle(self.desk.clock()):
            self._advise(advice)

    @on(Terminal.Marked)
    def _note_running(self, event: Terminal.Marked) -> None:
        """Note the running command, for the board."""
        if isinstance(event.control, NodeTerminal):
            if isinstance(event.mark, CommandStarted):
                self._commands[event.control.seat] = event.mark.text[:_LONGEST_COMMAND]
            elif isinstance(event.mark, CommandEnded):
                self._commands.pop(event.control.seat, None)

    def begin_look(self) -> None:
        """Handle the start of a look."""
        self._began = self.desk.clock()
        self.desk.watch.began(self._began)

    def look(self) -> Callable[[], None]:
        """Look, in a thread; return a function that displays the result."""
        look, problem = Look(newer=False, news=False), None
        try:
            look = self.desk.look()
        except LabError as error:
            problem = error
        return lambda: self._show(look, problem)

    def _show(self, look: Look, problem: LabError | None) -> None:
        if self.is_attached:
            self.call_later(self._looked, self._began, look, problem)

    def on_unmount(self) -> None:
        """Close the recording, and stop looking."""
        self._looks.forget(self._seat)
        super().on_unmount()

    def show_gift(self, hint: Hint) -> None:
        """Display a hint that the instructor gave."""
        self.refresh_known()
        self._tell(hint, "The instructor gives you a hint.")

    @work(group="dialog", exclusive=True)
    async def action_leave(self) -> None:
        """Explain how to leave."""
        self.notify(_STAYS)


class SeatDebrief(DebriefScreen):
    """The debrief at a seat: it leads to no other screen, and it writes no files."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,q", "leave", "Leave", tooltip="How to leave")]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the actions that a seat does not have."""
        del parameters
        return action not in {"export", "retry", "home"}

    def action_leave(self) -> None:
        """Explain how to leave."""
        self.notify(_STAYS)
