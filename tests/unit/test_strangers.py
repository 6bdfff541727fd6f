"""A scenario from a stranger: on a real cluster the person is asked first, and told what it may do."""

import shutil
from pathlib import Path

import pytest

from lab import backends
from lab.commands.trust import is_strange
from lab.core.reach import reach
from lab.places import scenarios_folder
from tests.fakes import Kluster, kluster

__all__ = ["kluster"]

POD = """
apiVersion: v1
kind: Pod
metadata: {name: reader, namespace: default}
spec:
  hostNetwork: true
  hostPID: false
  containers: [{name: c, image: i, securityContext: {privileged: true}}]
  volumes: [{name: host, hostPath: {path: /etc}}, {name: other, emptyDir: {}}]
"""


FOUND = ["hostNetwork", "privileged", "hostPath /etc"]


@pytest.fixture
def on_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "choose", lambda _asked: "kind")


def test_what_reaches_the_node_is_found_in_every_kind_of_object() -> None:
    assert reach([POD]) == FOUND
    template = POD.replace("\n", "\n    ")
    deployment = f"apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:{template}"
    assert reach([deployment, POD]) == FOUND
    assert reach([f"apiVersion: v1\nkind: List\nitems:\n  -{template}"]) == FOUND
    own = (scenarios_folder() / "kluster005/manifests").glob("*.yaml")
    assert reach(path.read_text(encoding="utf-8") for path in own) == []


@pytest.mark.usefixtures("on_kind")
@pytest.mark.parametrize("command", ["create", "rehearse"])
def test_without_a_terminal_it_is_refused_and_says_why(kluster: Kluster, command: str) -> None:
    ran = kluster(command, str(kluster.scenario))
    assert ran.code == 2
    said = " ".join(ran.err.split())
    assert "did not come with kluster" in said
    assert "privileged containers on this machine" in said
    assert "--yes" in said
    assert "Labs: none yet" in kluster("list").out


@pytest.mark.usefixtures("on_kind")
def test_who_says_yes_gets_it(kluster: Kluster) -> None:
    assert kluster("create", str(kluster.scenario), "--yes").code == 0


@pytest.mark.usefixtures("on_kind")
def test_its_own_scenarios_are_not_asked_about(kluster: Kluster, monkeypatch: pytest.MonkeyPatch) -> None:
    home = kluster.scenario.parent / "shipped"
    shutil.copytree(kluster.scenario, home / "toy")
    monkeypatch.setattr("lab.places.scenarios_folder", lambda: home)
    assert kluster("create", str(home / "toy")).code == 0


def test_the_simulator_asks_nothing(kluster: Kluster) -> None:
    assert kluster("create", str(kluster.scenario), "--backend", "sim").code == 0


def test_a_link_into_the_package_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(scenarios_folder() / "kluster005")
    assert not is_strange(tmp_path / "link")
    assert is_strange(tmp_path)
