"""The present points of an attempt: what is left, and what hints and solutions cost."""

from dataclasses import dataclass

from lab.core.grading import kept
from lab.core.modes import Act
from lab.core.session import Mode, Session

__all__ = ["Standing", "number", "of_session"]


@dataclass(frozen=True, slots=True)
class Standing:
    """`points` of `maximum`, after the cost of `hints` and `solutions`; all in points."""

    points: float
    maximum: float
    hints: float = 0.0
    solutions: float = 0.0

    @property
    def text(self) -> str:
        """The points with the cost of help, such as `58 of 92 points (hints took 4, solutions 20)`."""
        took = self.took
        return f"{number(self.points)} of {number(self.maximum)} points{f' ({took})' if took else ''}"

    @property
    def took(self) -> str:
        """The cost of help in words; empty without cost."""
        parts = [("hints", self.hints), ("solutions", self.solutions)]
        named = [f"{name} took {number(cost)}" for name, cost in parts if cost]
        return ", ".join(named).replace(", solutions took", ", solutions")


def number(points: float) -> str:
    """Return points with at most one decimal."""
    return f"{points:.1f}".removesuffix(".0")


def of_session(session: Session) -> Standing | None:
    """Return the points at the last look, minus the help taken by now.

    Return None if no look has ended, or if the mode shows no states.
    """
    if not session.earned or not session.may(Act.SEE_STATES):
        return None
    viewed = () if session.mode is Mode.REHEARSAL else session.viewed
    took = {True: 0.0, False: 0.0}
    left = 0.0
    for name, earned in session.earned.items():
        rest = earned.points * kept(tier=session.hint_tiers.get(name, 0), viewed=name in viewed)
        took[name in viewed] += earned.points - rest
        left += rest
    return Standing(left, session.maximum, hints=took[False], solutions=took[True])
