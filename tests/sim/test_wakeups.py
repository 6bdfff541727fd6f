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


def test_programs_that_only_look_wake_nobody(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    driver.cluster.advance(120)
    world = driver.cluster.world
    woken: list[float] = []
    run_due = world.run_due

    def noted(now: float) -> None:
        woken.append(now)
        run_due(now)

    monkeypatch.setattr(world, "run_due", noted)

    driver.out("for i in $(seq 100); do [ -e /etc ]; read -r v </proc/sys/net/ipv4/ip_forward; sleep 0.1; done")
    looked = len(woken)
    driver.out("for i in $(seq 100); do echo $i >/root/count; sleep 0.1; done")

    assert looked < 12
    assert len(woken) >= looked + 100


def test_a_controller_at_rest_does_no_work_until_an_object_changes(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.cluster.advance(120)
    reconciled: list[str] = []
    for controller in driver.cluster.world.controllers.controllers:
        monkeypatch.setattr(controller, "reconcile", lambda _now, name=controller.name: reconciled.append(name))

    driver.cluster.advance(60)
    assert set(reconciled) == {"namespace-controller", "node-controller"}  # they also react to time and files

    driver.out("kubectl -n shop label deployment web some=label; sleep 1")
    assert "deployment-controller" in reconciled


def test_a_controller_tries_again_what_was_refused(driver: Driver) -> None:
    label = "pod-security.kubernetes.io/enforce"
    driver.out(f"kubectl label namespace shop {label}=restricted --overwrite")
    driver.out("kubectl -n shop create deployment more --image=registry.k8s.io/e2e-test-images/agnhost:2.53")
    driver.cluster.advance(120)
    assert driver.out("kubectl -n shop get pods -o name -l app=more") == ""

    driver.out(f"kubectl label namespace shop {label}-")
    driver.cluster.advance(300)
    assert driver.out("kubectl -n shop get pods -o name -l app=more").startswith("pod/more-")


def test_what_programs_have_written_is_noticed_at_once(driver: Driver) -> None:
    driver.cluster.advance(60)

    driver.out("mv /etc/kubernetes/manifests/kube-scheduler.yaml /root; sleep 1")
    assert driver.out("crictl ps -q --name kube-scheduler") == ""

    back = driver.out(
        'text=$(</root/kube-scheduler.yaml); echo "$text" >/etc/kubernetes/manifests/kube-scheduler.yaml; '
        "sleep 0.1; sleep 1; crictl ps -q --name kube-scheduler"
    )
    assert back


def test_a_copy_is_woken_by_what_the_original_had_not_noticed(driver: Driver) -> None:
    driver.out("true")
    assert not driver.cluster.world.writes.unnoticed()
    driver.cluster.control_plane.model.files.write("/root/x", "1")
    with driver.cluster.copy() as copy:
        assert copy.world.writes.unnoticed()
    driver.out("true")
    with driver.cluster.copy() as copy:
        assert not copy.world.writes.unnoticed()
