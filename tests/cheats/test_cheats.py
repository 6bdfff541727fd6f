"""Each cheat of the corpus on the simulator: the drill finds it, and the fault's points stay at its cap."""

from collections.abc import Callable

import pytest

from lab.lab import Lab
from tests.cheats.case import CASES
from tests.cheats.looking import turned
from tests.drill.holding import held, steps_told
from tests.scenario.seeing import told

CHEATS = sorted(name for name, case in CASES.items() if case.earns == "less" and case.only != "kind")


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_fails_its_check(name: str, repaired: Callable[[str | None], Lab]) -> None:
    case = CASES[name]
    lab = repaired(case.instead_of)
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        case.perform(cluster)
        score, steps = held(lab, cluster)
    said = f"{steps_told(steps)}\n{told(score)}\n{[gate for gate in score.gates if gate.tripped]}"
    assert turned(score, case), said
    if case.fault == "attempt":
        assert score.state == 0, said
    else:
        assert next(fault.points for fault in score.faults if fault.name == case.fault) <= case.cap, said


def test_there_are_at_least_80_of_them() -> None:
    assert len(CHEATS) >= 100
