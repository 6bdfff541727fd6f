"""The page of a team: the members, the captain, and the shared notes."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from lab.serve.seats.team import Ask, Team
from lab.tui.screens.dialogs import Choose

__all__ = ["Submitting", "TeamPage"]

#: The longest note, in characters.
_LONGEST = 300


class TeamPage(ModalScreen[None]):
    """The members and their notes; Enter adds a note."""

    DEFAULT_CSS = """
    TeamPage { & VerticalScroll { height: 1fr; min-height: 5; } & Input { margin: 1 0 0 0; } }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f12", "dismiss", "Close", priority=True),
        Binding("ctrl+o", "hand_over", "Hand over", priority=True),
    ]

    def __init__(self, team: Team, person: int, ask: Ask) -> None:
        super().__init__()
        self._team = team
        self._person = person
        self._ask = ask

    def compose(self) -> ComposeResult:
        """Lay out the people above the notes."""
        with Vertical(classes="dialog page"):
            yield Static("Your team", classes="title")
            yield Static(id="people", markup=False)
            with VerticalScroll():
                yield Static(id="notes", markup=False)
            yield Input(placeholder="A note for the team", max_length=_LONGEST)
            yield Static(id="foot", classes="foot", markup=False)

    def on_mount(self) -> None:
        """Focus the input for a note."""
        self.show()
        self.query_one(Input).focus()

    def show(self) -> None:
        """Show the team's present state."""
        self.query_one("#people", Static).update(Content(people(self._team, self._person)))
        notes = "\n".join(f"{note['who']}: {note['text']}" for note in self._team.notes)
        self.query_one("#notes", Static).update(Content(notes or "There are no notes yet."))
        self.query_one(VerticalScroll).scroll_end(animate=False)
        leads = self._team.captain == self._person
        self.query_one("#foot", Static).update(
            "Enter adds the note, Esc closes" + (", Ctrl+O hands over to another captain" if leads else "")
        )

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        if text := event.value.strip():
            self._ask({"do": "note", "text": text})
            event.input.value = ""

    def action_hand_over(self) -> None:
        """Ask for the new captain."""
        if self._team.captain != self._person:
            self.notify(f"{self._team.captain_name} is the captain.", markup=False)
            return
        others = [
            (str(number), name) for number, name in enumerate(self._team.people, start=1) if number != self._person
        ]
        if others:
            self.app.push_screen(
                Choose(
                    "Who becomes the captain?",
                    others,
                    "The captain buys hints, saves causes and submits.",
                ),
                self._hand_over,
            )

    def _hand_over(self, chosen: str | None) -> None:
        if chosen:
            self._ask({"do": "captain", "to": int(chosen)})


class Submitting(ModalScreen[None]):
    """Says that another person ends the attempt, as long as that takes."""

    def __init__(self, team: Team) -> None:
        super().__init__()
        self._team = team
        self._who = team.people[team.submitter - 1]

    def compose(self) -> ComposeResult:
        """Lay out the message."""
        with Vertical(classes="dialog"):
            yield Static(Content(f"{self._who} ends the attempt"), classes="title")
            yield Static("The cluster is being checked thoroughly. The debrief comes next.", classes="text")

    def on_mount(self) -> None:
        """Check whether it is over."""
        self.set_interval(0.5, self._tick)

    def _tick(self) -> None:
        if not self._team.submitter:
            self.dismiss()


def people(team: Team, me: int) -> str:
    """Return the members of the team, one per line."""
    lines = []
    for number, name in enumerate(team.people, start=1):
        here = number <= len(team.here) and team.here[number - 1]
        about = [
            *(["the captain"] if number == team.captain else []),
            *(["you"] if number == me else [] if here else ["not here"]),
        ]
        told = f" ({', '.join(about)})" if about else ""
        lines.append(f"{'●' if here else '○'} {name}{told}")
    return "\n".join(lines)
