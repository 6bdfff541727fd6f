"""The play screen on a real cluster: every repair typed into its terminal, from home to the debrief, twice."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.playing_through import begin, play_badly, play_well
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
    play_badly(window, 240)
