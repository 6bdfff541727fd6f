"""A rehearsal of the shipped scenario on the simulator: all four faults, 0 points, and then all of them."""

import json
import shutil
from pathlib import Path

import pytest

from lab.cli import main
from lab.places import labs, scenarios_folder


@pytest.mark.timeout(300)
def test_the_shipped_scenario_on_the_simulator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))
    folder = tmp_path / "kluster005"
    shutil.copytree(scenarios_folder() / "kluster005", folder)
    text = (folder / "scenario.yaml").read_text(encoding="utf-8")
    # The user's curl is watched for 2 s instead of a minute: the simulator has nothing that settles later.
    assert text.count("status: 403}") == 1
    (folder / "scenario.yaml").write_text(
        text.replace("status: 403}", "status: 403, seconds: 2.0}"), encoding="utf-8"
    )

    code = main(["rehearse", str(folder), "--backend", "sim", "--json"])

    done = json.loads(capsys.readouterr().out)
    figures = {figure["name"]: figure["found"] for figure in done["figures"]}
    assert figures == {
        **{f"broken: {fault}": 0 for fault in ("etcd-quota", "forwarding", "policy", "admission", "end-to-end")},
        "solved": 100,
        "submit": 100,
    }
    assert sorted(done["evidence"]) == ["admission", "etcd-quota", "forwarding", "policy"]
    assert code == 0
    assert labs() == []
