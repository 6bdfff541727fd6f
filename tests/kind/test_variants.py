"""Variants on a real cluster, one after the other on the same: each is broken and solved to all points.

The drill, which takes longer than all else, is held in the first one only, and with KLUSTER_HOLD in each.
"""

import os
from collections.abc import Callable, Iterator

import pytest

from lab.lab import Lab
from lab.progress import Silent
from tests.kind.shared import varied_lab
from tests.variants import ON_KIND

DRILLED = ON_KIND if "KLUSTER_HOLD" in os.environ else ON_KIND[:1]


@pytest.fixture(scope="module")
def varied(pytestconfig: pytest.Config) -> Iterator[Callable[[int], Lab]]:
    """Return the shared lab in the variant of a seed; the next file has that without a seed again."""
    yield lambda seed: varied_lab(pytestconfig, seed)
    varied_lab(pytestconfig, 0)


@pytest.mark.parametrize("seed", ON_KIND)
def test_a_variant_scores_0_and_100(seed: int, varied: Callable[[int], Lab]) -> None:
    lab = varied(seed)
    lab.break_([], Silent())
    assert {fault.name: fault.points for fault in lab.check().faults if fault.points} == {}
    lab.solve((), Silent())
    lab.diagnose_as_solved()
    score = lab.check()
    assert score.state == score.maximum, score
    if seed in DRILLED:
        score = lab.submit()
        assert score.state == score.maximum, lab.session.drill
