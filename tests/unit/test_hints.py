"""Which hint is shown, and its cost."""

import pytest

from lab.core.hints import cost, next_tier, of_half_a_repair, pick
from lab.core.scenario import Condition, Hint
from lab.errors import UsageProblem

HINTS = [
    Hint(name="look", fault="policy", tier=0, text="look"),
    Hint(
        name="where-alarm", fault="policy", tier=1, text="alarm", when=[Condition(check="no-alarm", status="fail")]
    ),
    Hint(name="where", fault="policy", tier=1, text="where"),
    Hint(name="what", fault="policy", tier=2, text="what"),
    Hint(name="how", fault="policy", tier=3, text="how"),
    Hint(name="patience", tier=0, text="wait"),
]


def test_tiers_come_in_order_and_stay_at_the_last() -> None:
    taken: list[str] = []
    for tier in (0, 1, 2, 3, 3):
        assert next_tier(taken, HINTS, "policy") == tier
        taken.append(pick(HINTS, "policy", tier, {}).name)


def test_a_hint_that_fits_the_look_comes_before_the_general_one() -> None:
    assert pick(HINTS, "policy", 1, {"no-alarm": "fail"}).name == "where-alarm"
    assert pick(HINTS, "policy", 1, {"no-alarm": "pass"}).name == "where"
    assert pick(HINTS, "policy", 1, {}).name == "where"


def test_a_hint_about_method_belongs_to_no_fault() -> None:
    assert pick(HINTS, None, 0, {}).name == "patience"


def test_a_missing_hint_is_reported() -> None:
    with pytest.raises(UsageProblem):
        pick(HINTS, "forwarding", 1, {})


def test_the_cost_is_in_total() -> None:
    assert [cost(tier) for tier in range(4)] == [0, 10, 20, 40]


def test_the_free_hints_of_half_a_repair_are_those_that_fit_what_passes_and_fails() -> None:
    half = Hint(
        name="half",
        fault="policy",
        tier=0,
        text="half",
        when=[Condition(check="flows", status="pass"), Condition(check="denials", status="fail")],
    )
    masked = half.model_copy(update={"name": "masked", "when": [Condition(check="flows", status="blocked")]})
    costly = half.model_copy(update={"name": "costly", "tier": 1})
    hints = [*HINTS, half, masked, costly]
    found = {"flows": "pass", "denials": "fail"}
    assert of_half_a_repair(hints, ["policy"], found) == [half]
    assert of_half_a_repair(hints, ["forwarding"], found) == []
    assert of_half_a_repair(hints, ["policy"], {**found, "denials": "pass"}) == []
    assert of_half_a_repair(hints, ["policy"], {"flows": "blocked"}) == []
