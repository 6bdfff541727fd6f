"""The whole lab on the simulator in turned time: 0 points when broken, all when solved."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from lab import lab as labs
from lab.cluster.base import Role
from lab.cluster.sim.clock import Clock
from lab.cluster.sim.cluster import SimCluster
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Progress, Silent
from lab.rehearsal import rehearse


class Unseen:
    """A witness that writes nothing down."""

    progress: Progress = Silent()

    def chapter(self, title: str) -> None: ...

    def evidence(self, fault: str, seen: str) -> None: ...

    def explain(self, each: SolutionStep) -> None: ...

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        del lab
        return lambda _check, _outcome: None

    def score(self, lab: Lab, score: Score) -> None: ...


@pytest.fixture
def turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every lab of this test have a turned clock, which the lab's own waiting turns as well."""
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    made: list[SimCluster] = []

    def open_cluster(
        backend: str, name: str, folder: Path, *, nodes: Sequence[Role], image: str | None = None
    ) -> SimCluster:
        assert (backend, image) == ("sim", None)
        made.append(SimCluster(name, folder, nodes=nodes, clock=Clock(turned=True)))
        return made[-1]

    really = time.sleep

    def sleep(seconds: float) -> None:
        really(0)
        if made:
            made[-1].advance(seconds)

    monkeypatch.setattr(labs, "open_cluster", open_cluster)
    monkeypatch.setattr(time, "sleep", sleep)


@pytest.mark.usefixtures("turned")
@pytest.mark.parametrize("faults", [(), ("forwarding",), ("policy", "admission"), ("etcd-quota",)])
def test_a_rehearsal_ends_as_it_must(faults: tuple[str, ...]) -> None:
    done = rehearse(scenarios_folder() / "kluster005", Unseen(), name="k5", backend="sim", faults=faults)
    assert [figure for figure in done.figures if not figure.right] == []
    assert not done.kept
