"""Each honest repair of the corpus on the simulator: it earns all points, at a quick check and after the drill."""

from collections.abc import Callable

import pytest

from lab.lab import Lab
from lab.patience import poll
from tests.cheats.case import CASES, Case
from tests.cheats.looking import quick, whole
from tests.drill.holding import held, steps_told
from tests.scenario.seeing import told

HONEST = sorted(name for name, case in CASES.items() if case.earns == "all")


def require_all_points(lab: Lab, case: Case) -> None:
    """Fail unless the repair `case`, on a copy of the lab's cluster, earns all: at a check, and in the drill."""
    with lab.cluster.copy() as cluster:  # type: ignore[attr-defined]
        case.perform(cluster)
        score = poll(lambda: whole(quick(lab, cluster)), timeout=180, every=3, time=cluster.control_plane.time)
        assert score, told(quick(lab, cluster))
        last, steps = held(lab, cluster)
        assert last.state == last.maximum, f"{steps_told(steps)}\n{told(last)}\n{last.gates}"


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_repair_earns_all_at_a_check_and_in_the_drill(
    name: str, repaired: Callable[[str | None], Lab]
) -> None:
    case = CASES[name]
    require_all_points(repaired(case.instead_of), case)


def test_there_are_at_least_60_of_them() -> None:
    assert len(HONEST) >= 60
