"""Each case of the corpus on the simulator: what it earns at a quick check, and after the drill."""

from collections.abc import Callable

import pytest

from lab import grader, scoring
from lab.cluster.base import Cluster
from lab.core.grading import Score, Status
from lab.lab import Lab
from lab.patience import poll
from tests.cheats.case import CASES, Case
from tests.drill.holding import held, steps_told
from tests.scenario.seeing import told

HONEST = sorted(name for name, case in CASES.items() if case.earns == "all")
CHEATS = sorted(name for name, case in CASES.items() if case.earns == "less")


def quick(lab: Lab, cluster: Cluster) -> Score:
    seen = grader.look(cluster, lab.baseline(), lab.scenario, lab.session.injected)
    return scoring.score(lab.session, lab.loaded, seen)


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_repair_earns_all_at_a_check_and_in_the_drill(
    name: str, repaired: Callable[[str | None], Lab]
) -> None:
    case = CASES[name]
    lab = repaired(case.instead_of)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        case.perform(cluster)
        score = poll(lambda: whole(quick(lab, cluster)), timeout=180, every=3, time=cluster.control_plane.time)
        assert score, told(quick(lab, cluster))
        last, steps = held(lab, cluster)
        assert last.state == last.maximum, steps_told(steps) + "\n" + told(last) + f"\n{last.gates}"


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_turns_what_it_must(name: str, repaired: Callable[[str | None], Lab]) -> None:
    case = CASES[name]
    lab = repaired(case.instead_of)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        case.perform(cluster)
        score, steps = held(lab, cluster)
    said = steps_told(steps) + "\n" + told(score) + f"\n{[gate for gate in score.gates if gate.tripped]}"
    assert turned(score, case), said
    if case.fault == "attempt":
        assert score.state == 0, said
    else:
        assert next(fault.points for fault in score.faults if fault.name == case.fault) <= case.cap, said


def whole(score: Score) -> Score | None:
    return score if score.state == score.maximum else None


def turned(score: Score, case: Case) -> bool:
    """Whether the named check does not pass, or the named gate is tripped."""
    if any(gate.name == case.turns and gate.tripped for gate in score.gates):
        return True
    statuses = {verdict.check.name: verdict.outcome.status for fault in score.faults for verdict in fault.verdicts}
    return statuses.get(case.turns, Status.PASS) is not Status.PASS
