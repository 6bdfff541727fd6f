"""The desk of a seat: its lab lives in this process, beside many others."""

from collections.abc import Callable

from pydantic import JsonValue

from lab.cluster.sim.process.cluster import SimCluster
from lab.core.drill import DrillStep
from lab.core.events import EventKind
from lab.core.hints import next_tier, pick
from lab.core.scenario import Hint, SolutionStep
from lab.core.session import Session
from lab.lab import Lab
from lab.progress import Progress
from lab.serve.seats.jobs import Jobs, Notes
from lab.store import Store, now
from lab.tui.desk import Desk, Look, Told

__all__ = ["SeatDesk", "SeatStore"]


class SeatStore(Store):
    """The files of a lab that only this process uses, so that it knows of changes without asking the disk."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._saves = 0

    def save(self, session: Session) -> None:
        """Write the session, durably."""
        super().save(session)
        self._saves += 1

    def version(self) -> tuple[int, ...]:
        """Return a value that changes with each change of the session."""
        return (self._saves,)

    def stirred(self) -> int:
        """Return a constant: only this process works on the cluster."""
        return 0


class SeatDesk(Desk):
    """One attempt at a seat."""

    def __init__(self, lab: Lab, jobs: Jobs, notes: Notes) -> None:
        super().__init__(Lab(SeatStore(lab.store.name), lab.loaded, lab.cluster))
        if not isinstance(lab.cluster, SimCluster):
            raise TypeError("a seat's cluster is a simulated one, of this process")
        self._cluster = lab.cluster
        self._world = lab.cluster.world
        self._count = self._world.changes.count
        self._jobs = jobs
        self._notes = notes
        #: Terminal -> the command that is running in it.
        self.running: dict[str, str] = {}
        #: When the last look ended, as a time of day.
        self.looked = ""

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
        found = super().look()
        self.looked = now().isoformat()
        return found

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
        """
        began = self.clock()
        with self._cluster.copy() as frozen:
            lab = Lab(self.lab.store, self.lab.loaded, frozen)
            with self._jobs.turn():
                score = lab.submit(told, progress, ended)
        with self._seeing:
            self.seen_at, self._score = began, score
            self.refresh()

    def give_up(self, symptom: str, progress: Progress, told: Callable[[SolutionStep], None]) -> None:
        """Repair the fault behind `symptom`, when it is this seat's turn."""
        with self._jobs.turn():
            super().give_up(symptom, progress, told)

    def _note(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add an entry to the timeline soon."""
        self._notes.write(lambda: super(SeatDesk, self)._note(kind, text, **data))
