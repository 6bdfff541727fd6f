"""The parts that people at a seat share besides the lab: the captain, notes, and the list of screens."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypedDict

from lab.errors import ExitCode, LabError

__all__ = ["Mate", "Note", "Team"]


class Note(TypedDict):
    """A person's note for the team."""

    who: str
    time: str
    text: str


class Mate(Protocol):
    """The play screen of one member."""

    def show_team(self) -> None:
        """Show that a member came or left, or wrote a note."""


@dataclass(slots=True)
class Team:
    """The people at a seat, in the order of their chairs. A single person is a team of one."""

    people: list[str]
    here: list[bool] = field(default_factory=list)
    captain: int = 1
    notes: list[Note] = field(default_factory=list)
    #: Whether entries name the person.
    named: bool = False
    #: The number of the person who is submitting; 0 for nobody.
    submitter: int = 0
    mates: list[Mate] = field(default_factory=list)

    def hear(self, said: dict[str, Any]) -> None:
        """Use the server's list of connected people, and its captain."""
        self.people, self.here, self.captain = said["people"], said["here"], said["captain"]
        self._show()

    def note(self, note: Note) -> None:
        """Add a note from the server."""
        self.notes.append(note)
        self._show()

    def _show(self) -> None:
        for mate in self.mates:
            mate.show_team()

    @property
    def captain_name(self) -> str:
        """The name of the captain."""
        return self.people[self.captain - 1] if self.captain <= len(self.people) else ""

    def submits(self, person: int) -> bool:
        """Reserve the submission for `person`; return false if another person is submitting."""
        if self.submitter not in {0, person}:
            return False
        self.submitter = person
        return True

    def check_submits(self, person: int) -> None:
        """Reserve the submission for `person`; raise `LabError` if another person is submitting."""
        if not self.submits(person):
            raise LabError(f"{self.people[self.submitter - 1]} is submitting.", code=ExitCode.REFUSED)


#: Sends a person's request to the server.
Ask = Callable[[dict[str, Any]], None]
