"""An event's folder: event.yaml, the codes, the clock, the labs, and an attempt for each seat."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ValidationError

from lab.errors import LabError, UsageProblem
from lab.serve.event import receipts
from lab.serve.event.codes import new_code
from lab.serve.event.model import EVENT, Invited
from lab.serve.event.ranking import Frozen
from lab.serve.event.receipts import Receipt
from lab.serve.event.verdict import Verdict, judge
from lab.writing import write_durably

__all__ = ["ChairState", "EventFolder", "EventState", "Pause", "SeatState", "chair_name", "evidence", "seat_name"]

_STATE = "state.json"


class Pause(BaseModel):
    """A time that does not count."""

    began: datetime
    ended: datetime | None = None
    why: str = ""


class ChairState(BaseModel):
    """The stored state of a person at a seat."""

    code: str
    #: Fingerprints of the secrets of the browsers that joined.
    sessions: list[str] = []
    #: The time at which the hand was raised.
    hand: datetime | None = None
    #: The name of a person who came late; other names are in event.yaml.
    name: str = ""


class SeatState(ChairState):
    """The stored state of a seat, and of its first person's chair. Attempt and lab are stored separately."""

    number: int
    #: The number of the worker on another machine that has the lab; 0 if the event's folder has it.
    worker: int = 0
    #: The other people of a team, and the number of its captain, counted from 1.
    mates: list[ChairState] = []
    captain: int = 1
    #: The name of a team that came late.
    team: str = ""
    #: Whether the data of the only person was removed; then nobody plays here again.
    forgotten: bool = False

    @property
    def chairs(self) -> list[ChairState]:
        """Everybody at the seat."""
        return [self, *self.mates]


class EventState(BaseModel):
    """The state that the server needs after a crash."""

    version: int = 1
    #: The instructor's code, and the fingerprints of the browsers that used it.
    code: str
    sessions: list[str] = []
    started: datetime | None = None
    stopped: datetime | None = None
    pauses: list[Pause] = []
    #: The public ranking from the time of its freezing until it is revealed.
    frozen: Frozen | None = None
    revealed: datetime | None = None
    #: The last time at which the server was running.
    alive: datetime | None = None
    seats: dict[str, SeatState]

    @property
    def chairs(self) -> dict[str, ChairState]:
        """Everybody, by the name of the chair."""
        return {
            chair_name(name, person): chair
            for name, seat in self.seats.items()
            for person, chair in enumerate(seat.chairs, start=1)
        }

    def fresh_code(self, others: Iterable[ChairState] = ()) -> str:
        """Return a code that neither this event nor `others` uses."""
        taken = {self.code, *(chair.code for chair in (*self.chairs.values(), *others))}
        while (code := new_code()) in taken:
            pass
        return code

    @property
    def pause(self) -> Pause | None:
        """The present pause."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].ended is None else None

    def paused(self, now: datetime) -> timedelta:
        """Return the total length of the pauses until `now`."""
        return sum(((each.ended or now) - each.began for each in self.pauses), timedelta())

    def deadline(self, minutes: int, now: datetime) -> datetime | None:
        """Return the deadline, as known at `now`; None before the start."""
        return self.started + timedelta(minutes=minutes) + self.paused(now) if self.started else None

    def lived(self, at: datetime) -> float:
        """Return the seconds of the event's clock at `at`, without pauses."""
        if self.started is None:
            return 0.0
        counted = sum(
            (
                max(min(each.ended or at, at) - max(each.began, self.started), timedelta())
                for each in self.pauses
                if each.began < at
            ),
            timedelta(),
        )
        return max(0.0, (at - self.started - counted).total_seconds())


def evidence(path: Path) -> tuple[list[Receipt], str]:
    """Return all receipts in the event's folder `path`, and its public key (empty if it has none)."""
    files = sorted((path / "receipts").glob("*.jsonl"))
    key = receipts.public_key(path) if (path / "witness.pub").is_file() else ""
    return [receipt for file in files for receipt in receipts.read(file)], key


def seat_name(number: int) -> str:
    """Return the name of seat `number` in files."""
    return f"seat-{number:03}"


def chair_name(seat: str, person: int) -> str:
    """Return the name of the chair of person number `person` at a seat: the first chair has the seat's name."""
    return seat if person == 1 else f"{seat}.{person}"


class EventFolder:
    """The folder of an event that can be served."""

    def __init__(self, path: Path, invited: Invited) -> None:
        self.path = path
        self.invited = invited

    @property
    def home(self) -> Path:
        """The folder of the labs: the KLUSTER_HOME of the workers."""
        return self.path / "labs"

    @property
    def begun(self) -> bool:
        """Whether the event was served before."""
        return (self.path / _STATE).is_file()

    def create_state(self) -> EventState:
        """Create a state with a code for everybody, and write it."""
        event = self.invited.event
        state = EventState(code=new_code(), seats={})
        for number in range(1, event.count + 1):
            mates: list[ChairState] = []
            for _ in event.members(number)[1:]:
                mates.append(ChairState(code=state.fresh_code(mates)))
            state.seats[seat_name(number)] = SeatState(number=number, code=state.fresh_code(mates), mates=mates)
        self.save(state)
        return state

    def load_state(self) -> EventState:
        """Read the state.

        Raises:
            UsageProblem: the event has not begun.
            LabError: the file can't be read.
        """
        path = self.path / _STATE
        if not path.is_file():
            raise UsageProblem(
                f"{self.path} has not been served yet.", remedy=f"Start its server: kluster serve {self.path}"
            )
        try:
            return EventState.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise LabError(
                f"{path} can't be read.",
                str(error),
                "Without this file nobody can join. The attempts are in the same folder.",
            ) from error

    def save(self, state: EventState) -> None:
        """Write the state durably, readable by this user only, since it holds the codes."""
        path = self.path / _STATE
        try:
            write_durably(path, json.dumps(state.model_dump(mode="json"), indent=1))
            path.chmod(0o600)
        except OSError as error:
            raise LabError(
                "The event's folder can't be written.", f"{path}: {error.strerror}", "Make room on the disk."
            ) from error

    def who(self, seat: SeatState) -> str:
        """Return the person or the team at `seat`."""
        event = self.invited.event
        return seat.team or (event.who(seat.number) if event.teams or not seat.name else seat.name)

    def members(self, seat: SeatState) -> list[str]:
        """Return the names of all people at `seat`."""
        known = () if seat.team else self.invited.event.members(seat.number)
        return [
            chair.name or (known[i] if i < len(known) else f"{self.who(seat)} {i + 1}")
            for i, chair in enumerate(seat.chairs)
        ]

    def attempt(self, seat: str) -> Path:
        """Return the path of a seat's attempt."""
        return self.path / "attempts" / f"{seat}.jsonl"

    def receipts(self, seat: str) -> Path:
        """Return the file of the receipts for the holder of a seat's code, hosted or witnessed."""
        return self.path / "receipts" / f"{seat}.jsonl"

    def verdict(self, seat: str) -> Verdict:
        """Return the verdict on a seat's attempt."""
        given, key = evidence(self.path)
        return judge(self.attempt(seat), given, key, seat=seat)

    @staticmethod
    def is_event(path: Path) -> bool:
        """Return whether `path` is an event's folder."""
        return (path / EVENT).is_file()
