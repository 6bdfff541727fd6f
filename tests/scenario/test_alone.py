"""Each fault alone, on every backend: detected, graded, reverted."""

import pytest

from lab.core.grading import Status
from lab.core.session import State
from lab.lab import Lab
from lab.progress import Silent
from tests.expected import ALL
from tests.scenario.seeing import told


@pytest.mark.parametrize("fault", ALL)
def test_a_fault_alone_is_seen_scores_nothing_and_is_taken_back(lab: Lab, fault: str) -> None:
    seen = lab.break_([fault], Silent())
    try:
        assert list(seen) == [fault]
        score = lab.check()
        mine = next(each for each in score.faults if each.name == fault)
        assert mine.points == 0, told(score)
        assert all(v.outcome.status is not Status.PASS for v in mine.verdicts if v.check.type == "repair")
        assert score.maximum <= 20 + 12 + 2
    finally:
        lab.reset(Silent())
    assert lab.session.state is State.HEALTHY
