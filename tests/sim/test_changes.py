"""Which events count as a change of a simulated cluster, and which do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.sim.process.attached import AttachedCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.core.session import Mode
from lab.lab import Lab
from lab.patience import poll
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.sim.driving import Driver


def counted(cluster: SimCluster) -> int:
    cluster.world.changes.note_files()
    return cluster.changes()


@pytest.fixture
def settled(driver: Driver) -> Driver:
    driver.cluster.advance(120)
    return driver


@pytest.mark.parametrize(
    "script",
    [
        "true",
        "kubectl get pods -A -o wide; kubectl describe nodes; crictl ps -a; journalctl -u kubelet | tail",
        "cat /etc/hosts; ls -lR /etc; sysctl -a; systemctl status kubelet; echo x > /dev/null; date; ps aux",
        "echo a note > /tmp/note; logger hello",
    ],
)
def test_a_command_that_only_reads_is_no_change(settled: Driver, script: str) -> None:
    before = counted(settled.cluster)
    settled.run(script)

    assert counted(settled.cluster) == before


@pytest.mark.parametrize(
    "script",
    [
        "sysctl -w net.ipv4.ip_forward=0",
        "echo net.ipv4.ip_forward=0 > /etc/sysctl.d/99-x.conf",
        "chmod 600 /etc/hosts",
        "kubectl -n shop delete pod --all --wait=false",
        "kubectl label namespace shop a=b",
        "kubectl create configmap x --from-literal=a=b",
        "systemctl stop systemd-tmpfiles-clean.timer",
        "iptables -I FORWARD -j DROP",
        "crictl stop $(crictl ps -q --name coredns)",
        "touch /root/x",
    ],
)
def test_what_a_look_may_see_is_a_change(settled: Driver, script: str) -> None:
    before = counted(settled.cluster)
    settled.out(script)

    assert counted(settled.cluster) > before


def test_a_cluster_that_nobody_touches_does_not_change(settled: Driver) -> None:
    before = counted(settled.cluster)
    settled.cluster.advance(1800)

    # A quarter of an hour after a boot, temporary files are removed.
    assert counted(settled.cluster) - before == 1


@pytest.mark.usefixtures("turned")
def test_a_broken_cluster_that_nobody_touches_hardly_changes() -> None:
    lab = Lab.create(
        "k5", scenarios_folder() / "kluster005", backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent()
    )
    assert isinstance(lab.cluster, SimCluster)
    lab.break_([], Silent())
    lab.cluster.advance(900)
    before = counted(lab.cluster)
    lab.cluster.advance(1800)
    assert counted(lab.cluster) - before < 60
    lab.delete()


def test_what_a_timer_starts_for_a_moment_is_no_change_but_a_service_that_stays_is(settled: Driver) -> None:
    settled.out(
        "cd /etc/systemd/system; printf '[Service]\\nType=oneshot\\nExecStart=/bin/true\\n' > often.service; "
        "printf '[Timer]\\nOnActiveSec=1\\nOnUnitActiveSec=5\\n' > often.timer; systemctl start often.timer; "
        "printf '[Service]\\nType=oneshot\\nExecStart=/bin/sleep 600\\n' > long.service; sleep 30"
    )
    before = counted(settled.cluster)
    settled.out("sleep 60")
    assert "often.service: Deactivated" in settled.out("journalctl -u often.service --since -1min")
    assert counted(settled.cluster) == before

    settled.out("systemctl start --no-block long.service; sleep 20")
    assert counted(settled.cluster) > before


def test_what_comes_by_itself_is_a_change_too(settled: Driver) -> None:
    settled.out("kubectl -n shop delete pod --all --wait=false")
    before = counted(settled.cluster)
    settled.cluster.advance(30)

    assert counted(settled.cluster) > before


@pytest.fixture
def attached(tmp_path: Path) -> Iterator[AttachedCluster]:
    cluster = AttachedCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster
    cluster.delete()


def test_another_process_learns_of_a_change_before_long(attached: AttachedCluster) -> None:
    for script in ("sysctl -w net.ipv4.ip_forward=0", "echo x > /etc/x", "kubectl create namespace x"):
        before = attached.changes()
        attached.control_plane.run(["bash", "-c", script]).check()

        assert poll(lambda before=before: attached.changes() != before, timeout=20, every=0.02)  # type: ignore[misc]
