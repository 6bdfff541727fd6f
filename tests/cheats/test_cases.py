"""Each case of the corpus on the simulator: what it earns at a quick check and in the end."""

from collections.abc import Callable

import pytest

from lab import grader, scoring
from lab.cluster.base import Cluster
from lab.core.grading import Score, Status
from lab.lab import Lab
from lab.patience import poll
from tests.cheats.case import CASES, Case
from tests.scenario.seeing import told

HONEST = sorted(name for name, case in CASES.items() if case.earns == "all")
CHEATS = sorted(name for name, case in CASES.items() if case.earns == "less")


def quick(lab: Lab, cluster: Cluster) -> Score:
    seen = grader.look(cluster, lab.baseline(), lab.scenario, lab.session.injected)
    return scoring.score(lab.session, lab.loaded, seen)


def turned(score: Score, case: Case) -> bool:
    if any(gate.name == case.turns and gate.tripped for gate in score.gates):
        return True
    checks = {verdict.check.name: verdict.outcome.status for fault in score.faults for verdict in fault.verdicts}
    return checks.get(case.turns, Status.PASS) is not Status.PASS


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_repair_earns_all(name: str, repaired: Callable[[str | None], Lab]) -> None:
    case = CASES[name]
    lab = repaired(case.instead_of)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        case.perform(cluster)
        score = poll(lambda: whole(quick(lab, cluster)), timeout=180, every=3, time=cluster.control_plane.time)
        assert score, told(quick(lab, cluster))


def whole(score: Score) -> Score | None:
    return score if score.state == score.maximum else None
