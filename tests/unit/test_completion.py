"""The Tab key: candidates for each kind of name, and the scripts in the shells themselves."""

import os
import pty
import re
import select
import shutil
import sys
import termios
import time
from pathlib import Path
from typing import Self

import pytest

from lab.cli import app
from lab.core.session import Mode, Session, State
from lab.places import scenarios_folder
from lab.store import Store, now
from tests.fakes import Kluster, kluster, write_scenario

__all__ = ["kluster"]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Session:
    """Return the session of a lab called `mine`, of the shipped scenario, in which two faults are broken."""
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))
    session = Session(
        name="mine",
        scenario=str(scenarios_folder() / "kluster005"),
        backend="sim",
        mode=Mode.TRAINING,
        state=State.BROKEN,
        identity={"mine-control-plane": "1", "mine-worker": "2"},
        created=now(),
    )
    session.begin_attempt(["etcd-quota", "forwarding"], now(), minutes=90)
    Store("mine").save(session)
    return session


def candidates(kluster: Kluster, monkeypatch: pytest.MonkeyPatch, line: str) -> list[str]:
    """Return bash's candidates for the last word of `line`."""
    words = line.split(" ")
    monkeypatch.setenv("COMP_WORDS", "\n".join(words))
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    monkeypatch.setenv("_KLUSTER_COMPLETE", "complete_bash")
    ran = kluster()
    assert ran.err == ""
    return ran.out.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("kluster hin", ["hint"]),
        ("kluster hint --name ", ["mine"]),
        ("kluster create klu", ["kluster005"]),
        ("kluster play klu", ["kluster005"]),
        ("kluster hint --name mine s", ["silence"]),
        ("kluster hint --name mine pat", ["patience"]),
        ("kluster diagnose --name mine ", ["silence", "distance"]),
        ("kluster diagnose --name mine silence --component kubel", ["kubelet"]),
        ("kluster diagnose --name mine silence --cause quo", ["quota"]),
        ("kluster solve --name mine silence ", ["distance"]),
        ("kluster break --name mine m", ["missing"]),
        ("kluster shell --name mine --node ", ["control-plane", "worker"]),
        ("kluster exec --name mine --node wo", ["worker"]),
        ("kluster debrief --name mine --node wo", ["worker"]),
        ("kluster play --faults silence,s", ["silence,strangers"]),
        ("kluster rehearse --faults etcd-quota,f", ["etcd-quota,forwarding"]),
        ("kluster create --mode ga", ["game-day"]),
        ("kluster debrief --format h", ["html"]),
        ("kluster check --js", ["--json"]),
        ("kluster help val", ["validate"]),
        ("kluster completion f", ["fish"]),
        # Unknown or invalid state: no error text appears in the line.
        ("kluster hint --name none ", []),
        ("kluster hint --name ../.. ", []),
        ("kluster nosuch ", [command.name for command in app.registered_commands]),
        ("kluster create --mode nosuch --backend s", ["sim"]),
    ],
)
def test_candidates(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, mine: Session, line: str, offered: list[str]
) -> None:
    del mine
    assert candidates(kluster, monkeypatch, line) == offered


@pytest.mark.parametrize("line", ["kluster hint --name mine ", "kluster shell --name mine --node "])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"scenario": "/nowhere", "identity": {}}'])
def test_a_file_that_can_not_be_read_has_no_candidates(
    kluster: Kluster, monkeypatch: pytest.MonkeyPatch, mine: Session, text: str, line: str
) -> None:
    (Store(mine.name).folder / "lab.json").write_text(text)
    assert candidates(kluster, monkeypatch, line) == []


#: Commands that turn completion on in each shell; they are typed.
SHELLS = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$(kluster completion bash)"'),
    "zsh": (("zsh", "-f", "-i"), 'autoload -Uz compinit; compinit -D -u; eval "$(kluster completion zsh)"'),
    "fish": (("fish", "--no-config", "-i"), "kluster completion fish | source"),
}
#: Typed text before the Tab key, and the resulting line.
TYPED = {
    "kluster hin": "kluster hint",
    "kluster status --name mi": "kluster status --name mine",
    "kluster create klu": "kluster create kluster005",
    "kluster hint --name mine sil": "kluster hint --name mine silence",
    "kluster shell --name mine --node wor": "kluster shell --name mine --node worker",
    "kluster rehearse --faults forw": "kluster rehearse --faults forwarding",
    "kluster play --faults silence,dis": "kluster play --faults silence,distance",
    "kluster check --js": "kluster check --json",
    "kluster validate ./toy/sce": "kluster validate ./toy/scenario.yaml",
}


@pytest.mark.parametrize("shell", SHELLS)
def test_in_the_shell_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, mine: Session, shell: str) -> None:
    del mine
    write_scenario(tmp_path / "toy")
    argv, setup = SHELLS[shell]
    if not shutil.which(argv[0]):
        pytest.skip(f"{argv[0]} is not installed")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "kluster").write_text(f'#!/bin/sh\nexec {sys.executable} -m lab "$@"\n')
    (programs / "kluster").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.chdir(tmp_path)
    with Terminal(argv) as terminal:
        terminal.type(f"{setup}; echo REA''DY\r")
        terminal.until("READY")
        for typed, completed in TYPED.items():
            # Ctrl-A goes to the line's beginning, and the line is then printed instead of run.
            terminal.type(f"{typed}\t\x01echo B''EGIN \x05 END\r")
            assert terminal.until("BEGIN(.*)END").split() == completed.split()


#: Control sequences of a terminal.
_OBEYED = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|[\x00-\x08\x0e\x0f]")


class Terminal:
    """A program at its own terminal."""

    def __init__(self, argv: tuple[str, ...]) -> None:
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.execvp(argv[0], argv)  # noqa: S606 -- the shell is the program
        termios.tcsetwinsize(self._fd, (24, 200))
        self._read = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
        os.waitpid(self._pid, 0)

    def type(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def until(self, pattern: str) -> str:
        """Read until `pattern` is printed; return its last group."""
        limit = time.monotonic() + 100
        while not (found := re.search(pattern, _OBEYED.sub("", self._read))):
            left = limit - time.monotonic()
            assert left > 0, f"{pattern} is not in {self._read!r}"
            if select.select([self._fd], [], [], left)[0]:
                self._read += os.read(self._fd, 4096).decode(errors="replace")
        self._read = ""
        return found[found.re.groups]
