"""A shell at a terminal shows the recorded screens of /bin/bash for the same keys (`record_terminal.py`)."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.cluster.base import Shell
from lab.cluster.sim.process.cluster import SimCluster
from lab.patience import poll
from lab.progress import Silent
from lab.tui.terminal.emulator import Emulator
from tests.sim.bash.terminal_steps import BEGIN, COLUMNS, ROWS, keys_of, recorded, screen_of

PATIENCE = 120
_BEGINS = b"]133;C"
# Input without a mark: lines that leave, lines that a program reads, and history's errors.
_MARKLESS = ("exit", "logout", "hello", "bob", "^two^2", "!nope", "\x1a")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimCluster]:
    """A cluster in real time."""
    cluster = SimCluster("k5", Path(tmp_path_factory.mktemp("lab")))
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.fixture
def shell(real: SimCluster) -> Iterator[Shell]:
    opened = real.control_plane.shell(ROWS, COLUMNS)
    yield opened
    opened.close()


def comes(shell: Shell, emulator: Emulator, screen: list[str]) -> list[str]:
    """Read until the screen is this one or the time is over; return the screen."""
    deadline = time.monotonic() + PATIENCE
    while (found := screen_of(emulator)) != screen and time.monotonic() < deadline:
        data = shell.read(0.5)
        if data == b"":
            break
        emulator.feed(data or b"")
    return found


def begun(shell: Shell, emulator: Emulator) -> None:
    """Read until the mark of a starting command, or the shell's end."""
    seen, deadline = b"", time.monotonic() + PATIENCE
    while _BEGINS not in seen and time.monotonic() < deadline:
        data = shell.read(0.5)
        if data == b"":
            return
        emulator.feed(data or b"")
        seen += data or b""


@pytest.mark.parametrize("sequence", recorded(), ids=[" ".join(each["steps"])[:50] for each in recorded()])
def test_the_same_keys_show_the_same_screen(real: SimCluster, shell: Shell, sequence: dict[str, Any]) -> None:
    emulator = Emulator(ROWS, COLUMNS)
    shell.write(BEGIN)
    assert comes(shell, emulator, ["$"]) == ["$"]
    for step, screen in zip(sequence["steps"], sequence["screens"], strict=False):
        shell.write(keys_of(step))
        if not step.startswith("^") and step not in _MARKLESS and not (screen and screen[-1].startswith(">")):
            begun(shell, emulator)
            # A key such as Ctrl-Z must reach a waiting command, as on the recorded terminal.
            assert poll(lambda: not real.world.clock.count.busy, timeout=PATIENCE, every=0.002)
        assert comes(shell, emulator, screen) == screen, step
