import json
import subprocess
import sys
from pathlib import Path

import pytest

from lab.cluster.base import Cluster, ClusterGoneError, Node
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.progress import Silent
from tests.sim.driving import Driver


def test_it_is_a_cluster_of_the_protocol(fresh: SimCluster) -> None:
    assert isinstance(fresh, Cluster)
    assert all(isinstance(node, Node) for node in fresh.nodes)
    assert [node.name for node in fresh.nodes] == ["k5-control-plane", "k5-worker"]


def test_a_new_cluster_is_healthy(fresh: SimCluster) -> None:
    result = fresh.control_plane.run(["kubectl", "get", "pods", "-A", "-o", "json"]).check()
    pods = json.loads(result.stdout)["items"]
    ready = [
        pod["metadata"]["name"]
        for pod in pods
        if any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])
    ]
    assert len(pods) == len(ready) == 10
    nodes = fresh.control_plane.run(["kubectl", "get", "nodes", "--no-headers"]).check().stdout.splitlines()
    assert [line.split()[1] for line in nodes] == ["Ready", "Ready"]


def test_streams_exit_codes_and_stdin_are_kept_apart(fresh: SimCluster) -> None:
    node = fresh.nodes[1]
    result = node.run(["bash", "-c", "cat; echo err >&2; exit 7"], stdin="in\n")
    assert (result.stdout, result.stderr, result.rc) == ("in\n", "err\n", 7)


def test_a_time_limit_ends_a_command(fresh: SimCluster) -> None:
    result = fresh.control_plane.run(["bash", "-c", "echo begun; sleep 100; echo never"], timeout=5)
    assert result.timed_out
    assert "never" not in result.stdout


def test_an_argument_is_never_a_script(fresh: SimCluster) -> None:
    assert fresh.control_plane.run(["echo", "$(hostname); `id` | x"]).stdout == "$(hostname); `id` | x\n"


def test_files_are_written_whole_and_read_back(fresh: SimCluster) -> None:
    node = fresh.nodes[1]
    node.write_file("/etc/new/folder/a.conf", "äöü\n", mode=0o600)
    assert node.read_file("/etc/new/folder/a.conf") == "äöü\n"
    assert node.run(["stat", "-c", "%a", "/etc/new/folder/a.conf"]).stdout == "600\n"
    with pytest.raises(FileNotFoundError):
        node.read_file("/nosuch")


def test_nothing_on_the_host_can_be_reached(fresh: SimCluster, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("host")
    node = fresh.control_plane
    assert node.run(["cat", str(secret)]).rc == 1
    assert node.run(["bash", "-c", "curl -s -m 2 http://example.com"]).rc in {6, 7, 28}
    assert "HOME=/root" in node.run(["env"]).stdout
    assert str(tmp_path) not in node.run(["env"]).stdout


def test_a_lab_continues_from_its_file(driver: Driver, tmp_path: Path) -> None:
    cluster = driver.cluster
    cluster.control_plane.write_file("/root/note", "kept\n")
    driver.out("sysctl -w net.ipv4.ip_forward=0; kubectl create ns mine")
    before = driver.out("kubectl get pods -A -o name; crictl ps -q")
    cluster.close()
    again = SimCluster("k5", tmp_path, clock=Clock(turned=True))
    after = Driver(again)
    assert after.out("cat /root/note; sysctl -n net.ipv4.ip_forward") == "kept\n0\n"
    assert after.out("kubectl get pods -A -o name; crictl ps -q") == before
    assert after.run("kubectl get ns mine").ok
    assert again.identity() == {node.name: node.model.id for node in again.nodes}
    again.delete()


def test_two_processes_do_not_run_one_cluster(fresh: SimCluster, tmp_path: Path) -> None:
    """Another process finds the lock taken, and reports that."""
    script = (
        "import sys, pathlib; from lab.cluster.sim.process import home; "
        "from lab.cluster.sim.process.cluster import SimCluster; "
        "home._PATIENCE = 0.05; SimCluster('k5', pathlib.Path(sys.argv[1])).control_plane.run(['true'])"
    )
    fresh.save()
    other = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], check=False, capture_output=True, text=True, timeout=60
    )
    assert "in use by another process" in other.stderr
    fresh.close()
    again = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)
    assert again.returncode == 0


def test_all_of_a_process_share_one_cluster(fresh: SimCluster, tmp_path: Path) -> None:
    other = SimCluster("k5", tmp_path)
    other.control_plane.write_file("/root/seen", "by both\n")
    assert fresh.control_plane.read_file("/root/seen") == "by both\n"


def test_a_deleted_cluster_is_gone(fresh: SimCluster) -> None:
    fresh.delete()
    assert not fresh.exists()
    with pytest.raises(ClusterGoneError):
        fresh.control_plane.run(["true"])
    fresh.create(Silent())
    assert fresh.exists()
