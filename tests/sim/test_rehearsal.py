"""The whole lab on the simulator in turned time: 0 points when broken, all when solved."""

from collections.abc import Callable

import pytest

from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.core.session import Mode
from lab.lab import Lab
from lab.patience import poll
from lab.places import scenarios_folder
from lab.progress import Progress, Silent
from lab.rehearsal import rehearse


class Unseen:
    """A witness that records nothing."""

    progress: Progress = Silent()

    def chapter(self, title: str) -> None: ...

    def evidence(self, fault: str, seen: str) -> None: ...

    def explain(self, each: SolutionStep) -> None: ...

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        del lab
        return lambda _check, _outcome: None

    def score(self, lab: Lab, score: Score) -> None: ...

    def drilled(self, step: DrillStep) -> None: ...


@pytest.mark.usefixtures("turned")
@pytest.mark.parametrize("faults", [(), ("forwarding",), ("policy", "admission"), ("etcd-quota",)])
def test_a_rehearsal_ends_as_it_must(faults: tuple[str, ...]) -> None:
    done = rehearse(scenarios_folder() / "kluster005", Unseen(), name="k5", backend="sim", faults=faults)
    assert [figure for figure in done.figures if not figure.right] == []
    assert not done.kept


@pytest.mark.usefixtures("turned")
def test_the_store_that_runs_is_a_milestone_on_the_way() -> None:
    lab = Lab.create(
        "k5",
        scenarios_folder() / "kluster005",
        backend="sim",
        mode=Mode.TRAINING,
        image=None,
        progress=Silent(),
    )
    lab.break_(["etcd-quota"], Silent())

    def statuses() -> list[str]:
        score = lab.check()
        return [score.verdict(name).outcome.status.value for name in ("store-runs", "api-writes", "no-alarm")]

    assert statuses() == ["fail", "unreadable", "unreadable"]
    for step in lab.loaded.solution.faults["etcd-quota"][:2]:
        lab.cluster.control_plane.run(["bash", "-c", step.run], timeout=step.timeout).check()
    assert poll(lambda: statuses() == ["pass", "fail", "fail"], timeout=60, every=3)
    assert "etcd-quota" not in lab.session.repaired
    lab.delete()
