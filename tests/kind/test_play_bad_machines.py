"""The play screen when the machine below it fails: clear messages, nothing lost, and the lab is resumed."""

import os
import shutil
from pathlib import Path

import pytest

from lab.cluster.kind.cluster import KindCluster
from lab.core.session import State
from lab.lab import Lab
from tests.kind.docker import docker
from tests.kind.shared import NAME
from tests.kind.stopping import DockerThatStops
from tests.tui.tmux import Window

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")

PATIENCE = 60


def test_docker_stops_and_a_node_is_stopped_while_somebody_plays(lab: Lab, tmp_path: Path) -> None:
    assert isinstance(lab.cluster, KindCluster)
    docker_socket = lab.cluster.engine.host.socket
    if docker_socket is None:
        pytest.skip("Docker does not listen on a socket")
    worker = lab.cluster.nodes[-1].name
    env = {"KLUSTER_HOME": os.environ["KLUSTER_HOME"], "DOCKER_HOST": f"unix://{tmp_path}/docker.sock"}
    with DockerThatStops(tmp_path / "docker.sock", docker_socket) as docker:
        window = Window(tmp_path, "play", "kluster005", "--name", NAME, "--faults", "distance", env=env)
        try:
            begin(window)
            docker_stops(window, docker)
            node_is_stopped(window, worker)
            window.keys("F10")
            window.until("Leave the lab", 20)
            window.keys("y")
            window.until("^ended with 0", 30)
        finally:
            window.close()

    assert lab.session.state is State.BROKEN
    told = [(event.kind, event.text) for event in lab.store.timeline()]
    assert ("command", "echo before") in told
    assert any(kind == "node-started" and worker in text for kind, text in told)


def begin(window: Window) -> None:
    window.until("There is a lab called", 30)
    window.keys("Enter")
    window.until("the clock runs", 120)
    window.keys("Enter")
    window.until(r"control-plane:~#", 30)
    window.until(r"✗ +distance +0 of 20", PATIENCE)
    window.type("echo before")
    window.until(r"│before", 20)


def docker_stops(window: Window, docker: DockerThatStops) -> None:
    """The pane and a line at the top show it; the lab continues as soon as Docker is back."""
    docker.stop()
    window.until("Enter opens a new shell", PATIENCE)
    window.keys("F5")
    window.until("! .*Docker", PATIENCE)
    window.keys("F3", "Enter")
    window.until(r"│Enter opens a new shell\.[\s\S]*│Docker does not answer", PATIENCE)
    shown = window.until(r"Start\s+Docker", PATIENCE)
    assert "Traceback" not in shown
    docker.start()
    window.keys("Enter")
    window.until(r"new shell\.[^\n]*\n[^\n]*control-plane:~#", PATIENCE)
    window.keys("F5")
    # The line about it is gone.
    window.until(r"\A[^\n]*\n╭─ Brief", PATIENCE)
    window.until(r"✗ +distance +0 of 20", PATIENCE)


def node_is_stopped(window: Window, worker: str) -> None:
    """Its pane shows it; a new shell starts the node again, and the attempt continues."""
    window.keys("F6")
    window.until(r"worker:~#", PATIENCE)
    docker("stop", "-t", "2", worker)
    window.until("Enter opens a new shell", PATIENCE)
    window.keys("Enter")
    window.until(r"new shell\.[^\n]*\n[^\n]*worker:~#", PATIENCE)
