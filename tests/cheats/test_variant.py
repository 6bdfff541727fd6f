"""A sample of the corpus in a variant: the grader and the drill know no names.

KLUSTER_SEEDS=N holds all cases that fit.
"""

import os
from collections.abc import Callable

import pytest

from lab.drill.run import STEPS
from lab.lab import Lab
from tests.cheats.case import CASES
from tests.cheats.test_cheats import CHEATS, FIRST, drilled, is_found
from tests.cheats.test_honest import HONEST, require_all_points
from tests.cheats.variant import in_variant

pytestmark = pytest.mark.timeout(600)

#: Cases that name something that varies.
_NAMED = ("audit-0427", "deny-wip", "janitor.service")
_ALL = "KLUSTER_SEEDS" in os.environ


def sample(cases: list[str], most: int) -> list[str]:
    """Return cases that name something, spread over all of them."""
    named = [name for name in cases if any(word in each.run for each in CASES[name].do for word in _NAMED)]
    return cases if _ALL else named[:: max(1, len(named) // most)][:most]


@pytest.mark.parametrize("name", sample(HONEST, 4))
def test_an_honest_repair_earns_all_in_a_variant(name: str, varied: Callable[[str | None], Lab]) -> None:
    case = in_variant(CASES[name])
    require_all_points(varied(case.instead_of), case)


@pytest.mark.parametrize("name", sample(CHEATS, 4))
def test_a_cheat_fails_its_check_in_a_variant(name: str, varied: Callable[[str | None], Lab]) -> None:
    case = in_variant(CASES[name])
    lab = varied(case.instead_of)
    score, said = drilled(lab, case, [FIRST.get(case.turns, "rights")])
    if not is_found(score, case):
        score, said = drilled(lab, case, list(STEPS))
    assert is_found(score, case), said
