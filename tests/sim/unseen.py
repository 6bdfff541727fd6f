"""A rehearsal that nobody watches."""

from collections.abc import Callable

from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.lab import Lab
from lab.progress import Progress, Silent

__all__ = ["Unseen"]


class Unseen:
    """A witness that records nothing."""

    progress: Progress = Silent()

    def chapter(self, title: str) -> None: ...

    def evidence(self, fault: str, seen: str) -> None: ...

    def explain(self, each: SolutionStep) -> None: ...

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        del lab
        return lambda _check, _outcome: None

    def score(self, lab: Lab, score: Score) -> None: ...

    def drilled(self, step: DrillStep) -> None: ...
