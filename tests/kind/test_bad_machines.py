"""A Docker that stops while a lab is broken, and a stopped node: the commands' messages."""

import json
from pathlib import Path

import pytest

from lab.cli import main
from lab.cluster.kind.cluster import KindCluster
from lab.cluster.kind.docker_host import DockerHost
from lab.cluster.kind.engine import Engine
from lab.core.session import State
from lab.errors import LabError
from lab.lab import Lab
from lab.progress import Silent
from tests.expected import P
from tests.kind.docker import docker
from tests.kind.shared import NAME
from tests.kind.stopping import DockerThatStops


class StopsAt(Silent):
    """Progress that stops Docker at its step `title`."""

    def __init__(self, docker: DockerThatStops, title: str) -> None:
        self.docker, self.title = docker, title

    def begin(self, title: str) -> None:
        if title.startswith(self.title):
            self.docker.stop()


def test_a_docker_that_stops_while_the_lab_is_broken(lab: Lab, tmp_path: Path) -> None:
    assert isinstance(lab.cluster, KindCluster)
    docker_socket = lab.cluster.engine.host.socket
    if docker_socket is None:
        pytest.skip("Docker does not listen on a socket")
    with DockerThatStops(tmp_path / "docker.sock", docker_socket) as stopping:
        half = KindCluster(
            NAME, lab.cluster.folder, engine=Engine(DockerHost(f"unix://{tmp_path}/docker.sock", "a test"))
        )
        with pytest.raises(LabError) as problem:
            Lab(lab.store, lab.loaded, half).break_([P], StopsAt(stopping, "wait until it shows"))
        half.close()

    assert "Start Docker" in problem.value.remedy
    left = lab.session
    assert left.state is State.INJECTING
    assert "kluster reset" in left.next_step

    lab.reset(Silent())

    assert lab.session.state is State.HEALTHY


def test_status_tells_of_a_node_that_was_stopped(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    worker = lab.cluster.nodes[-1].name
    docker("stop", "-t", "2", worker)
    try:
        assert main(["status", "--name", NAME]) == 0
        told = capsys.readouterr().out
        assert main(["status", "--name", NAME, "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
    finally:
        lab.reset(Silent())

    assert f"node {worker} is stopped" in told
    assert "kluster shell" in told
    assert {each["node"]: each["state"] for each in data["nodes"]}[worker] == "stopped"
    assert lab.cluster.node_states(lab.session.identity)[worker] == "running"
