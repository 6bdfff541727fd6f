"""A rehearsal of the shipped scenario on the simulator: all four faults, 0 points, then all points."""

import json
from pathlib import Path
from time import process_time

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
    before = process_time()
    code = main(["rehearse", "--backend", "sim", "--json"])
    spent = process_time() - before

    done = json.loads(capsys.readouterr().out)
    figures = {figure["name"]: figure["found"] for figure in done["figures"]}
    assert figures == {
        **{f"broken: {fault}": 0 for fault in ("etcd-quota", "forwarding", "policy", "admission", "end-to-end")},
        "solved": 100,
        "submit": 100,
    }
    assert sorted(done["evidence"]) == ["admission", "etcd-quota", "forwarding", "policy"]
    steps = ["reboot", "rights", "guards", "strangers", "system", "store", "unchanged"]
    assert [(step["name"], step["status"]) for step in done["drill"]] == [(name, "held") for name in steps]
    assert all(step["shown"] and step["title"] for step in done["drill"])
    # The nodes alone are watched for half a minute.
    assert done["virtual_seconds"] > 60 > spent
    assert code == 0
    assert labs() == []


def test_virtual_time_is_reported_and_a_kept_lab_continues_in_real_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["rehearse", "--backend", "sim", "--faults", "forwarding", "--keep", "--name", "kept"]) == 0

    assert "This run skipped waiting times:" in capsys.readouterr().out
    cluster = AttachedCluster("kept", Store("kept").folder)
    nodes = cluster.control_plane.run(["kubectl", "get", "nodes", "--no-headers"]).check().stdout
    assert [line.split()[1] for line in nodes.splitlines()] == ["Ready", "Ready"]
    cluster.delete()


def test_a_real_cluster_has_no_virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.backends.choose", lambda _asked: "kind")

    assert main(["rehearse", "--virtual-time"]) == ExitCode.USAGE


def test_a_submission_its_json_and_the_debrief_have_each_step_of_the_drill(
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = ["--name", "drilled"]
    for argv in (["create", "--backend", "sim", "--mode", "rehearsal"], ["break"], ["solve", "--yes"]):
        assert main([*argv, *named]) == 0
    capsys.readouterr()

    assert main(["submit", "--yes", "--json", *named]) == 0

    said = capsys.readouterr()
    steps = json.loads(said.out)["drill"]
    assert [step["status"] for step in steps] == ["held"] * 7
    for step in steps:
        assert step["title"] in said.err
        assert f"passed: {step['shown']}" in said.err
    timeline = [event for event in Store("drilled").timeline() if event.kind == "drill"]
    assert [event.data["step"] for event in timeline] == [step["step"] for step in steps]
    assert main(["debrief", "--format", "json", *named]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["score"]["drill"] == steps
    assert sum(moment["kind"] == "drill" for moment in told["timeline"]) == 7
    assert main(["delete", "--yes", *named]) == 0
