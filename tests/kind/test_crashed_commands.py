"""Commands on a real cluster are killed with `kill -9` at twelve places. The machine keeps nothing but the lab."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.kind import process
from lab.cluster.kind.cluster import choose_image
from lab.cluster.kind.engine import Engine
from lab.core.session import State
from lab.store import Store
from tests.kind.surroundings import stranger

NAME = "kluster-crashed"
#: The steps of `create` after whose end it is killed, and those of `break` in which it is killed.
CREATE = ("Preparing nodes", "Starting control-plane", "Start the workloads")
BREAK = ("deny all and allow nothing", "tidy the system pods away", "run the proof of concept", "remove the quota")
pytestmark = pytest.mark.timeout(1800)


class Commands:
    """The command line with a home folder of its own."""

    def __init__(self, home: Path) -> None:
        self._env = {**os.environ, "KLUSTER_HOME": str(home)}

    def kluster(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(self._argv(*argv), env=self._env, capture_output=True, text=True, check=False)

    def killed(self, *argv: str, at: str, in_journal: bool = False) -> None:
        """Run a command until its output, or the lab's journal, has `at`; then kill it."""
        with subprocess.Popen(
            self._argv(*argv), env=self._env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as running:
            try:
                if in_journal:
                    self._await_journal(running, at)
                else:
                    self._await(running, at)
                assert running.poll() is None
            finally:
                running.kill()

    def _await(self, running: subprocess.Popen[str], at: str) -> None:
        assert running.stdout
        seen = ""
        while at not in seen:
            came = running.stdout.read(1)
            assert came, f"it never came to {at!r}:\n{seen}"
            seen += came

    def _await_journal(self, running: subprocess.Popen[str], at: str) -> None:
        journal = Store(NAME).folder / "journal.jsonl"
        old = journal.read_text(encoding="utf-8")
        while at not in journal.read_text(encoding="utf-8").removeprefix(old):
            assert running.poll() is None, f"it never came to {at!r}"

    def _argv(self, *argv: str) -> list[str]:
        return [sys.executable, "-m", "lab", *argv, "--name", NAME]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commands]:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path / "home"))
    made = Commands(tmp_path / "home")
    yield made
    made.kluster("delete", "--yes")


def state() -> State:
    return Store(NAME).load().state


def done(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_next_command_goes_on_and_everything_else_is_as_before(commands: Commands) -> None:
    image = choose_image(Engine(), None) or process.default_image() or ""
    with stranger(f"{NAME}-stranger", image) as other:
        before = other.surroundings()
        for step in CREATE:
            commands.killed("create", "--backend", "kind", at=f"{step} ... ✓")
            assert state() is State.CREATING
            done(commands.kluster("delete", "--yes"))
            assert other.surroundings() == before
        done(commands.kluster("create", "--backend", "kind"))
        for step in BREAK:
            commands.killed("break", at=f'"begin": "{step}', in_journal=True)
            assert state() is State.INJECTING
            assert "kluster reset" in commands.kluster("status").stderr
            done(commands.kluster("reset", "--yes"))
            assert state() is State.HEALTHY
        done(commands.kluster("break"))
        commands.killed("check", at="Look at the cluster")
        assert "(silence)" in commands.kluster("check").stdout
        commands.killed("solve", "--yes", at="Turn forwarding on")
        done(commands.kluster("solve", "--yes"))
        commands.killed("submit", "--yes", at="Reboot every node")
        assert state() is State.BROKEN
        done(commands.kluster("submit", "--yes"))
        assert state() is State.SOLVED
        commands.killed("reset", "--yes", at="✓")
        assert state() is State.RESETTING
        commands.killed("delete", "--yes", at="Delete lab")
        done(commands.kluster("delete", "--yes"))
        assert not Store(NAME).exists()
        assert other.surroundings() == before
