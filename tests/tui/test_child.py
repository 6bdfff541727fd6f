"""Long work as a separate process."""

import asyncio
import sys
from pathlib import Path

import pytest

from lab.errors import ExitCode, LabError
from lab.store import Store
from lab.tui.child import Child


class Steps:
    """A progress that keeps its calls."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.begun = asyncio.Event()

    def begin(self, title: str) -> None:
        self.told.append(title)
        self.begun.set()

    def advance(self, fraction: float, note: str = "") -> None:
        self.told.append(note or f"{fraction}")

    def end(self, *, ok: bool) -> None:
        self.told.append("ok" if ok else "failed")

    def note(self, text: str) -> None:
        self.told.append(text)
        self.begun.set()


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))


async def test_its_steps_are_reported() -> None:
    steps = Steps()

    await Child(steps).run("create", "--backend", "sim", "--name", "mine")

    assert steps.told[:2] == ["Start the simulated nodes", "ok"]
    assert steps.told.count("ok") == len(steps.told) / 2
    assert Store("mine").exists()


async def test_its_error_is_raised_here() -> None:
    with pytest.raises(LabError) as raised:
        await Child(Steps()).run("break", "--name", "mine")

    assert raised.value.title == "There is no lab called mine."
    assert "kluster create" in raised.value.remedy


async def test_a_command_that_is_cancelled_leaves_nothing() -> None:
    steps = Steps()
    child = Child(steps)
    work = asyncio.create_task(child.run("create", "--backend", "sim", "--name", "mine"))
    await steps.begun.wait()

    child.cancel()

    with pytest.raises(LabError) as raised:
        await work
    assert raised.value.exit_code == ExitCode.INTERRUPTED
    assert not Store("mine").exists()


async def test_one_that_is_cancelled_while_it_loads_is_cancelled_too(monkeypatch: pytest.MonkeyPatch) -> None:
    loading = """import json, sys, time
print(json.dumps({"note": "loading"}), file=sys.stderr, flush=True)
time.sleep(60)"""
    monkeypatch.setattr("lab.tui.child._kluster", lambda: (sys.executable, "-c", loading))
    steps = Steps()
    child = Child(steps)
    work = asyncio.create_task(child.run("create"))
    await steps.begun.wait()

    child.cancel()

    with pytest.raises(LabError) as raised:
        await work
    assert raised.value.exit_code == ExitCode.INTERRUPTED


async def test_one_that_is_cancelled_before_it_begins_does_not_begin() -> None:
    child = Child(Steps())
    child.cancel()

    with pytest.raises(LabError):
        await child.run("create", "--backend", "sim", "--name", "mine")

    assert not Store("mine").exists()
