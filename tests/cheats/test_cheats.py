"""Each cheat of the corpus on the simulator: the drill finds it, and the fault's points stay at its cap.

More steps of a drill only ever take points. So the step that must find a cheat runs alone first, and the whole
drill only where that step finds nothing.
"""

from collections.abc import Callable, Sequence

import pytest

from lab.core.grading import Score
from lab.drill.run import STEPS
from lab.lab import Lab
from tests.cheats.case import CASES, Case
from tests.cheats.looking import turned
from tests.drill.holding import held, steps_told
from tests.scenario.seeing import told

#: A busy machine may take minutes.
pytestmark = pytest.mark.timeout(600)

CHEATS = sorted(name for name, case in CASES.items() if case.earns == "less" and case.only != "kind")
#: Check or gate -> the step that finds most of its cheats; `rights` is the shortest, after a thorough look.
FIRST = {
    "same-cluster": "store",
    "store-limits": "store",
    "admission-present": "guards",
    "privileged-refused": "guards",
    "shop-denials": "strangers",
    "names-and-api": "strangers",
    "forwarding-lasts": "reboot",
    "forwarding-on": "reboot",
    "system-pods": "system",
    "static-pods-show": "system",
}


def drilled(lab: Lab, case: Case, steps: Sequence[str]) -> tuple[Score, str]:
    """Apply the case to a copy of the lab; return the score after these steps, and what they showed."""
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        case.perform(cluster)
        score, shown = held(lab, cluster, steps)
    return score, f"{steps_told(shown)}\n{told(score)}\n{[gate for gate in score.gates if gate.tripped]}"


def is_found(score: Score, case: Case) -> bool:
    """Return whether the check fails or the gate trips, and no more than the cap is earned."""
    if case.fault == "attempt":
        return turned(score, case) and score.state == 0
    points = next(fault.points for fault in score.faults if fault.name == case.fault)
    return turned(score, case) and points <= case.cap


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_fails_its_check(name: str, repaired: Callable[[str | None], Lab]) -> None:
    case = CASES[name]
    lab = repaired(case.instead_of)
    score, said = drilled(lab, case, [FIRST.get(case.turns, "rights")])
    if not is_found(score, case):
        score, said = drilled(lab, case, list(STEPS))
    assert is_found(score, case), said


def test_there_are_at_least_100_of_them() -> None:
    assert len(CHEATS) >= 100
