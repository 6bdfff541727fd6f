"""Commands whose terminal goes away while they run, and whose parent passes no hang-up on: `make` does not."""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes import Kluster, kluster
from tests.tui.own_window import OwnWindow
from tests.unit.test_cli_signals import DRIVER, ROOT

__all__ = ["kluster"]

PATIENCE = 240


@contextmanager
def under_make(folder: Path, command: list[str], home: Path) -> Iterator[OwnWindow]:
    """Run `command` under make in a terminal; make must end with it."""
    makefile = folder / "Makefile"
    makefile.write_text(f".PHONY: it\nit:\n\t@if true; then {shlex.join(command)}; fi\n", encoding="utf-8")
    env = {"KLUSTER_HOME": str(home), "PYTHONPATH": str(ROOT)}
    window = OwnWindow(["make", "-f", str(makefile), "it"], 24, 80, env)
    try:
        yield window
        window.shell.hang_up()
        window.shell.process.wait(PATIENCE)
    finally:
        window.close()
        window.shell.process.wait(PATIENCE)


def toy(folder: Path, stuck: str, *argv: str) -> list[str]:
    """Return the command line over a toy that hangs at commands with that word."""
    driver = folder / "driver.py"
    driver.write_text(DRIVER.replace("{stuck}", stuck).replace("{more}", ""), encoding="utf-8")
    return [sys.executable, str(driver), *argv]


@pytest.mark.parametrize("command", ["create", "rehearse"])
def test_a_lab_that_is_being_made_is_taken_back(command: str, kluster: Kluster, tmp_path: Path) -> None:
    argv = toy(tmp_path, "apply", command, str(kluster.scenario), "--backend", "sim")
    with under_make(tmp_path, argv, tmp_path) as window:
        window.until("stuck", PATIENCE)

    assert list((tmp_path / "labs").iterdir()) == []


@pytest.mark.parametrize(
    ("command", "shown"), [("exec -- sh -c 'echo be''gun; sleep 1000'", "begun"), ("shell", "root@.*:~#")]
)
def test_what_runs_on_a_node_ends(command: str, shown: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    kluster = [sys.executable, "-m", "lab"]
    env = {**os.environ, "KLUSTER_HOME": str(home)}
    subprocess.run([*kluster, "create", "--backend", "sim"], check=True, env=env, cwd=ROOT, capture_output=True)
    with under_make(tmp_path, [*kluster, *shlex.split(command)], home) as window:
        window.until(shown, PATIENCE)

    subprocess.run([*kluster, "delete", "--yes"], check=True, env=env, cwd=ROOT, capture_output=True)
