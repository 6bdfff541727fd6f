"""Compare fresh answers of a real cluster with the simulator's: recordings may be outdated."""

from pathlib import Path

import pytest

from lab.core.session import State
from lab.progress import Silent
from tests.conformance.compare import compare, figures
from tests.conformance.model import Command, Recording, commands
from tests.conformance.report import excused, listed
from tests.conformance.run import answers_of, sim_lab
from tests.kind.shared import NAME, shared_lab

#: The sample takes every n-th command.
_EVERY = 6
#: The required equality in %: the cluster has been through other tests, and the simulated one has not.
_EQUAL = 85


def sample() -> list[Command]:
    """Return the sampled commands: those of a healthy cluster that do not name a node."""
    healthy = [c for c in commands() if "healthy" in c.phases and "conf-" not in c.run]
    return healthy[::_EVERY]


def test_the_sample_is_large_enough() -> None:
    assert len(sample()) >= 60


@pytest.mark.kind
@pytest.mark.timeout(900)
def test_a_sample_is_answered_alike_by_both(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    real = shared_lab(pytestconfig)
    if real.session.state is not State.HEALTHY:
        real.reset(Silent())
    answers = tuple(answers_of(real.cluster, sample()))
    fresh = Recording(phase="healthy", backend="kind", versions={}, answers=answers)
    with sim_lab(tmp_path, NAME) as lab:
        simulated = Recording(
            phase="healthy", backend="sim", versions={}, answers=tuple(answers_of(lab.cluster, sample()))
        )
    found = compare(fresh, simulated)
    counted = figures(found)
    assert counted.total >= 60
    assert 100 * counted.equal / counted.total >= _EQUAL, listed(found)
    assert [each.name for each in found if each.wrong_verdict and not excused(each)] == [], listed(found)
