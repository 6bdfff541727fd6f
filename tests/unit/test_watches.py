"""Who is started anew because it has watched the API server since before its last start."""

import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from lab.cluster import watches
from lab.cluster.base import Cluster, Result
from lab.patience import WALL, Time


class Node:
    """A node that has some containers, and notes what else is run on it."""

    time = WALL

    def __init__(self, name: str, log: list[str], **containers: int) -> None:
        self.name, self.log, self.found = name, log, containers

    def run(self, argv: list[str], **_: Any) -> Result:
        said = ""
        if argv[0] == "crictl":
            said = json.dumps({"containers": [container(name, at) for name, at in self.found.items()]})
        else:
            self.log.append(f"{self.name}: {' '.join(word for word in argv if not word.startswith('-'))}")
        return Result(tuple(argv), 0, said, "", 0.0, self.name)


def container(name: str, created: int) -> dict[str, Any]:
    name = name.replace("_", "-")
    return {
        "id": name,
        "podSandboxId": name,
        "metadata": {"name": name},
        "labels": {"io.kubernetes.pod.name": f"{name}-{created}", "io.kubernetes.pod.namespace": "kube-system"},
        "imageRef": "",
        "state": "CONTAINER_RUNNING",
        "createdAt": str(created),
    }


def renewed(api_server: int, **worker: int) -> list[str]:
    log: list[str] = []
    nodes = [Node("control-plane", log, kube_apiserver=api_server), Node("worker", log, **worker)]
    cluster = type("_C", (), {"nodes": nodes, "control_plane": nodes[0]})
    watches.renew(cast("Cluster", cluster))
    return log


@pytest.mark.parametrize("started", [0, 5])
def test_what_started_after_the_api_server_is_left_alone(started: int) -> None:
    assert renewed(started, kube_proxy=7, kindnet_cni=8, coredns=1) == []


def test_what_is_older_starts_anew_with_the_kubelet_that_has_to_start_it() -> None:
    assert renewed(5, kube_proxy=1, kindnet_cni=8, coredns=1) == [
        "worker: systemctl restart kubelet",
        "control-plane: kubectl kube-system delete pods kube-proxy-1",
    ]


def test_new_ones_are_waited_for_on_each_node(monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    nodes = [Node("control-plane", log, kube_apiserver=5, kube_proxy=6), Node("worker", log, kube_proxy=1)]
    cluster = cast("Cluster", type("_C", (), {"nodes": nodes, "control_plane": nodes[0]}))
    asked: list[bool] = []

    def poll(ask: Callable[[], bool], *, timeout: float, time: Time) -> None:
        assert timeout > 0
        assert time is WALL
        asked.append(ask())
        nodes[1].found["kube_proxy"] = 7
        asked.append(ask())

    monkeypatch.setattr(watches, "poll", poll)
    watches.wait_until_renewed(cluster, ["kube-proxy"])
    watches.wait_until_renewed(cluster, [])

    assert asked == [False, True]
