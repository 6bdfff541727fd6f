"""The play screen on a real cluster: all repairs typed into its terminal, from home to debrief, and its end."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kind.docker import docker
from tests.tui.playing_through import begin, begin_anew, play_badly, play_well
from tests.tui.tmux import ROOT, Window

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")

NAME = "kluster-play"


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    env = {"KLUSTER_HOME": str(tmp_path / "home")}
    made = Window(tmp_path, "play", "--backend", "kind", "--name", NAME, env=env)
    yield made
    made.close()
    delete = [sys.executable, "-m", "lab", "delete", "--yes", "--name", NAME]
    subprocess.run(delete, cwd=ROOT, env={**os.environ, **env}, check=True, timeout=120)
    shown = os.environ.get("KLUSTER_SCREENS")
    if shown:
        shutil.copytree(tmp_path / "screens", shown, dirs_exist_ok=True)


@pytest.mark.timeout(1500)
def test_a_whole_attempt_and_a_bad_one(window: Window) -> None:
    begin(window, "kind", 300)
    play_well(window, 240)
    begin_anew(window, 240)
    play_badly(window, 240)
    lose_the_cluster(window)


def lose_the_cluster(window: Window) -> None:
    """Practise one symptom, until somebody removes the nodes."""
    window.keys("r")
    window.until("Play what", 10)
    window.keys("Down", "Down", "Enter")
    window.until("the clock runs", 240)
    window.keys("Enter")
    window.until(r"✗ +distance +0 of 20", 60)
    window.until(r"control-plane:~#", 30)
    nodes = [f"{NAME}-control-plane", f"{NAME}-worker"]
    docker("rm", "--force", "--volumes", *nodes)
    window.until("Enter opens a new shell|The cluster is gone", 60)
    window.keys("F5")
    shown = window.until("The cluster is gone", 60)
    window.keep("9-cluster-gone")
    assert "kluster delete" in shown
    window.keys("Enter")
    window.until(rf"{NAME} .*under repair", 30)
    window.keys("Escape")
    window.until("^ended with 0", 30)
