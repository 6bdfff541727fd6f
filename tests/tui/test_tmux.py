"""The app in a real terminal: wide characters, NO_COLOR and other settings, and its end."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.tmux import ROOT, Window

pytestmark = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")


def test_characters_that_terminals_disagree_on_leave_the_border_whole(tmp_path: Path) -> None:
    cols, rows = 60, 20
    window = Window(tmp_path, module="tests.tui.demo", size=(cols, rows))
    thumb, family = r"\U0001f44d\U0001f3fd", r"\U0001f468\u200d\U0001f469\u200d\U0001f467"
    flag, heart, key = r"\U0001f1e9\U0001f1ea", r"\u2764\ufe0f", r"1\ufe0f\u20e3"
    new, mark = r"\U0001fac6", r"\u0915\u093f"
    try:
        window.until(r"^│\$")
        window.type(f"printf '{thumb} {family} {flag} {heart} {key} {new} {mark} |\\n'")
        for each, width in ((thumb, 2), (family, 2), (flag, 2), (new, 2), (mark, 1)):
            window.type(f"printf '%{cols - 2 - width}s{each}\\n'")
        window.type("echo e''nd")
        window.until(lambda shown: "│end" in shown and border_is_whole(shown, cols))
        # Everything is redrawn.
        window.resize(cols + 1, rows)
        window.until(lambda shown: border_is_whole(shown, cols + 1))
        window.resize(cols, rows)
        window.until(lambda shown: "│end" in shown and border_is_whole(shown, cols))
    finally:
        window.close()


def border_is_whole(shown: str, cols: int) -> bool:
    """Whether the right border stands in column `cols`, and nothing of it elsewhere."""
    lines = shown.splitlines()
    bottom = next((row for row, line in enumerate(lines) if line.startswith("╰")), 0)
    ends = ["".join(re.findall("[╮│╯]+$", line)) for line in lines[: bottom + 1]]
    return ends == ["╮", *"│" * (bottom - 1), "╯"] and len(lines[0]) == cols


def test_without_a_terminal_it_says_so() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "lab", "play"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 3
    assert "`kluster play` needs a terminal" in ran.stderr
    assert "kluster rehearse" in ran.stderr


def test_a_terminal_that_cant_move_its_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    ran = subprocess.run(
        ["script", "-qec", f"{sys.executable} -m lab play", "/dev/null"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 3
    assert "can't move its cursor" in ran.stdout


STUCK = """
import signal, sys, time
from lab.cli import run
from lab.tui import app, command

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may be under nohup

def stuck(playing):
    playing._loop = type("Stuck", (), {"call_soon_threadsafe": lambda *_: None})()
    print("playing", flush=True)
    while True:
        time.sleep(60)

app.PlayApp.run = stuck
command._require_terminal = lambda: None
sys.argv = ["kluster", "play"]
run()
"""


def test_it_ends_with_its_terminal_whatever_hangs() -> None:
    with subprocess.Popen([sys.executable, "-c", STUCK], cwd=ROOT, stdout=subprocess.PIPE, text=True) as playing:
        assert playing.stdout is not None
        assert playing.stdout.readline() == "playing\n"
        os.kill(playing.pid, signal.SIGHUP)

        assert playing.wait(20) == -signal.SIGALRM
