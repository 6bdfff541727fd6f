"""`kluster status` on nodes that are not running."""

import pytest

from lab.cluster.base import NodeState
from lab.errors import LabError
from tests.fakes import Kluster, ToyCluster, kluster

__all__ = ["kluster"]


def test_nodes_that_run_are_no_news(kluster: Kluster) -> None:
    kluster.broken()

    said, data = kluster("status").out, kluster("status", "--json").data

    assert "node" not in said
    assert [(each["node"], each["state"]) for each in data["nodes"]] == [
        ("kluster005-control-plane", "running"),
        ("kluster005-worker", "running"),
    ]
    assert (data["nodes_wrong"], data["nodes_remedy"]) == ([], None)


@pytest.mark.parametrize(
    ("state", "remedy"), [("stopped", "kluster shell"), ("paused", "kluster shell"), ("gone", "kluster delete")]
)
def test_a_node_that_is_down_is_reported_with_its_remedy(kluster: Kluster, state: NodeState, remedy: str) -> None:
    kluster.broken()
    ToyCluster.states["kluster005-worker"] = state

    said, data = kluster("status"), kluster("status", "--json").data

    assert said.code == 0
    assert f"  node kluster005-worker is {state}\n    -> " in said.out
    assert remedy in said.out
    assert data["nodes"][1] == {"node": "kluster005-worker", "state": state}
    assert data["nodes_wrong"] == [f"node kluster005-worker is {state}"]
    assert remedy in data["nodes_remedy"]


def test_nobody_can_tell_while_docker_is_away(kluster: Kluster) -> None:
    kluster.broken()
    away = LabError("Docker does not answer.", "", "Start Docker.")
    for ask in (("status",), ("status", "--json")):
        ToyCluster.surprises["node-states"] = away
        said = kluster(*ask)
        assert said.code == 0
        assert "Docker does not answer." in said.out
        assert "Start Docker." in said.out
    assert said.data["nodes"] is None


def test_the_remedy_names_the_lab(kluster: Kluster) -> None:
    assert kluster("create", str(kluster.scenario), "--backend", "sim", "--name", "other").code == 0

    assert "--name other" not in kluster("status", "--name", "other").out
    ToyCluster.states["other-worker"] = "gone"
    assert "kluster delete --name other" in kluster("status", "--name", "other").out


#: Command -> the words for a lab that its error has left, and the remedy.
FAILED = {
    "break": ("breaking failed", "Undo it: kluster reset"),
    "reset": (
        "reset failed",
        "Try again: kluster reset; or make a new cluster: kluster delete, then kluster create",
    ),
    "delete": ("removal failed", "Try again: kluster delete"),
}


@pytest.mark.parametrize("command", FAILED)
def test_a_command_that_failed_is_told_with_its_reason(kluster: Kluster, command: str) -> None:
    words, remedy = FAILED[command]
    if command == "break":
        assert kluster("create", str(kluster.scenario), "--backend", "sim").code == 0
    else:
        kluster.broken()
    word = "delete" if command == "delete" else "release" if command == "reset" else "break"
    ToyCluster.surprises[word] = LabError("The runtime is gone.", "It said: no.")
    assert kluster(command, *(() if command == "break" else ("--yes",))).code == 3

    told, data = kluster("status"), kluster("status", "--json").data
    said = told.out + told.err

    assert f"  {words}, training mode" in said
    assert "The runtime is gone.\n    It said: no.\n" in said
    assert f"The {words}. {remedy}" in said
    assert "interrupted" not in said
    assert "The runtime is gone." in data["failure"]["title"]
    assert f"training, {words}" in kluster("list").out
    assert kluster("list", "--json").data["labs"][0]["failed"]


def test_what_failed_once_is_forgotten_when_it_succeeds(kluster: Kluster) -> None:
    kluster.broken()
    ToyCluster.surprises["release"] = LabError("The runtime is gone.")
    assert kluster("reset", "--yes").code == 3
    assert kluster("reset", "--yes").code == 0

    assert "failed" not in kluster("status").out
    assert kluster("status", "--json").data["failure"] is None
