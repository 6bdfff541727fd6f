"""Whatever is left unrepaired, the drill takes no points from repaired faults."""

from collections.abc import Iterator

import pytest

from lab import repair
from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.drill.holding import Journal, held, steps_told
from tests.expected import ALL, SCORES, A, E, F, P
from tests.scenario.seeing import told

#: An order in which all faults can be repaired.
_ORDER = (E, A, P, F)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(tmp_path_factory.mktemp("home")))
        scenario = scenarios_folder() / "kluster005"
        lab = Lab.create(
            "k5", scenario, backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent(), virtual=True
        )
        lab.break_([], Silent())
        yield lab
        lab.delete()


@pytest.mark.parametrize("left", SCORES, ids=lambda left: "-".join(sorted(left)) or "nothing")
def test_a_submission_scores_as_tabled(broken: Lab, left: frozenset[str]) -> None:
    done = [fault for fault in _ORDER if fault not in left]
    if E in left:
        done = [fault for fault in done if fault == F]  # the others need the API
    with broken.cluster.copy() as cluster:  # type: ignore[attr-defined]
        for fault in done:
            repair.run(cluster, broken.loaded.solution.faults[fault], Journal(), Silent(), lambda _step: None)
        cluster.control_plane.time.sleep(90)
        score, steps = held(broken, cluster)
    # The table includes the diagnosis of repaired faults: 2 points each.
    assert score.state + 2 * len(set(ALL) - left if E not in left else done) == SCORES[left], (
        told(score) + "\n" + steps_told(steps)
    )
