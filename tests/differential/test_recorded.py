"""The smallest question of each mended cause has the answer that a real cluster gave (`recordings/`)."""

import pytest

from tests.differential.areas import AREAS
from tests.differential.asking import ask, prepare
from tests.differential.comparing import equal, shown_difference
from tests.differential.model import RECORDINGS, Pair, read_pairs
from tests.differential.sides import simulated_side


@pytest.mark.parametrize("name", sorted(path.stem for path in RECORDINGS.glob("*.json")))
def test_mended_causes_are_answered_as_on_the_real_cluster(name: str) -> None:
    recorded = read_pairs(RECORDINGS / f"{name}.json")
    with simulated_side("diff") as cluster:
        prepare(cluster, AREAS[name])
        found = ask(cluster, AREAS[name], [question for question, _ in recorded])
    pairs = [Pair(question, real, sim) for (question, real), sim in zip(recorded, found, strict=True)]
    assert [(pair.question.script, shown_difference(pair)) for pair in pairs if not equal(pair)] == []
