"""A change of the simulated cluster makes one look due, and that look changes the objective."""

from pathlib import Path
from typing import Any

import pytest

from lab import lab as labs
from lab.cluster.base import Cluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.core.session import Mode
from lab.lab import Lab
from lab.patience import poll
from lab.places import scenarios_folder
from lab.progress import Silent
from lab.tui.desk import Desk


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the cluster of each lab live in this process, in real time."""
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))

    def opened(_backend: str, name: str, folder: Path, **_how: Any) -> Cluster:
        return SimCluster(name, folder)

    monkeypatch.setattr(labs, "open_cluster", opened)


def look(desk: Desk) -> bool:
    """Look once, as the play screen does; return whether distance is repaired."""
    began = desk.clock()
    desk.watch.began(began)
    seen = desk.look()
    desk.watch.ended(desk.clock(), desk.since(began), news=seen.news)
    assert desk.seen
    return next(symptom.solved for symptom in desk.seen.symptoms if symptom.symptom == "distance")


@pytest.mark.usefixtures("here")
def test_one_look_that_is_due_turns_the_objective() -> None:
    lab = Lab.create(
        "k5", scenarios_folder() / "kluster005", backend="sim", mode=Mode.TRAINING, image=None, progress=Silent()
    )
    lab.break_(["forwarding"], Silent())
    desk = Desk(lab)
    assert not look(desk)
    lab.solve(["forwarding"], Silent())
    assert poll(lambda: desk.look_due() and look(desk), timeout=60, every=0.05)

    for value in ("0", "1", "0", "1"):
        # Earlier changes were looked at, or no look can see them.
        assert poll(lambda: not desk.look_due() or (look(desk), False)[1], timeout=30, every=0.05)
        lab.cluster.control_plane.run(["sysctl", "-qw", f"net.ipv4.ip_forward={value}"]).check()
        assert poll(desk.look_due, timeout=30, every=0.01)
        assert look(desk) == (value == "1")
    lab.delete()
