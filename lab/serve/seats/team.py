"""What the people at a seat share beside its lab: who is the captain, notes, and the screens of all of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypedDict

from lab.errors import ExitCode, LabError

__all__ = ["Mate", "Note", "Team"]


class Note(TypedDict):
    """What somebody has written down for the team."""

    who: str
    time: str
    text: str


class Mate(Protocol):
    """The play screen of one of them."""

    def show_team(self) -> None:
        """Show that somebody came or went, or wrote something down."""


@dataclass(slots=True)
class Team:
    """The people at a seat, in the order of their chairs. One alone is a team of one, with nobody to ask."""

    people: list[str]
    here: list[bool] = field(default_factory=list)
    captain: int = 1
    notes: list[Note] = field(default_factory=list)
    #: Whether people are told apart at all.
    named: bool = False
    #: Who submits at the moment, by number; 0 for nobody.
    submitter: int = 0
    mates: list[Mate] = field(default_factory=list)

    def hear(self, said: dict[str, Any]) -> None:
        """Hear from the server who is there, and who is the captain."""
        self.people, self.here, self.captain = said["people"], said["here"], said["captain"]
        self._show()

    def note(self, note: Note) -> None:
        """Hear from the server what somebody wrote down."""
        self.notes.append(note)
        self._show()

    def _show(self) -> None:
        for mate in self.mates:
            mate.show_team()

    @property
    def captain_name(self) -> str:
        """Who is the captain."""
        return self.people[self.captain - 1] if self.captain <= len(self.people) else ""

    def submits(self, person: int) -> bool:
        """Whether `person` may submit: nobody else does at the moment. From now on nobody else may."""
        if self.submitter not in {0, person}:
            return False
        self.submitter = person
        return True

    def check_submits(self, person: int) -> None:
        """Have `person` submit; raise `LabError` while somebody else does."""
        if not self.submits(person):
            raise LabError(f"{self.people[self.submitter - 1]} is submitting.", code=ExitCode.REFUSED)


#: Sends the server what somebody asks for.
Ask = Callable[[dict[str, Any]], None]
