"""The loop that simulated clusters live on, and who calls it from other threads."""

import asyncio
import contextvars
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.event_loop import background_loop

PATIENCE = 20
_JOBS = "for job in a b c; do for each in 1 2 3 4 5 6; do sysctl -n net.ipv4.ip_forward; done & done; wait"


@pytest.fixture
def _hesitating() -> Iterator[None]:
    """Let the loop take a moment, in which other threads go on, for each task that it begins."""

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


def test_a_callback_is_called_whoever_is_in_its_context() -> None:
    context, called = contextvars.copy_context(), threading.Event()

    def meanwhile() -> bool:
        background_loop().call_soon_threadsafe(called.set, context=context)
        return called.wait(PATIENCE)

    assert context.run(meanwhile)


def test_a_context_is_free_while_a_callback_runs() -> None:
    context, begun, done = contextvars.copy_context(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        done.wait(PATIENCE)

    background_loop().call_soon_threadsafe(work, context=context)
    assert begun.wait(PATIENCE)
    try:
        context.run(done.set)
    finally:
        done.set()


def test_a_callback_sees_what_its_context_holds() -> None:
    variable = contextvars.ContextVar[str]("variable", default="nothing")
    context, seen, called = contextvars.copy_context(), list[str](), threading.Event()
    context.run(variable.set, "something")

    def look() -> None:
        seen.append(variable.get())
        called.set()

    background_loop().call_soon_threadsafe(look, context=context)
    assert called.wait(PATIENCE)
    assert seen == ["something"]
