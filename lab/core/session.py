"""A lab's state machine: its state, the states that may follow, and the data of an attempt."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from lab.core.scenario import Answer
from lab.errors import ExitCode, LabError

__all__ = ["Earned", "Mode", "Session", "State", "WrongStateError"]


class State(StrEnum):
    """The state of a lab."""

    CREATING = "creating"
    HEALTHY = "healthy"
    INJECTING = "injecting"
    BROKEN = "broken"
    SOLVED = "solved"
    GIVEN_UP = "given-up"
    RESETTING = "resetting"
    DELETING = "deleting"


class Mode(StrEnum):
    """The purpose of a lab. Every command from every terminal obeys it."""

    TRAINING = "training"
    EXAM = "exam"
    GAME_DAY = "game-day"
    REHEARSAL = "rehearsal"


#: The states from which each state may be entered. Deleting is always allowed.
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

#: The next step for a person, by state.
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
    """The lab's state does not allow the request."""

    exit_code = ExitCode.REFUSED


class Earned(BaseModel):
    """A fault's points before hints and solutions."""

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
    #: The team's name on a game day.
    team: str = ""
    image: str | None = None
    #: Node name -> id, recorded right after creation.
    identity: dict[str, str] = {}
    created: datetime
    injected: list[str] = []
    #: Fault -> its symptom as observed at injection.
    evidence: dict[str, str] = {}
    #: Repair checks that already held at injection; they leave the maximum.
    left_out: list[str] = []
    started: datetime | None = None
    ended: datetime | None = None
    #: Fault -> highest tier of hints taken.
    hint_tiers: dict[str, int] = {}
    hints_taken: list[str] = []
    viewed: list[str] = []
    diagnosis: dict[str, Answer] = {}
    #: Fault -> time when it was first found repaired.
    repaired: dict[str, datetime] = {}
    #: Check -> its status at the last look, for reactive hints and the timeline; and the time when that look
    #: began.
    last_statuses: dict[str, str] = {}
    looked: datetime | None = None
    #: Fault, or end to end -> its points at that look; and the maximum.
    earned: dict[str, Earned] = {}
    maximum: float = 0.0
    #: The score of the submission: a `ScoreView` as JSON.
    final: dict[str, object] | None = None

    @property
    def next_step(self) -> str:
        """The next step for a person, as a sentence."""
        return _NEXT[self.state]

    @property
    def over(self) -> bool:
        """Whether the attempt has ended."""
        return self.state in {State.SOLVED, State.GIVEN_UP}

    def enter(self, state: State) -> None:
        """Enter `state`, or raise `WrongStateError` if it may not follow."""
        if self.state not in _ENTERED_FROM[state]:
            raise WrongStateError(
                f"Lab {self.name} is {self.state.value}: it can't become {state.value}.", "", self.next_step
            )
        self.state = state

    def need(self, states: Collection[State], what: str) -> None:
        """Raise `WrongStateError` unless the lab is in one of `states`; `what` names the request."""
        if self.state not in states:
            raise WrongStateError(f"Can't {what}: lab {self.name} is {self.state.value}.", "", self.next_step)

    def begin_attempt(self, faults: list[str], now: datetime) -> None:
        """Forget the last attempt and start the clock for a new one."""
        self.injected, self.started, self.ended, self.final = faults, now, None, None
        self.hint_tiers, self.hints_taken, self.viewed = {}, [], []
        self.diagnosis, self.repaired, self.last_statuses, self.looked = {}, {}, {}, None
        self.earned = {}
