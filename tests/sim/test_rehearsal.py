"""The whole lab on the simulator in turned time: 0 points when broken, all when solved."""

import pytest

from lab.core.session import Mode
from lab.lab import Lab
from lab.patience import poll
from lab.places import scenarios_folder
from lab.progress import Silent
from lab.rehearsal import rehearse
from tests.sim.unseen import Unseen


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
