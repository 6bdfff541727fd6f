"""The loop of simulated clusters, and calls from other threads."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.background_loop import background_loop

_JOBS = "for job in a b c; do for each in 1 2 3 4 5 6; do sysctl -n net.ipv4.ip_forward; done & done; wait"


@pytest.fixture
def _hesitating() -> Iterator[None]:
    """Delay the loop before each new task, so that other threads continue meanwhile."""

    def begun(loop: asyncio.AbstractEventLoop, work: Any, **how: Any) -> "asyncio.Task[Any]":
        time.sleep(0.003)
        return asyncio.Task(work, loop=loop, **how)

    loop = background_loop()
    loop.call_soon_threadsafe(lambda: loop.set_task_factory(begun))
    yield
    loop.call_soon_threadsafe(loop.set_task_factory, None)


@pytest.mark.usefixtures("_hesitating")
def test_commands_that_run_at_once_do_not_hinder_each_other(fresh: SimCluster) -> None:
    for _ in range(3):
        result = fresh.control_plane.run(["bash", "-c", _JOBS])
        assert (result.rc, result.stderr, result.stdout) == (0, "", "1\n" * 18)


def test_functions_of_a_script_may_call_each_other_deep(fresh: SimCluster) -> None:
    script = 'f() { [ "$1" -eq 0 ] && { echo end; return; }; f $(($1 - 1)); }; f 500'
    result = fresh.control_plane.run(["bash", "-c", script])
    assert (result.rc, result.stderr, result.stdout) == (0, "", "end\n")
