"""The desk of a chair. Its lab runs in this process, like many others."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import JsonValue

from lab.cluster.sim.process.cluster import SimCluster, SimCopy
from lab.core.drill import DrillStep
from lab.core.events import EventKind
from lab.core.hints import cost, next_tier, pick
from lab.core.modes import Act
from lab.core.scenario import Hint, SolutionStep
from lab.core.session import Session
from lab.errors import ExitCode, LabError
from lab.lab import Lab
from lab.progress import Progress
from lab.serve.seats.heap import HEAP
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.team import Team
from lab.store import Store, now
from lab.sums import sha256_of
from lab.tui.desk import Desk, Look, Told

__all__ = ["SUBMITTED", "HintRules", "SeatDesk", "SeatStore"]

#: The cluster as it was submitted, in the lab's folder.
SUBMITTED = "submitted/sim.json"

#: Facts that the lab finds by itself, on any person's screen.
_NOBODYS = {"turned", "check", "broken", "drill"}


class _Saves:
    """Counts how often anybody at the seat saved the session."""

    def __init__(self) -> None:
        self.count = 0


class SeatStore(Store):
    """The files of a lab that only this process uses, so that it knows of changes without asking the disk.

    `who` is the name for the timeline, if several people share the lab.
    """

    def __init__(self, name: str, saves: _Saves | None = None, who: str = "") -> None:
        super().__init__(name)
        self._saves = saves or _Saves()
        self._who = who

    def for_person(self, who: str) -> "SeatStore":
        """Return the same files for another person's entries in the timeline."""
        return SeatStore(self.name, self._saves, who)

    def save(self, session: Session) -> None:
        """Write the session, durably."""
        super().save(session)
        self._saves.count += 1

    def version(self) -> tuple[int, ...]:
        """Return a value that changes with each change of the session."""
        return (self._saves.count,)

    def stirred(self) -> int:
        """Return a constant: only this process works on the cluster."""
        return 0

    def event(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add an entry to the timeline."""
        who: dict[str, JsonValue] = {"who": self._who} if self._who and kind not in _NOBODYS else {}
        super().event(kind, text, **who, **data)


#: Why no seat can be paused, in any mode.
_ONE_CLOCK = "All seats have one clock, and only the instructor pauses it."


@dataclass(frozen=True, slots=True)
class HintRules:
    """When hints that cost points are sold, and how many. Pure."""

    after: int = 0
    most: int | None = None

    def refusal(self, minutes: float, bought: int) -> str:
        """Return why a seat that has `bought` hints can't buy one after `minutes`; empty if it can."""
        if minutes < self.after:
            return f"Hints that cost points are sold from minute {self.after} on."
        if self.most is not None and bought >= self.most:
            return f"At this event a seat may buy {self.most} of the hints that cost points."
        return ""


class SeatDesk(Desk):
    """The attempt of a seat, for person number `person` of `team`."""

    def __init__(
        self,
        lab: Lab,
        jobs: Jobs,
        notes: Notes,
        team: Team,
        *,
        person: int = 1,
        time_over: Callable[[], bool] = lambda: True,
        rules: HintRules | None = None,
    ) -> None:
        super().__init__(lab)
        if not isinstance(lab.cluster, SimCluster):
            raise TypeError("a seat's cluster is a simulated one, of this process")
        self.team = team
        self.person = person
        self._time_over = time_over
        self._rules = rules or HintRules()
        self._cluster = lab.cluster
        self._world = lab.cluster.world
        self._count = self._world.changes.count
        self._jobs = jobs
        self._notes = notes
        #: Terminal -> the command that is running in it, and its start, as a time of day.
        self.running: dict[str, tuple[str, str]] = {}
        #: When the last look ended, as a time of day.
        self.looked = ""

    @property
    def leads(self) -> bool:
        """Whether this person decides for the team: the captain does, and so does a person without a team."""
        return not self.team.named or self.team.captain == self.person

    def refusal(self, act: Act) -> str:
        """Return why `act` is refused now, as a sentence; empty if it is allowed."""
        return _ONE_CLOCK if act is Act.PAUSE else super().refusal(act)

    def pause(self) -> None:
        """Refuse to stop the clock: the whole event shares one clock."""
        raise LabError("The clock of an event is not paused from a seat.", _ONE_CLOCK, "Raise your hand.")

    @property
    def due(self) -> bool:
        """Whether the time is over, also by the event's clock, which stops while the machine sleeps."""
        return super().due and self._time_over()

    def look_due(self) -> bool:
        """Return whether a look is due. Each seat asks each second, so this must be fast."""
        count = self._world.changes.count
        if count != self._count:
            self._count = count
            self.watch.changed(self.clock())
        if self.running:
            self.watch.active(self.clock())
        return self.watch.due() <= self.clock()

    def look(self) -> Look:
        """Look at the cluster quickly."""
        with HEAP.passing():
            found = super().look()
        self.looked = now().isoformat()
        return found

    def share(self, other: "SeatDesk") -> None:
        """Take over the result of a look by another person at the seat."""
        if other is not self:
            with self._seeing:
                if other.turns != self.turns:
                    self.coach.progressed(self.clock())
                self.seen_at = other.seen_at
                self._score, self._found = other._score, other._found  # noqa: SLF001 -- of the same kind
                self.turns, self.looked = other.turns, other.looked
                self.refresh()

    def take_hint(self, symptom: str) -> Hint:
        """Take the next hint for `symptom`; raise `LabError` if the event's rules allow none now."""
        tier = next_tier(self.session.hints_taken, self.lab.loaded.hints, self.lab.fault(symptom).name)
        if cost(tier):
            taken = [event for event in self.lab.store.timeline() if event.kind == "hint"]
            bought = sum(bool(cost(int(str(event.data["tier"])))) for event in taken)
            if why := self._rules.refusal(self.played.total_seconds() / 60, bought):
                raise LabError(why, code=ExitCode.REFUSED)
        return super().take_hint(symptom)

    def gift(self, symptom: str) -> Hint:
        """Return the next hint for `symptom` without a cost, since the instructor gave it."""
        fault = self.lab.fault(symptom).name
        with self.lab.store.update() as session:
            tier = next_tier(session.hints_taken, self.lab.loaded.hints, fault)
            hint = pick(self.lab.loaded.hints, fault, tier, session.last_statuses)
            session.hints_taken.append(hint.name)
        self._note("advice", hint.name, because="the instructor gave it")
        self.coach.progressed(self.clock())
        return hint

    def submit(self, told: Told, progress: Progress, ended: Callable[[DrillStep], None]) -> None:
        """End the attempt: look thoroughly at the cluster's present state, and run the drill.

        A copy of the cluster is used, in which the minute of the drill takes no time. So the work can wait for its
        turn, and later changes of the cluster do not affect it.

        Raises:
            LabError: another person at the seat is submitting.
        """
        self.team.check_submits(self.person)
        began = self.clock()
        try:
            with HEAP.passing(), self._cluster.copy() as frozen:
                self._keep(frozen)
                lab = Lab(self.lab.store, self.lab.loaded, frozen)
                with self._jobs.turn():
                    score = lab.submit(told, progress, ended)
        finally:
            self.team.submitter = 0
        with self._seeing:
            self.seen_at, self._score = began, score
            self.refresh()

    def _keep(self, frozen: SimCopy) -> None:
        """Keep the submitted cluster for an appeal; its sum is in the attempt. A full disk stops no submission."""
        file = self.lab.store.folder / SUBMITTED
        try:
            frozen.keep(file)
            sha256 = sha256_of(file)
        except OSError as error:
            self.lab.store.event("kept", f"The submitted cluster could not be kept: {error.strerror}")
            return
        self.lab.store.event("kept", "The submitted cluster was kept", sha256=sha256)

    def give_up(self, symptom: str, progress: Progress, told: Callable[[SolutionStep], None]) -> None:
        """Repair the fault behind `symptom`, when it is this seat's turn."""
        with self._jobs.turn():
            super().give_up(symptom, progress, told)

    def _note(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add an entry to the timeline soon."""
        self._notes.write(lambda: super(SeatDesk, self)._note(kind, text, **data))
