"""The rules of grading, over outcomes made by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations

import pytest

from lab.catalog import CATALOG
from lab.core.grading import HINT_COST, GateFinding, Outcome, Score, Status, grade
from lab.core.load import load
from lab.core.scenario import END_TO_END, Answer, Scenario
from lab.core.session import Earned, Mode, Session
from lab.core.standing import of_session
from lab.places import hints_folder, scenarios_folder
from tests.expected import ALL, SCORES, A, E, F, P

LOADED = load(scenarios_folder() / "kluster005", hints_folder(), CATALOG)
SCENARIO: Scenario = LOADED.scenario
ANSWERS: Mapping[str, Answer] = LOADED.solution.diagnosis
CHECKS = SCENARIO.checks
SESSION = Session(name="k", scenario="k", backend="sim", mode=Mode.TRAINING, created=datetime.now(UTC))
ALL_PASS = {check.name: Outcome.passed("as it must be") for check in SCENARIO.checks}


def graded(changed: Mapping[str, Outcome] | None = None, **options: object) -> Score:
    asked: dict[str, object] = {"injected": ALL, "diagnosis": ANSWERS, "answers": ANSWERS, **options}
    return grade(SCENARIO, {**ALL_PASS, **(changed or {})}, **asked)  # type: ignore[arg-type]


def points(score: Score, fault: str) -> float:
    return next(each.points for each in score.faults if each.name == fault)


def test_all_passed_and_diagnosed_is_100() -> None:
    score = graded()
    assert (score.state, score.attempt, score.maximum) == (100, 100, 100)
    assert score.solved


def test_each_fault_is_worth_20_and_the_end_to_end_12_and_8() -> None:
    score = graded()
    assert [fault.maximum for fault in score.faults] == [20, 20, 20, 20, 12]
    assert score.diagnosis_maximum == 8


def test_every_policy_deleted_leaves_14() -> None:
    score = graded({"shop-denials": Outcome.failed("db answers", "no answer")})
    assert points(score, P) == 14


@pytest.mark.parametrize("check", [c.name for c in SCENARIO.checks if c.type == "keep"])
def test_a_keep_check_earns_nothing_while_a_repair_check_of_its_fault_fails(check: str) -> None:
    spec = next(each for each in SCENARIO.checks if each.name == check)
    repair = next(each for each in SCENARIO.checks_of(spec.fault) if each.type == "repair")
    verdict = graded({repair.name: Outcome.failed("broken", "whole")}).verdict(check)
    assert (verdict.outcome.status, verdict.points) == (Status.PASS, 0)
    assert verdict.withheld


def test_what_comes_after_a_check_waits_for_it() -> None:
    score = graded({"api-writes": Outcome.unreadable("no answer")})
    assert points(score, E) == 0
    assert score.verdict("no-alarm").withheld == "it counts once api-writes passes"


def test_a_check_split_by_node_earns_its_part() -> None:
    score = graded({"forwarding-on": Outcome.failed("off at one of two", "on", share=0.5)})
    assert points(score, F) == 4 + 8 + 4
    assert not score.solved


@pytest.mark.parametrize("outcome", [Outcome.blocked(E, "masked"), Outcome.unreadable("no answer")])
def test_neither_blocked_nor_unreadable_earns(outcome: Outcome) -> None:
    assert graded({"names-and-api": outcome}).verdict("names-and-api").points == 0


def test_a_gate_voids_its_fault_only() -> None:
    gate = GateFinding("shop-intact", "The shop is as it was", P, tripped=True, found="db is missing")
    score = graded(gates=[gate])
    assert points(score, P) == 0
    assert points(score, A) == 20
    assert "db is missing" in next(fault.void for fault in score.faults if fault.name == P)


def test_a_gate_may_void_the_attempt_with_its_diagnosis() -> None:
    gate = GateFinding("same-cluster", "The same cluster", "attempt", tripped=True, found="made anew")
    assert graded(gates=[gate]).state == 0
    assert graded(gates=[replace(gate, tripped=False)]).state == 100


def test_faults_that_were_not_injected_leave_the_maximum() -> None:
    score = graded(injected=[F])
    assert score.maximum == 20 + 12 + 2
    assert [fault.name for fault in score.faults] == [F, "end-to-end"]


def test_an_end_to_end_that_never_failed_leaves_the_maximum() -> None:
    assert graded(injected=[E], left_out=["users-curl"]).maximum == 20 + 2


def test_a_wrong_diagnosis_earns_nothing_and_costs_nothing() -> None:
    wrong = {**ANSWERS, F: Answer(component="cni", cause="mtu")}
    score = graded(diagnosis=wrong)
    assert (score.state, score.diagnosed[F], score.diagnosed[E]) == (98, False, True)


@pytest.mark.parametrize(("tier", "kept"), [(0, 20), (1, 18), (2, 16), (3, 12)])
def test_hints_lower_the_attempt_not_the_state(tier: int, kept: float) -> None:
    score = graded(hint_tiers={P: tier})
    assert score.state == 100
    assert next(fault.attempt for fault in score.faults if fault.name == P) == kept


def test_hints_cost_a_share_of_the_earned_points_solved_or_not() -> None:
    half = graded({"shop-denials": Outcome.failed("", "")}, hint_tiers={P: 3})
    whole = graded(hint_tiers={P: 3})
    assert (half.state, half.attempt) == (94, 94 - 0.4 * 14)
    assert (whole.state, whole.attempt) == (100, 100 - 0.4 * 20)


@pytest.mark.parametrize("fault", [*ALL, END_TO_END])
@pytest.mark.parametrize("tier", HINT_COST)
def test_more_repaired_never_earns_less(fault: str, tier: int) -> None:
    """Over all sets of passed checks of a fault: one more pass takes no points away.

    Faults share nothing, so the result for each fault holds for all together.
    """
    names = [check.name for check in SCENARIO.checks_of(fault)]
    alone = SCENARIO.model_copy(update={"checks": list(SCENARIO.checks_of(fault))})

    def award(passed: frozenset[str]) -> float:
        outcomes = {
            name: Outcome.passed("") if name in passed else Outcome.failed("no", "yes", share=0.0)
            for name in names
        }
        score = grade(alone, outcomes, injected=[fault], hint_tiers={fault: tier})
        session = SESSION.model_copy(
            update={
                "hint_tiers": {fault: tier},
                "earned": {each.name: Earned(points=each.points, maximum=each.maximum) for each in score.faults},
            }
        )
        standing = of_session(session)
        assert standing is not None
        assert standing.points == score.attempt
        return score.attempt

    awards = {
        frozenset(passed): award(frozenset(passed))
        for count in range(len(names) + 1)
        for passed in combinations(names, count)
    }
    for passed, earned in awards.items():
        assert all(awards[passed | {name}] >= earned for name in names)


def test_a_viewed_solution_is_worth_nothing() -> None:
    score = graded(viewed=[A])
    assert (score.state, score.attempt) == (100, 80)


def test_a_milestone_is_shown_and_decides_nothing() -> None:
    [milestone] = [check.name for check in SCENARIO.checks if check.milestone]
    score = graded({milestone: Outcome.failed("not yet", "reached")})
    assert (score.state, score.maximum, score.solved) == (100, 100, True)
    assert score.verdict(milestone).outcome.status is Status.FAIL

    score = graded({check.name: Outcome.failed("", "") for check in SCENARIO.checks if not check.milestone})
    assert (score.state, score.solved, points(score, E)) == (8, False, 0)


def test_a_milestone_holds_nothing_back() -> None:
    checks = [each.model_copy(update={"points": 0}) if each.name == "system-pods" else each for each in CHECKS]
    eased = SCENARIO.model_copy(update={"checks": checks})
    failed = {**ALL_PASS, "system-pods": Outcome.failed("not yet", "reached")}
    assert grade(eased, failed, injected=[A]).verdict("privileged-refused").points == 6
    assert grade(SCENARIO, failed, injected=[A]).verdict("privileged-refused").points == 0


def test_there_is_a_score_for_each_of_the_16_subsets() -> None:
    assert len(SCORES) == 2 ** len(ALL)
    for left, score in SCORES.items():
        assert all(SCORES[left | {fault}] <= score for fault in ALL), "a further fault never brings points"
