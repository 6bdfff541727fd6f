"""The play screen of a seat: without actions that would reach the server, and with a team around it."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from textual import on, work
from textual.binding import Binding, BindingType

from lab.core.scenario import Hint
from lab.errors import LabError
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.looks import Looks
from lab.serve.seats.screens import STAYS
from lab.serve.seats.team import Ask
from lab.serve.seats.team_page import Submitting, TeamPage
from lab.store import now
from lab.tui.desk import Look
from lab.tui.screens.play import PlayScreen
from lab.tui.terminal import CommandEnded, CommandStarted, Terminal
from lab.tui.widgets.hints import Hints
from lab.tui.widgets.shells import NodeTerminal

__all__ = ["SeatPlay"]

#: How many characters of a command the board shows.
_LONGEST_COMMAND = 80


class _Place(Protocol):
    """The chair, as its play screen sees it."""

    name: str
    looks: Looks
    ask: Ask

    def shown(self) -> None:
        """Handle that the play screen is displayed."""


class SeatPlay(PlayScreen):
    """The play screen of a person at a seat. The scheduler of all seats decides about its looks."""

    #: Rarer than alone, since many seats look.
    POLL: ClassVar[float] = 1.0
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f12", "team", "Team", priority=True, tooltip="See who is there, write notes, hand over"),
    ]

    def __init__(self, desk: SeatDesk, place: _Place, *, prefix: str) -> None:
        super().__init__(desk, prefix=prefix)
        self.seat_desk = desk
        self._team = desk.team
        self._place = place
        self._known: tuple[object, ...] = ()
        self._looking: list[SeatPlay] = []
        self._notes_seen = len(self._team.notes)
        if desk.person > 1:
            self._recorder.mark = f".{desk.person}"

    @property
    def crumb(self) -> str:
        """The person at this screen."""
        if not self._team.named:
            return super().crumb
        return f"{self.desk.session.team}: {self._team.people[self.seat_desk.person - 1]}"

    def on_mount(self) -> None:
        """Report that the screen is displayed."""
        super().on_mount()
        self._team.mates.append(self)
        self._place.shown()

    def on_unmount(self) -> None:
        """Close the recording; after the last screen of a team, stop looking."""
        if self in self._team.mates:
            self._team.mates.remove(self)
        if not self._team.mates:
            self._place.looks.forget(self._place.name)
        super().on_unmount()

    # --- looks, which all people at the seat share ---

    @property
    def _plays(self) -> list["SeatPlay"]:
        """The play screens of all people at this seat."""
        return [mate for mate in self._team.mates if isinstance(mate, SeatPlay)]

    def look_if_due(self) -> None:
        """Request a look at the cluster if one is due."""
        if not self.desk.exam and self.is_current and not self._outcome and self.desk.look_due():
            self._place.looks.want(self._place.name, self, asked=self.desk.watch.is_asked)

    def begin_look(self) -> None:
        """Handle the start of a look, for everybody at the seat."""
        self._began = self.desk.clock()
        self._looking = self._plays
        for play in self._looking:
            play.desk.watch.began(self._began)

    def look(self) -> Callable[[], None]:
        """Look, in a thread; return a function that displays the result."""
        look, problem = Look(newer=False, news=False), None
        try:
            look = self.desk.look()
        except LabError as error:
            problem = error
        return lambda: self._show(look, problem)

    def _show(self, look: Look, problem: LabError | None) -> None:
        """Show the result to everybody at the seat."""
        for play in self._looking:
            if play.is_attached:
                play.seat_desk.share(self.seat_desk)
                play.call_later(play._looked, self._began, look, problem)  # noqa: SLF001 -- of the same kind
        self._looking = []

    # --- each second ---

    def _show_status(self) -> None:
        """Display clock and points if there is a viewer."""
        if not self.app.is_headless:
            super()._show_status()

    def _tick(self) -> None:
        """Do the work of each second: little, while nothing has changed."""
        known = self.desk.lab.store.version(), self.desk.seen_at, self.desk.turns
        quiet = known == self._known and not (self.desk.due or self._outcome or self._team.submitter)
        # Another person at the seat may have taken a hint, or saved a cause.
        news, self._known = self._known and known[0] != self._known[0], known
        if not quiet:
            if news and self._team.named:
                self.desk.refresh()
                self.refresh_known()
            super()._tick()
            self._show_submitter()
            return
        self._show_status()
        if advice := self.desk.coach.idle(self.desk.clock()):
            self._advise(advice)

    def _show_submitter(self) -> None:
        """Show that another person at the seat ends the attempt."""
        submitter = self._team.submitter
        if submitter not in {0, self.seat_desk.person} and not isinstance(self.app.screen, Submitting):
            self.app.push_screen(Submitting(self._team))

    @on(Terminal.Marked)
    def _note_running(self, event: Terminal.Marked) -> None:
        """Note the running command, for the board."""
        if isinstance(event.control, NodeTerminal):
            running = self.seat_desk.running
            if isinstance(event.mark, CommandStarted):
                running[event.control.seat] = event.mark.text[:_LONGEST_COMMAND], now().isoformat()
            elif isinstance(event.mark, CommandEnded):
                running.pop(event.control.seat, None)

    def show_gift(self, hint: Hint) -> None:
        """Display a hint that the instructor gave."""
        self.refresh_known()
        self._tell(hint, "The instructor gives you a hint.")

    @work(group="dialog", exclusive=True)
    async def action_leave(self) -> None:
        """Explain how to leave."""
        self.notify(STAYS)

    # --- a team and its captain ---

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the team's page if there is a team."""
        if action == "team":
            return self._team.named
        return super().check_action(action, parameters)

    def _is_the_captains(self, what: str) -> bool:
        """Return whether this person is the captain; if not, say that only the captain may do this."""
        if self.seat_desk.leads:
            return False
        self.notify(f"{self._team.captain_name}, the captain, {what}. F12 has notes for the team.", markup=False)
        return True

    async def action_diagnose(self) -> None:  # type: ignore[override]  # a worker, as the other one
        """Save causes, as the captain."""
        if not self._is_the_captains("saves causes"):
            super().action_diagnose()

    async def action_submit(self) -> None:  # type: ignore[override]
        """Submit, as the captain."""
        if not self._is_the_captains("submits"):
            super().action_submit()

    @on(Hints.Wanted)
    def _hint_asked(self, event: Hints.Wanted) -> None:
        if event.wanted.cost and self._is_the_captains("buys hints"):
            event.prevent_default()

    @on(Hints.GaveUp)
    def _giving_up(self, event: Hints.GaveUp) -> None:
        if self._is_the_captains("gives up on symptoms"):
            event.prevent_default()

    def submit_in_time(self) -> None:
        """Submit because the deadline has passed, unless another person at the seat submits."""
        if self._team.submits(self.seat_desk.person):
            super().submit_in_time()

    def action_team(self) -> None:
        """Show the team."""
        if not isinstance(self.app.screen, TeamPage):
            self._notes_seen = len(self._team.notes)
            self.app.push_screen(TeamPage(self._team, self.seat_desk.person, self._place.ask))

    def show_team(self) -> None:
        """Show that a member came or left, or wrote a note."""
        self.app.call_later(self._show_news)

    def _show_news(self) -> None:
        screen = self.app.screen
        if isinstance(screen, TeamPage):
            screen.show()
        elif len(self._team.notes) > self._notes_seen:
            note = self._team.notes[-1]
            self.notify(note["text"], title=f"{note['who']} notes (F12)", markup=False, timeout=8)
        self._notes_seen = len(self._team.notes)
