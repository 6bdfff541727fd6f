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
