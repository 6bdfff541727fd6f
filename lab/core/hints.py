"""Which hint is shown: tiers in their order, reactive hints first, and what the next one costs."""

from collections.abc import Mapping, Sequence

from lab.core.grading import HINT_COST
from lab.core.scenario import Hint
from lab.errors import UsageProblem

__all__ = ["TIER_TITLES", "cost", "next_tier", "pick"]

TIER_TITLES = ("how to look", "where", "what", "the commands")
LAST_TIER = len(TIER_TITLES) - 1


def next_tier(taken: Sequence[str], hints: Sequence[Hint], fault: str) -> int:
    """Return the tier that comes after the hints already `taken` (names) for `fault`."""
    tiers = [hint.tier for hint in hints if hint.fault == fault and hint.name in taken]
    return min(max(tiers, default=-1) + 1, LAST_TIER)


def pick(hints: Sequence[Hint], fault: str | None, tier: int, statuses: Mapping[str, str]) -> Hint:
    """Return the hint for `fault` (none: about method) at `tier`: the first whose conditions hold.

    `statuses` is what each check said last.

    Raises:
        UsageProblem: there is none.

    """
    for hint in hints:
        fits = all(statuses.get(condition.check) == condition.status for condition in hint.when)
        if hint.fault == fault and hint.tier == tier and fits:
            return hint
    raise UsageProblem(f"There is no hint of tier {tier} for that.")


def cost(tier: int) -> int:
    """Return what hints up to `tier` take off a symptom's points in all, in percent."""
    return round(100 * HINT_COST[tier])
