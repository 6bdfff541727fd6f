"""The next hint for each symptom, with its cost."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lab.core.hints import LAST_TIER, TIER_TITLES, cost, next_tier
from lab.core.scenario import FaultSpec, Hint
from lab.core.session import Session

__all__ = ["NextHint", "next_hints"]


@dataclass(frozen=True, slots=True)
class NextHint:
    """The next hint for a symptom; `tier` is None once all hints were taken."""

    symptom: str
    title: str
    tier: int | None
    cost: int
    #: The symptom's state if no hint is needed.
    over: str = ""

    @property
    def offer(self) -> str:
        """Return the hint's name and its cost."""
        if self.over:
            return self.over
        if self.tier is None:
            return "all were shown"
        return f"{TIER_TITLES[self.tier]}: {f'{self.cost} % of its points' if self.cost else 'free'}"


def next_hints(
    faults: Iterable[FaultSpec], hints: Iterable[Hint], session: Session, solved: Collection[str]
) -> list[NextHint]:
    """Return the next hint for each of `faults`; `solved` has the names of repaired symptoms."""
    found, hints = [], list(hints)
    for fault in faults:
        symptom = fault.symptom
        over = "repaired" if symptom.name in solved else "given up" if fault.name in session.viewed else ""
        tier: int | None = None
        if not over and session.hint_tiers.get(fault.name, -1) < LAST_TIER:
            tier = next_tier(session.hints_taken, hints, fault.name)
        found.append(NextHint(symptom.name, symptom.title, tier, cost(tier) if tier else 0, over))
    return found
