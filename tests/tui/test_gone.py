"""The play screen ends with its terminal, however the terminal ends and whoever started it."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from lab.core.session import State
from lab.lab import Lab
from lab.store import Store
from lab.tui.alone import alone_at
from tests.tui.own_window import OwnWindow

ROOT = Path(__file__).resolve().parents[2]
#: How many play screens end in each way; `make soak` uses 20.
RUNS = int(os.environ.get("KLUSTER_RUNS", "1"))
HOME_SCREEN = "Learn to repair"
#: A limit for this machine under any load; the play screen's own limit is in lab/tui/terminal/cut_off.py.
PATIENCE = 60.0

#: A broken lab, in play.
REAL = ("kluster005", "--backend", "sim")


def starters(folder: Path, play: str) -> dict[str, list[str]]:
    """Return, by name, programs that start the command `play` as the first process of a terminal."""
    makefile = folder / "Makefile"
    makefile.write_text(f".PHONY: lab\nlab:\n\t@if true; then {play}; fi\n", encoding="utf-8")
    return {
        "nobody": shlex.split(play),
        "nohup": ["sh", "-c", f"trap '' HUP; {play}"],
        "sh": ["sh", "-c", f"{play}; true"],
        "make": ["make", "--no-print-directory", "-f", str(makefile), "lab"],
        # As sshd starts a login shell, into which the command is typed.
        "shell": ["bash", "--norc", "--noprofile", "-i"],
        "tmux": ["tmux", "-S", f"{folder}/socket", "-f", "/dev/null", "new-session", "-s", "lab", play],
    }


class Playing:
    """`kluster play` in a terminal of its own."""

    def __init__(self, starter: str, folder: Path, *words: str) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        env = {"KLUSTER_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
        play = shlex.join([sys.executable, "-m", "lab", "play", "--no-animation", *words])
        self.window = OwnWindow(starters(folder, play)[starter], 30, 100, env)
        if starter == "shell":
            self.window.keys(f"{play}\r")

    @property
    def processes(self) -> list[psutil.Process]:
        """The processes of the play screen."""
        return [each for each in psutil.process_iter() if self._ours(each)]

    def _ours(self, process: psutil.Process) -> bool:
        try:
            ours = process.environ().get("KLUSTER_HOME") == str(self.folder / "home")
            return ours and process.cmdline()[1:4] == ["-m", "lab", "play"]
        except psutil.Error:
            return False

    def ready(self, shown: str = HOME_SCREEN) -> psutil.Process:
        """Wait until `shown` is on the screen; return the process."""
        self.window.until(shown, PATIENCE)
        (process,) = self.processes
        return process

    def until_ended(self, process: psutil.Process) -> None:
        """Wait for the end of `process`, and keep reading the terminal's output, as a terminal does."""
        try:
            ended = os.pidfd_open(process.pid)
        except ProcessLookupError:
            return
        try:
            limit = time.monotonic() + PATIENCE
            # A process that has ended makes its descriptor readable, whether anybody waits for it or not.
            while not self.window.shell.read_or(ended):
                assert time.monotonic() < limit, "it still runs"
        finally:
            os.close(ended)


def close_window(playing: Playing, _process: psutil.Process) -> None:
    playing.window.shell.hang_up()


def kill_session(playing: Playing, _process: psutil.Process) -> None:
    subprocess.run(["tmux", "-S", f"{playing.folder}/socket", "kill-session", "-t", "lab"], check=True)


def terminate(_playing: Playing, process: psutil.Process) -> None:
    process.send_signal(signal.SIGTERM)


def terminate_stuck(playing: Playing, process: psutil.Process) -> None:
    """Make it draw more than the unread terminal accepts, and end it then."""
    for size in range(100):
        playing.window.shell.resize(30, 100 + size % 2)
        time.sleep(0.01)
    terminate(playing, process)
    process.wait(PATIENCE)


@contextmanager
def many(starter: str, folder: Path) -> Iterator[list[tuple[Playing, psutil.Process]]]:
    with ExitStack() as stack:
        started = []
        for number in range(RUNS):
            started.append(Playing(starter, folder / str(number)))
            stack.callback(end_all, started[-1])
        yield [(playing, playing.ready()) for playing in started]


def end_all(playing: Playing) -> None:
    playing.window.close()
    subprocess.run(["tmux", "-S", f"{playing.folder}/socket", "kill-server"], check=False, capture_output=True)
    for process in playing.processes:
        process.kill()
    # The program that started it ends with it.
    playing.window.shell.process.wait(PATIENCE)


@pytest.mark.parametrize(
    ("starter", "end"),
    [
        ("nobody", close_window),
        ("nobody", terminate),
        ("nobody", terminate_stuck),
        ("nohup", close_window),
        ("sh", close_window),
        ("sh", terminate),
        ("make", close_window),
        ("make", terminate),
        ("shell", close_window),
        ("shell", terminate),
        ("tmux", kill_session),
        ("tmux", terminate),
    ],
)
def test_it_ends(
    starter: str,
    end: Callable[[Playing, psutil.Process], None],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    if starter == "tmux" and not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    took = []
    with many(starter, tmp_path) as started:
        for playing, process in started:
            since = time.monotonic()
            end(playing, process)
            playing.until_ended(process)
            took.append(time.monotonic() - since)
            assert playing.processes == []
    record_property("seconds until all ended", max(took))


@pytest.mark.parametrize(
    ("starter", "end"), [("make", close_window), ("tmux", kill_session), ("shell", terminate)]
)
def test_the_lab_is_kept_and_is_free(
    starter: str,
    end: Callable[[Playing, psutil.Process], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if starter == "tmux" and not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    playing = Playing(starter, tmp_path / "first", *REAL)
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "first" / "home"))
    try:
        playing.ready("the clock runs")
        playing.window.keys("\r")
        # Its API server is down, so a look takes long.
        process = playing.ready(r":~# ")
        playing.window.keys("kubectl get nodes\r")
        playing.window.until("kubectl get nodes")
        end(playing, process)
        playing.until_ended(process)

        assert Store("kluster005").load().state is State.BROKEN
        with alone_at("kluster005"):
            pass
    finally:
        end_all(playing)
        Lab.open("kluster005").delete()


class Halves:
    """The demo app, with bash in its terminal; its input and its output are two terminals."""

    def __init__(self) -> None:
        self.reads, read_by = os.openpty()
        self.shows, shown_by = os.openpty()
        env = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.demo"],
            stdin=read_by, stdout=shown_by, stderr=shown_by, env=env, start_new_session=True,
        )  # fmt: skip
        os.close(read_by)
        os.close(shown_by)
        self.until("this machine")

    def until(self, shown: str) -> None:
        seen = b""
        while shown.encode() not in seen:
            seen += os.read(self.shows, 65536)


@pytest.fixture
def halves() -> Iterator[Halves]:
    made = Halves()
    yield made
    made.process.kill()
    made.process.wait()


def test_it_ends_where_only_reading_fails(halves: Halves) -> None:
    os.close(halves.reads)
    # It restores the terminal.
    halves.until("\x1b[?1049l")
    assert halves.process.wait(PATIENCE) == 0
    os.close(halves.shows)


def test_it_ends_where_only_writing_fails(halves: Halves) -> None:
    os.close(halves.shows)
    os.write(halves.reads, b"echo one\r")
    assert halves.process.wait(PATIENCE) == 0
    os.close(halves.reads)
