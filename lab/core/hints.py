"""Which hint is shown: tiers in their order, reactive hints first, and what the next one costs."""

from collections.abc import Collection, Mapping, Sequence

from lab.core.grading import HINT_COST
from lab.core.scenario import Hint
from lab.errors import UsageProblem

__all__ = ["TIER_TITLES", "cost", "next_tier", "of_half_a_repair", "pick"]

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


def of_half_a_repair(hints: Sequence[Hint], faults: Collection[str], statuses: Mapping[str, str]) -> list[Hint]:
    """Return the free hints for `faults` that fit what was found, where that is a repair which is not whole.

    Such a hint waits for checks that pass or fail: what is blocked or can't be read is not repaired at all yet.
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
