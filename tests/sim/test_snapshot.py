"""Copies of a cluster for looks: complete, fast, and without a trace in the original."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import grader
from lab.cluster.base import Shell
from lab.cluster.sim.process.attached import AttachedCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.state.codec import text
from lab.core.session import Mode
from lab.errors import LabError
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.sim.driving import Driver

_STATE = "kubectl get pods -A -o yaml; crictl ps -a -q; systemctl list-units; sysctl -a; ls -R /etc /var/lib"


@pytest.fixture
def living(tmp_path: Path) -> Iterator[SimCluster]:
    """A new cluster in real time."""
    cluster = SimCluster("k5", tmp_path)
    cluster.create(Silent())
    yield cluster
    cluster.delete()


def until_said(shell: Shell, words: bytes) -> None:
    limit, said = time.monotonic() + 20, b""
    while words not in said:
        assert time.monotonic() < limit, said
        said += shell.read(1) or b""


def statuses(lab: Lab, cluster: SimCluster) -> dict[str, str]:
    observed = grader.look(cluster, lab.baseline(), lab.scenario, lab.session.injected)
    return {name: outcome.status.value for name, outcome in observed.outcomes.items()}


@pytest.mark.usefixtures("turned")
def test_at_each_step_of_a_repair_a_copy_is_graded_as_the_cluster_itself() -> None:
    lab = Lab.create(
        "k5", scenarios_folder() / "kluster005", backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent()
    )
    cluster = lab.cluster
    assert isinstance(cluster, SimCluster)
    lab.break_([], Silent())
    for fault in ("forwarding", "etcd-quota", "admission", "policy"):
        for seconds in (1, 90):
            cluster.advance(seconds)
            with cluster.copy() as copy:
                seen = statuses(lab, copy)
            assert seen == statuses(lab, cluster)
        lab.solve([fault], Silent())
    with cluster.copy() as copy:
        assert set(statuses(lab, copy).values()) == {"pass"}
    lab.delete()


def test_changes_in_a_copy_leave_no_trace(driver: Driver) -> None:
    cluster = driver.cluster
    before, world = driver.out(_STATE), cluster.world
    state = text(world, {})
    with cluster.copy() as copy:
        there = Driver(copy)
        assert there.out(_STATE) == before
        there.out(
            "kubectl delete namespace shop; sysctl -w net.ipv4.ip_forward=0; mkdir /etc/x; echo 1 > /etc/x/y"
        )
        there.out("rm -rf /etc/kubernetes/manifests; systemctl stop kubelet; logger -t me hello")
        there.run("sleep 60", timeout=100)
        assert not copy.world.control_plane.forwards

    assert text(world, {}) == state


def test_a_second_copy_equals_the_original_at_its_time(driver: Driver) -> None:
    cluster = driver.cluster
    with cluster.copy() as copy:
        Driver(copy).out(
            "rm /etc/hostname; ln -s /etc/hosts /etc/hostname; mkdir -p /etc/new/folder; echo 1 > /etc/a"
        )
    driver.out("mkdir /etc/a; echo x > /etc/a/b; chmod 700 /etc/a; rm -r /etc/sysctl.d; ln -s hosts /etc/link")
    with cluster.copy() as copy:
        copied, original = copy.world.control_plane.files.state(), cluster.world.control_plane.files.state()

    assert {path: each for path, each in copied.items() if path in original} == original
    assert not [path for path in copied if path.startswith(("/etc/new", "/etc/sysctl.d"))]


def test_time_in_a_copy_costs_none_of_the_cluster(living: SimCluster) -> None:
    with living.snapshot() as copy:
        before = copy.control_plane.time.now()
        copy.control_plane.run(["sleep", "600"], timeout=700).check()

        assert copy.control_plane.time.now() >= before + 600
        assert living.control_plane.time.now() < before + 60


def test_programs_that_wait_in_terminals_are_not_copied(living: SimCluster) -> None:
    shells = [living.control_plane.shell(24, 80) for _ in range(3)]
    for shell, line in zip(shells, ("kubectl get pods -A -w", "vi /etc/hosts", "sleep 1000 | cat"), strict=True):
        until_said(shell, b":~#")
        shell.write(f"{line}\r".encode())
    until_said(shells[0], b"kube-apiserver")
    with living.snapshot() as copy:
        assert "Running" in Driver(copy).out("kubectl get pods -A")
        Driver(copy).out("kubectl create namespace elsewhere")
        assert "elsewhere" not in Driver(living).out("kubectl get namespaces")
    for shell in shells:
        shell.close()


def test_a_copy_in_another_process_lasts_as_long_as_it_is_wanted(tmp_path: Path) -> None:
    cluster = AttachedCluster("k5", tmp_path)
    cluster.create(Silent())
    try:
        with cluster.snapshot() as copy:
            copy.control_plane.write_file("/etc/x", "in the copy")
            assert copy.control_plane.read_file("/etc/x") == "in the copy"
            with pytest.raises(FileNotFoundError):
                cluster.control_plane.read_file("/etc/x")
        with pytest.raises(LabError, match="copy of the cluster is gone"):
            copy.control_plane.read_file("/etc/x")
    finally:
        cluster.delete()
