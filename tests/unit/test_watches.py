"""Which programs restart because they watched the API server before its last start."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest

from lab.cluster.base import Cluster, Result
from lab.cluster.tools import watches
from lab.cluster.tools.containers import parse_containers, removal
from lab.patience import WALL


class Node:
    """A node that has some containers, and records other commands."""

    time = WALL

    def __init__(self, name: str, log: list[str], **containers: int) -> None:
        self.name, self.log, self.found = name, log, containers

    def run(self, argv: list[str], **_: Any) -> Result:
        said = ""
        if argv[0] == "crictl":
            said = json.dumps({"containers": [container(name, at) for name, at in self.found.items()]})
        else:
            lines = argv[-1].splitlines()
            self.log += [f"{self.name}: {line}" for line in lines if line.startswith(("old=", "systemctl"))]
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


def test_older_pods_restart_with_their_kubelet() -> None:
    assert renewed(5, kube_proxy=1, kindnet_cni=8, coredns=1) == [
        "control-plane: old=$(echo  | tr ' ' '|')",
        "worker: systemctl restart kubelet",
        "worker: old=$(echo kube-proxy | tr ' ' '|')",
    ]


class Shell(Node):
    """A node with a real shell, whose crictl lists an `old` container first and a `new` one afterwards."""

    def __init__(self, folder: Path, *ids: str) -> None:
        super().__init__(folder.name, [])
        folder.mkdir()
        (folder / "ids").write_text("".join(f"{each}\n" for each in ids))
        # One line of the file for each call; the last line stays.
        script = f"""#!/bin/sh
            echo "$*" >> {folder}/asked
            head -n1 {folder}/ids
            [ $(wc -l < {folder}/ids) = 1 ] || sed -i 1d {folder}/ids
        """
        (folder / "crictl").write_text(script)
        (folder / "crictl").chmod(0o755)
        self.folder = folder

    @property
    def asked(self) -> list[str]:
        asked = self.folder / "asked"
        return asked.read_text().splitlines() if asked.exists() else []

    def run(self, argv: list[str], *, timeout: float = 5.0, **_: Any) -> Result:
        path = f"{self.folder}:{os.environ['PATH']}"
        subprocess.run(argv, env={"PATH": path}, timeout=timeout, check=True)
        return Result(tuple(argv), 0, "", "", 0.0, self.name)


@pytest.mark.parametrize("there", [["one", "two"], []])
def test_sandboxes_are_removed_until_none_is_left(tmp_path: Path, there: list[str]) -> None:
    # One container is still listed after its removal, as while it is just starting.
    node = Shell(tmp_path / "n", "one", "one", "one", "one", "other")
    node.run(["bash", "-eu", "-c", "\n".join(removal(" ".join(there)))])

    removed = [line for line in node.asked if line.startswith("rmp")]
    assert removed == (["rmp -f one"] * 2 if there else [])


def test_new_ones_are_waited_for_on_each_node(tmp_path: Path) -> None:
    nodes = [Shell(tmp_path / "a", "new"), Shell(tmp_path / "b", "old", "old", "new")]
    cluster = cast("Cluster", type("_C", (), {"nodes": nodes, "control_plane": nodes[0]}))
    old = parse_containers(json.dumps({"containers": [container("kube_proxy", 1) | {"id": "old"}]}))

    watches.wait_until_renewed(cluster, ())
    watches.wait_until_renewed(cluster, old)

    assert nodes[0].asked == ["ps -q --name ^kube-proxy$"]
    assert nodes[1].asked == ["ps -q --name ^kube-proxy$"] * 3
