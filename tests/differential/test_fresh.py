"""A sample of random questions to the shared real cluster and to the simulator, always the same unless asked."""

import os

import pytest

from lab.core.session import State
from lab.progress import Silent
from tests.differential.areas import AREAS, generated
from tests.differential.asking import ask, prepare
from tests.differential.comparing import same_verdict
from tests.differential.model import Pair
from tests.differential.report import listed
from tests.differential.sides import simulated_side
from tests.kind.shared import NAME, shared_lab

#: Another seed asks other questions: `make differential SEED=...` reports on many.
_SEED = int(os.environ.get("KLUSTER_SEED", "11"))
#: Questions, and the required share of equal verdicts in %: for each area about a minute on two processors.
_SAMPLES = {
    "policies": (8, 100),
    "api": (120, 80),
    "shell": (150, 90),
    "programs": (100, 80),
    "files": (16, 80),
    "settings": (20, 80),
}


@pytest.mark.kind
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", _SAMPLES)
def test_a_sample_gets_the_same_verdicts_on_both_sides(name: str, pytestconfig: pytest.Config) -> None:
    real = shared_lab(pytestconfig)
    if real.session.state is not State.HEALTHY:
        real.reset(Silent())
    area, (count, required) = AREAS[name], _SAMPLES[name]
    questions = generated(area, _SEED, count)
    prepare(real.cluster, area)
    answers = ask(real.cluster, area, questions)
    real.cluster.control_plane.run(["bash", "-c", area.before], timeout=60)
    with simulated_side(NAME) as cluster:
        prepare(cluster, area)
        found = ask(cluster, area, questions)
    pairs = [Pair(*each) for each in zip(questions, answers, found, strict=True)]
    assert [pair.sim.mistake for pair in pairs if pair.sim.mistake] == [], listed(pairs, {})
    assert 100 * sum(map(same_verdict, pairs)) >= required * len(pairs), listed(pairs, {})
