"""A lab's state machine: which state it is in, what may follow, and all that is kept of an attempt."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from lab.core.scenario import Answer
from lab.errors import ExitCode, LabError

__all__ = ["Earned", "Mode", "Session", "State", "WrongStateError"]


class State(StrEnum):
    """Where a lab is in its life."""

    CREATING = "creating"
    HEALTHY = "healthy"
    INJECTING = "injecting"
    BROKEN = "broken"
    SOLVED = "solved"
    GIVEN_UP = "given-up"
    RESETTING = "resetting"
    DELETING = "deleting"


class Mode(StrEnum):
    """What a lab is for; every command from every terminal obeys it."""

    TRAINING = "training"
    EXAM = "exam"
    GAME_DAY = "game-day"
    REHEARSAL = "rehearsal"


#: States from which each state may be entered. Deleting is always allowed.
_ENTERED_FROM: dict[State, set[State]] = {
    State.CREATING: {State.CREATING},
    State.HEALTHY: {State.CREATING, State.RESETTING},
    State.INJECTING: {State.HEALTHY},
    State.BROKEN: {State.INJECTING},
    State.SOLVED: {State.BROKEN},
    State.GIVEN_UP: {State.BROKEN},
    State.RESETTING: {
        State.HEALTHY,
        State.INJECTING,
        State.BROKEN,
        State.SOLVED,
        State.GIVEN_UP,
        State.RESETTING,
    },
    State.DELETING: set(State),
}

#: What to do next, by state.
_NEXT = {
    State.CREATING: "Its creation was cut off. Start again: kluster create; or remove it: kluster delete",
    State.HEALTHY: "Break it with: kluster break",
    State.INJECTING: "Breaking it was cut off. Take it back: kluster reset; or remove it: kluster delete",
    State.BROKEN: "Repair it (kluster shell), see how far you are (kluster check), end it (kluster submit)",
    State.SOLVED: "Start again with: kluster reset; or remove it with: kluster delete",
    State.GIVEN_UP: "Start again with: kluster reset; or remove it with: kluster delete",
    State.RESETTING: "A reset was cut off. Finish it: kluster reset; or remove the lab: kluster delete",
    State.DELETING: "Its removal was cut off. Finish it with: kluster delete",
}


class WrongStateError(LabError):
    """What was asked for does not fit the state that the lab is in."""

    exit_code = ExitCode.REFUSED


class Earned(BaseModel):
    """What a fault is worth, before hints and solutions take theirs."""

    points: float
    maximum: float


class Session(BaseModel):
    """One lab, and its attempt. Times are in UTC."""

    name: str
    #: The scenario's folder, as a path.
    scenario: str
    backend: str
    mode: Mode
    state: State = State.CREATING
    #: Who plays, on a game day.
    team: str = ""
    image: str | None = None
    #: Node name -> id, as journalled right after creation.
    identity: dict[str, str] = {}
    created: datetime
    injected: list[str] = []
    #: Fault -> the symptom as it was seen at injection.
    evidence: dict[str, str] = {}
    #: Checks that held at injection although they count repairs: they leave the maximum.
    left_out: list[str] = []
    started: datetime | None = None
    ended: datetime | None = None
    #: Fault -> highest tier of hints taken.
    hint_tiers: dict[str, int] = {}
    hints_taken: list[str] = []
    viewed: list[str] = []
    diagnosis: dict[str, Answer] = {}
    #: Fault -> when it was first seen repaired.
    repaired: dict[str, datetime] = {}
    #: Check -> status at the last look, for hints that react and for the timeline; and when that look began.
    last_statuses: dict[str, str] = {}
    looked: datetime | None = None
    #: Fault, or end to end -> what that look found it to be worth; and the points that there are in all.
    earned: dict[str, Earned] = {}
    maximum: float = 0.0
    #: The score of the submission: a `ScoreView` as JSON has it.
    final: dict[str, object] | None = None

    @property
    def next_step(self) -> str:
        """What to do next, in a sentence."""
        return _NEXT[self.state]

    @property
    def over(self) -> bool:
        """Whether the attempt has ended."""
        return self.state in {State.SOLVED, State.GIVEN_UP}

    def enter(self, state: State) -> None:
        """Go to `state`, or raise `WrongStateError` if that does not follow."""
        if self.state not in _ENTERED_FROM[state]:
            raise WrongStateError(
                f"Lab {self.name} is {self.state.value}: it can't become {state.value}.", "", self.next_step
            )
        self.state = state

    def need(self, states: Collection[State], what: str) -> None:
        """Raise `WrongStateError` unless the lab is in one of `states`; `what` is what was asked for."""
        if self.state not in states:
            raise WrongStateError(f"Can't {what}: lab {self.name} is {self.state.value}.", "", self.next_step)

    def begin_attempt(self, faults: list[str], now: datetime) -> None:
        """Forget the last attempt and start the clock of a new one."""
        self.injected, self.started, self.ended, self.final = faults, now, None, None
        self.hint_tiers, self.hints_taken, self.viewed = {}, [], []
        self.diagnosis, self.repaired, self.last_statuses, self.looked = {}, {}, {}, None
        self.earned = {}
