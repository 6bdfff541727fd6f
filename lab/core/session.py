"""A lab's state machine: its state, the states that may follow, and the data of an attempt."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel

from lab.core.drill import DrillStep
from lab.core.modes import Act, Mode, Phase, binding, refusal
from lab.core.pauses import Pause, paused, played
from lab.core.scenario import Answer
from lab.errors import ExitCode, LabError

__all__ = ["Earned", "Ending", "Failure", "Mode", "Session", "State", "WrongStateError"]


class State(StrEnum):
    """The state of a lab."""

    CREATING = "creating"
    HEALTHY = "healthy"
    INJECTING = "injecting"
    BROKEN = "broken"
    #: Broken, and the clock of its attempt is stopped.
    PAUSED = "paused"
    SOLVED = "solved"
    GIVEN_UP = "given-up"
    RESETTING = "resetting"
    DELETING = "deleting"

    @property
    def words(self) -> str:
        """The state as a person reads it."""
        return "ended unsolved" if self is State.GIVEN_UP else self.value

    @property
    def words_after_failure(self) -> str:
        """The same of a lab that an error left in this state."""
        return f"{_FAILED[self]} failed" if self in _FAILED else self.words


class Ending(StrEnum):
    """How an attempt ended."""

    SUBMITTED = "submitted"
    #: It was submitted automatically.
    TIME_OVER = "time-over"
    #: Its lab was removed while it ran.
    WITHDRAWN = "withdrawn"


#: The states from which each state may be entered. Deleting is always allowed.
_ENTERED_FROM: dict[State, set[State]] = {
    State.CREATING: {State.CREATING},
    State.HEALTHY: {State.CREATING, State.RESETTING},
    State.INJECTING: {State.HEALTHY},
    State.BROKEN: {State.INJECTING, State.PAUSED},
    State.PAUSED: {State.BROKEN},
    State.SOLVED: {State.BROKEN},
    State.GIVEN_UP: {State.BROKEN},
    State.RESETTING: {
        State.HEALTHY,
        State.INJECTING,
        State.BROKEN,
        State.PAUSED,
        State.SOLVED,
        State.GIVEN_UP,
        State.RESETTING,
    },
    State.DELETING: set(State),
}

#: The next step for a person, by state.
_NEXT = {
    State.CREATING: "Its creation was interrupted. Start again: kluster create; or remove it: kluster delete",
    State.HEALTHY: "Break it with: kluster break",
    State.INJECTING: "Breaking it was interrupted. Undo it: kluster reset; or remove it: kluster delete",
    State.BROKEN: "Repair it (kluster shell), see how far you are (kluster check), end it (kluster submit)",
    State.PAUSED: "Resume it with: kluster resume; or start again with: kluster reset",
    State.SOLVED: "Start again with: kluster reset; or remove it with: kluster delete",
    State.GIVEN_UP: "Start again with: kluster reset; or remove it with: kluster delete",
    State.RESETTING: "A reset was interrupted. Finish it: kluster reset; or remove the lab: kluster delete",
    State.DELETING: "Its removal was interrupted. Finish it with: kluster delete",
}
#: What may fail, by the state that it leaves. A failed creation leaves a lab only if its cluster can't be removed.
_FAILED = {
    State.CREATING: "creation",
    State.INJECTING: "breaking",
    State.RESETTING: "reset",
    State.DELETING: "removal",
}
#: The next step after that.
_NEXT_AFTER_FAILURE = {
    State.CREATING: "Start again: kluster create; or remove it: kluster delete",
    State.INJECTING: "Undo it: kluster reset; or remove the lab: kluster delete",
    State.RESETTING: "Try again: kluster reset; or make a new cluster: kluster delete, then kluster create",
    State.DELETING: "Try again: kluster delete",
}
#: The same for an attempt whose states are not shown.
_NEXT_UNSEEN = "Repair it (kluster shell), end it (kluster submit)"

#: States in which an attempt runs, or is over; in all others it has not begun.
_PHASES = {
    State.BROKEN: Phase.RUNNING,
    State.PAUSED: Phase.RUNNING,
    State.SOLVED: Phase.OVER,
    State.GIVEN_UP: Phase.OVER,
}


class WrongStateError(LabError):
    """The lab's state does not allow the request."""

    exit_code = ExitCode.REFUSED


class Earned(BaseModel):
    """A fault's points before hints and solutions."""

    points: float
    maximum: float


class Failure(BaseModel):
    """Why the last change of state did not succeed, as its error said it."""

    title: str
    detail: str


