"""The choice of a hint: tiers in order, reactive hints first, and the cost of the next one."""

from collections.abc import Collection, Mapping, Sequence

from lab.core.grading import HINT_COST
from lab.core.scenario import Hint
from lab.errors import UsageProblem

__all__ = ["TIER_TITLES", "cost", "next_tier", "of_half_a_repair", "pick"]

TIER_TITLES = ("how to look", "where", "what", "the commands")
LAST_TIER = len(TIER_TITLES) - 1


def next_tier(taken: Sequence[str], hints: Sequence[Hint], fault: str) -> int:
    """Return the tier after the hints already `taken` (names) for `fault`."""
    tiers = [hint.tier for hint in hints if hint.fault == fault and hint.name in taken]
    return min(max(tiers, default=-1) + 1, LAST_TIER)


def pick(hints: Sequence[Hint], fault: str | None, tier: int, statuses: Mapping[str, str]) -> Hint:
    """Return the hint for `fault` (none: about method) at `tier`: the first whose conditions hold.

    `statuses` has each check's last status.

    Raises:
        UsageProblem: there is no such hint.

    """
    for hint in hints:
        fits = all(statuses.get(condition.check) == condition.status for condition in hint.when)
        if hint.fault == fault and hint.tier == tier and fits:
            return hint
    raise UsageProblem(f"There is no hint of tier {tier} for that.")


def of_half_a_repair(hints: Sequence[Hint], faults: Collection[str], statuses: Mapping[str, str]) -> list[Hint]:
    """Return the free hints for `faults` that fit an incomplete repair.

    Such a hint has a condition on a check that passes or fails: with blocked or unreadable checks only, no repair
    has begun.
    """
    return [
        hint
        for hint in hints
        if hint.tier == 0
        and hint.when
        and hint.fault in faults
        and all(statuses.get(each.check) == each.status and each.status in {"pass", "fail"} for each in hint.when)
    ]


def cost(tier: int) -> int:
    """Return what hints up to `tier` take off a symptom's points in all, in percent."""
    return round(100 * HINT_COST[tier])
