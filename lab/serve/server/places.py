"""Seats, as the server sees them: a lab and its attempt, and a chair for each person who plays there."""

from typing import Any, Protocol

from pydantic import JsonValue

from lab.console import printable
from lab.serve.event.folder import ChairState, SeatState, chair_name
from lab.serve.event.ranking import Result
from lab.serve.server.link import Link
from lab.serve.server.record import Record
from lab.serve.taken import Taken

__all__ = ["Browser", "Chair", "Place", "plain"]

#: The longest message, in characters.
_WORDS = 400
#: The parts of a seat's status that change with progress.
_PROGRESS = ("turns", "points", "symptoms")

#: The size of a screen until a browser reports its size: columns and rows.
_SIZE = (120, 37)


def plain(words: str) -> str:
    """Return `words` in one line of limited length, without control characters."""
    return printable(words).replace("\n", " ").strip()[:_WORDS]


class Browser(Protocol):
    """A browser that displays the screen of a chair."""

    def show(self, data: bytes) -> None:
        """Send it a frame of bytes."""

    def tell(self, data: dict[str, Any]) -> None:
        """Send it words for its page."""

    def leave(self, code: int, why: str) -> None:
        """Close its connection."""


class Chair:
    """A person's chair at a seat: a screen, the browser that displays it, and its additional viewers."""

    def __init__(self, place: "Place", person: int, screen: int, state: ChairState) -> None:
        self.place = place
        #: The number of the person at the seat, counted from 1.
        self.person = person
        #: The number of the screen on the connection to the worker.
        self.screen = screen
        self.state = state
        self.browser: Browser | None = None
        #: The number of the browser's view. Output for an older view is dropped.
        self.view = 0
        self._views = 0
        #: The page of the view; and the input that workers have taken. A browser whose connection broke may not
        #: know that, and sends it to a new worker again.
        self.page = ""
        self.taken = Taken()
        #: View -> an instructor's browser that views the screen.
        self.watchers: dict[int, Browser] = {}
        self.size = _SIZE

    @property
    def name(self) -> str:
        """The name of the chair: the first one has its seat's name."""
        return chair_name(self.place.name, self.person)

    @property
    def who(self) -> str:
        """The person at the chair."""
        return self.place.members[self.person - 1]

    def new_view(self) -> int:
        """Return the number of another view."""
        self._views += 1
        return self._views

    def note(self, kind: str, **data: JsonValue) -> None:
        """Record an event at this seat; for a team, with the person."""
        who: dict[str, JsonValue] = {"who": self.who} if self.place.is_team else {}
        self.place.record.note(kind, **who, **data)

    def tell_watchers(self) -> None:
        """Send the additional viewers the size of the screen."""
        cols, rows = self.size
        for each in self.watchers.values():
            each.tell({"who": self.who, "cols": cols, "rows": rows, "here": self.browser is not None})


class Place:
    """A seat as the server has it."""

    def __init__(self, name: str, kept: SeatState, record: Record, link: Link, *, is_team: bool) -> None:
        self.name, self.number = name, kept.number
        self.kept = kept
        self.record = record
        self.link = link
        #: Whether a team plays here, so that entries name the person.
        self.is_team = is_team
        #: The person here, or a team and its members.
        self.who = ""
        self.members: list[str] = []
        self.chairs: list[Chair] = []
        self.status: dict[str, Any] = {"phase": "making"}
        #: The seconds of the event's clock until the last change of an objective.
        self.progressed = record.gained

    def stands(self, status: dict[str, Any], lived: float) -> None:
        """Take over the seat's status at a time of the event's clock, in seconds."""
        before, self.status = self.status, status
        if before.get("turns") is not None and any(before.get(key) != status.get(key) for key in _PROGRESS):
            self.progressed = lived
        self.record.stands(status)

    @property
    def result(self) -> Result:
        """The present points and repairs."""
        final, symptoms = self.status.get("final"), self.status.get("symptoms") or {}
        points = final.get("attempt") if isinstance(final, dict) else self.status.get("points")
        return Result(
            points=None if points is None else round(float(points), 1),
            gained=self.record.gained,
            repaired=sum(bool(solved) for solved in symptoms.values()),
            symptoms=len(symptoms),
        )

    @property
    def first(self) -> Chair:
        """The chair whose screen stands for the seat on the connection to the worker."""
        return self.chairs[0]

    @property
    def connected(self) -> bool:
        """Whether any browser is connected."""
        return any(chair.browser for chair in self.chairs)

    @property
    def team(self) -> dict[str, Any]:
        """The data of a team that its members see."""
        here = [chair.browser is not None for chair in self.chairs]
        return {"people": self.members, "here": here, "captain": self.kept.captain}
