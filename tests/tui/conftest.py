"""Tests of the screen are coroutines: each runs in an event loop of its own."""

import asyncio
import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.tmux import Window


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    """The app in a terminal, at its first screen, with the simulator."""
    if not shutil.which("tmux"):
        pytest.skip("tmux is not installed")
    made = Window(tmp_path, "play", "--backend", "sim", env={"KLUSTER_HOME": str(tmp_path / "home")})
    yield made
    made.close()