class Session(BaseModel):
    """One lab, and its attempt. Times are in UTC."""

    name: str
    #: The scenario's folder, as a path.
    scenario: str
    backend: str
    mode: Mode
    state: State = State.CREATING
    #: The error that left the lab in `state`; None if there was none, or if it was interrupted.
    failure: Failure | None = None
    #: The team's name on a game day.
    team: str = ""
    image: str | None = None
    #: The seed of its variant (0: the lab without a variant), and part -> name of its choice.
    seed: int = 0
    variant: dict[str, str] = {}
    #: Node name -> id, recorded right after creation.
    identity: dict[str, str] = {}
    created: datetime
    injected: list[str] = []
    #: Fault -> its symptom as observed at injection.
    evidence: dict[str, str] = {}
    #: Repair checks that already held at injection; they leave the maximum.
    left_out: list[str] = []
    started: datetime | None = None
    #: When its clock stood still, in order.
    pauses: list[Pause] = []
    #: The time of the automatic submission; None without a limit.
    deadline: datetime | None = None
    ended: datetime | None = None
    ending: Ending | None = None
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
    #: The name of the file in which the attempt is kept as it runs; empty where it is not.
    attempt: str = ""
    #: The random mark of the attempt, written into the cluster when it was broken.
    mark: str = ""
    #: Whether a drill is being held, or was cut off; and what its steps have shown.
    drilling: bool = False
    #: The name of the drill on the cluster.
    drill_name: str = ""
    drill: list[DrillStep] = []
    #: Fault, or end to end -> its points at that look; and the maximum.
    earned: dict[str, Earned] = {}
    maximum: float = 0.0
    #: The score of the submission: a `ScoreView` as JSON.
    final: dict[str, object] | None = None

    @property
    def words(self) -> str:
        """The state as a person reads it, also after an error."""
        return self.state.words_after_failure if self.failed else self.state.words

    @property
    def failed(self) -> bool:
        """Whether an error left the lab in this state."""
        return self.failure is not None and self.state in _FAILED

    @property
    def next_step(self) -> str:
        """The next step for a person, as a sentence."""
        if self.failed:
            return f"The {self.words}. {_NEXT_AFTER_FAILURE[self.state]}"
        unseen = self.state is State.BROKEN and not self.may(Act.SEE_STATES)
        return _NEXT_UNSEEN if unseen else _NEXT[self.state]

    @property
    def phase(self) -> Phase:
        """Where the attempt is."""
        return _PHASES.get(self.state, Phase.BEFORE)

    @property
    def stands(self) -> bool:
        """Whether the cluster of a paused lab is stopped too."""
        return self.state is State.PAUSED and bool(self.pauses[-1].cluster_stands)

    @property
    def over(self) -> bool:
        """Whether the attempt has ended."""
        return self.phase is Phase.OVER

    @property
    def bound(self) -> bool:
        """Whether an attempt runs that must end with a result."""
        return self.phase is Phase.RUNNING and binding(self.mode)

    def due(self, now: datetime) -> bool:
        """Whether the time of a running attempt is over, so that it must be submitted before anything else."""
        return self.phase is Phase.RUNNING and self.deadline is not None and now >= self.deadline

    def clock(self, now: datetime) -> datetime:
        """Return the time by the attempt's clock: the deadline at the latest."""
        return min(now, self.deadline) if self.deadline else now

    def played(self, at: datetime) -> timedelta:
        """Return the time of the attempt's clock at `at`: at most its final time."""
        if not self.started:
            return timedelta()
        return played(self.started, self.pauses, min(at, self.ended) if self.ended else at)

    def paused(self, at: datetime) -> timedelta:
        """Return how long the attempt's clock stood still before `at`, and before the end."""
        return paused(self.pauses, min(at, self.ended) if self.ended else at)

    def may(self, act: Act) -> bool:
        """Whether the lab's mode allows `act` now."""
        return not refusal(self.mode, self.phase, act)

    def require(self, act: Act) -> None:
        """Raise `LabError` if the lab's mode refuses `act` now."""
        if reason := refusal(self.mode, self.phase, act):
            raise LabError(reason, "", self.next_step, code=ExitCode.REFUSED)

    def enter(self, state: State) -> None:
        """Enter `state`, or raise `WrongStateError` if it may not follow."""
        if self.state not in _ENTERED_FROM[state]:
            raise WrongStateError(
                f"Lab {self.name} is {self.state.words}: it can't become {state.words}.", "", self.next_step
            )
        self.state, self.failure = state, None

    def need(self, states: Collection[State], what: str) -> None:
        """Raise `WrongStateError` unless the lab is in one of `states`; `what` names the request."""
        if self.state not in states:
            raise WrongStateError(f"Can't {what}: lab {self.name} is {self.state.words}.", "", self.next_step)

    def begin_attempt(self, faults: list[str], now: datetime, *, minutes: int) -> None:
        """Forget the last attempt and start a new one, which ends after `minutes` if the mode is binding."""
        self.injected, self.started, self.ended, self.final = faults, now, None, None
        self.pauses = []
        self.deadline = now + timedelta(minutes=minutes) if binding(self.mode) else None
        self.ending, self.attempt = None, ""
        self.hint_tiers, self.hints_taken, self.viewed = {}, [], []
        self.diagnosis, self.repaired, self.last_statuses, self.looked = {}, {}, {}, None
        self.earned, self.drill = {}, []

    def pause(self, now: datetime) -> None:
        """Stop the attempt's clock."""
        self.enter(State.PAUSED)
        self.pauses.append(Pause(since=now))

    def resume(self, now: datetime) -> timedelta:
        """Let the attempt's clock run again; return how long this pause was."""
        self.enter(State.BROKEN)
        pause = self.pauses[-1]
        pause.until = max(now, pause.since)
        return pause.until - pause.since

    def end(self, state: State, ending: Ending, now: datetime) -> None:
        """End the attempt in `state`, and stop its clock."""
        self.enter(state)
        self.ending, self.ended = ending, self.clock(now)
