"""A rehearsal of the shipped scenario on the simulator: all four faults, 0 points, and then all of them."""

import json
from pathlib import Path

import pytest

from lab.cli import main
from lab.cluster.sim.process.attached import AttachedCluster
from lab.errors import ExitCode
from lab.places import labs
from lab.store import Store


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))


def test_the_shipped_scenario_in_virtual_time(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["rehearse", "--backend", "sim", "--json"])

    done = json.loads(capsys.readouterr().out)
    figures = {figure["name"]: figure["found"] for figure in done["figures"]}
    assert figures == {
        **{f"broken: {fault}": 0 for fault in ("etcd-quota", "forwarding", "policy", "admission", "end-to-end")},
        "solved": 100,
        "submit": 100,
    }
    assert sorted(done["evidence"]) == ["admission", "etcd-quota", "forwarding", "policy"]
    # The user's curl alone is watched for a minute.
    assert done["virtual_seconds"] > 60 > done["seconds"]["all"]
    assert code == 0
    assert labs() == []


def test_virtual_time_is_said_and_what_was_kept_goes_on_in_real_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--backend", "sim", "--faults", "forwarding", "--keep", "--name", "kept"]) == 0

    assert "In virtual time: the cluster lived through" in capsys.readouterr().out
    cluster = AttachedCluster("kept", Store("kept").folder)
    nodes = cluster.control_plane.run(["kubectl", "get", "nodes", "--no-headers"]).check().stdout
    assert [line.split()[1] for line in nodes.splitlines()] == ["Ready", "Ready"]
    cluster.delete()


def test_a_real_cluster_has_no_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.backends.choose", lambda _asked: "kind")

    assert main(["rehearse", "--virtual-time"]) == ExitCode.USAGE
