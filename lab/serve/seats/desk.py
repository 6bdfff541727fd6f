"""The desk of a seat: its lab lives in this process, with those of many others."""

from lab.cluster.sim.process.cluster import SimCluster
from lab.core.events import EventKind
from lab.core.scenario import SolutionStep
from lab.lab import Lab
from lab.progress import Progress
from lab.serve.seats.jobs import Jobs, Notes
from lab.tui.desk import Desk, Told
from pydantic import JsonValue
from collections.abc import Callable

__all__ = ["SeatDesk"]


class SeatDesk(Desk):
    """One attempt at a seat."""

    def __init__(self, lab: Lab, jobs: Jobs, notes: Notes) -> None:
        super().__init__(lab)
        self._jobs = jobs
        self._notes = notes

    def submit(self, told: Told) -> None:
        """End the attempt: look thoroughly at the cluster as it is now.

        The look is at a copy, where the minute that it takes costs no time: it may wait for its turn, and what is
        done meanwhile changes nothing.
        """
        began = self.clock()
        cluster = self.lab.cluster
        if not isinstance(cluster, SimCluster):
            raise TypeError("a seat's cluster is a simulated one, of this process")
        with cluster.copy() as frozen:
            lab = Lab(self.lab.store, self.lab.loaded, frozen)
            with self._jobs.turn():
                score = lab.submit(told)
        with self._seeing:
            self.seen_at, self._score = began, score
            self.refresh()

    def give_up(self, symptom: str, progress: Progress, told: Callable[[SolutionStep], None]) -> None:
        """Repair what is behind `symptom`, when it is this seat's turn."""
        with self._jobs.turn():
            super().give_up(symptom, progress, told)

    def _note(self, kind: EventKind, text: str, **data: JsonValue) -> None:
        """Add to the timeline before long."""
        self._notes.write(lambda: super(SeatDesk, self)._note(kind, text, **data))
