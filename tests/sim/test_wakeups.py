"""An untouched cluster sleeps until something is due. The tests count wake-ups, in virtual time."""

import pytest

from lab.cluster.sim.process.cluster import SimCluster
from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.sim.driving import Driver

_MINUTES = 10


def woken_a_minute(cluster: SimCluster, monkeypatch: pytest.MonkeyPatch) -> float:
    """Let time pass; return the number of wake-ups a minute."""
    world, count = cluster.world, 0
    run_due = world.run_due

    def counted(now: float) -> None:
        nonlocal count
        count += 1
        run_due(now)

    monkeypatch.setattr(world, "run_due", counted)
    cluster.advance(60 * _MINUTES)
    monkeypatch.undo()
    return count / _MINUTES


def test_a_healthy_cluster_wakes_every_ten_seconds(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.cluster.advance(120)

    # Two kubelets, the controllers and the scheduler look at everything every ten seconds.
    assert woken_a_minute(driver.cluster, monkeypatch) < 30


@pytest.mark.usefixtures("turned")
def test_a_broken_cluster_does_not_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    lab = Lab.create(
        "k5", scenarios_folder() / "kluster005", backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent()
    )
    assert isinstance(lab.cluster, SimCluster)
    lab.break_([], Silent())
    lab.cluster.advance(900)

    # In addition: two timers of a fault every five seconds, and programs that renew a lease every two.
    assert woken_a_minute(lab.cluster, monkeypatch) < 100
    lab.delete()


def test_nothing_is_due_between_two_due_times_while_the_api_is_down(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.out("mv /etc/kubernetes/manifests/etcd.yaml /root")
    driver.cluster.advance(600)

    assert woken_a_minute(driver.cluster, monkeypatch) < 90
