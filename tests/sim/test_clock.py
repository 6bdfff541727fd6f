"""The time in a simulated cluster."""

import asyncio
import time

import pytest

from lab.cluster.sim.timing import clock as clocks
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.timing.counting import Pause

WALL = 1_700_000_000.0
elapsed = clocks._elapsed


class Host:
    """A host's two clocks: the time of day, which may be set, and the elapsed seconds."""

    def __init__(self) -> None:
        self.wall = WALL
        self.passed = 5000.0

    def go(self, seconds: float) -> None:
        self.wall += seconds
        self.passed += seconds


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host()
    monkeypatch.setattr(time, "time", lambda: host.wall)
    monkeypatch.setattr(clocks, "_elapsed", lambda: host.passed)
    return host


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_time_continues_when_the_hosts_clock_is_set(host: Host, step: float) -> None:
    clock = Clock()
    assert clock.now() == WALL
    host.go(10)
    host.wall += step
    assert clock.now() == WALL + 10
    host.go(10)
    assert clock.now() == WALL + 20


def test_waiting_tasks_wake_when_the_hosts_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, day = Clock(), time.time

    async def waited() -> None:
        clock.start()
        with clock.user():
            sleeping = asyncio.ensure_future(clock.sleep(0.05))
            await asyncio.sleep(0)
            monkeypatch.setattr(time, "time", lambda: day() - 3600)
            await asyncio.wait_for(sleeping, 5)
        clock.stop()

    asyncio.run(waited())


def test_time_continues_from_the_release(host: Host) -> None:
    clock = Clock()
    clock.rewind(100)
    clock.advance(130)
    host.wall -= 3600
    clock.let_go()
    host.go(5)
    assert clock.now() == WALL + 35


@pytest.mark.parametrize(("saved", "now"), [(-50.0, 0.0), (700.0, 700.0)])
def test_a_saved_lab_continues_from_now_or_from_its_own_later_time(host: Host, saved: float, now: float) -> None:
    clock = Clock()
    clock.restore(WALL + saved)
    assert clock.now() == WALL + now
    host.go(1)
    assert clock.now() == WALL + now + 1


def test_a_seats_clock_stands_while_nobody_runs_it_and_while_the_machine_sleeps(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "_stands_between", False)
    clocks.stand_between()
    assert elapsed() == pytest.approx(time.monotonic(), abs=60)
    clock = Clock()
    clock.restore(WALL - 1800)
    assert clock.now() == WALL - 1800
    host.go(5)
    assert clock.now() == WALL - 1795
    saved = clock.state()
    host.go(900)
    again = Clock()
    again.restore(saved)
    assert again.now() == WALL - 1795
    again.hold()
    host.go(60)
    held = Clock()
    held.restore(again.state())
    host.go(60)
    held.release()
    assert held.now() == WALL - 1795


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="no clock that counts a suspended machine's time")
def test_a_suspended_machine_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, before = Clock(), time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: before(which) + 900 * (which == time.CLOCK_BOOTTIME))
    assert clock.now() == pytest.approx(time.time() + 900, abs=60)


def test_a_turned_clock_stands_while_somebody_can_do_something() -> None:
    clock, order = Clock(turned=True, start=WALL), list[str]()

    async def works() -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        order.append(f"worked at {clock.now() - WALL:g}")
        clock.count.remove()

    async def waited() -> None:
        clock.start()
        with clock.user():
            clock.count.add()
            working = asyncio.ensure_future(works())
            await clock.sleep(10)
        order.append(f"slept until {clock.now() - WALL:g}")
        await working
        clock.stop()

    asyncio.run(waited())
    assert order == ["worked at 0", "slept until 10"]


def test_a_woken_task_is_counted_before_its_waker_waits() -> None:
    """Time does not advance between the end of a pause and the first step of the task that waited in it."""
    clock, times = Clock(turned=True, start=WALL), list[float]()

    async def woken(pauses: list[Pause]) -> None:
        clock.count.add()
        pauses.append(Pause(clock.count))
        await pauses[0]
        times.append(clock.now() - WALL)
        clock.count.remove()

    async def waited() -> None:
        pauses: list[Pause] = []
        clock.start()
        with clock.user():
            waiting = asyncio.ensure_future(woken(pauses))
            await asyncio.sleep(0)
            pauses[0].end()
            await clock.sleep(10)
        await waiting
        clock.stop()

    asyncio.run(waited())
    assert times == [0]


def test_a_task_that_is_ended_while_it_waits_is_counted_until_it_has_ended() -> None:
    clock, times = Clock(turned=True, start=WALL), list[float]()

    async def ended() -> None:
        clock.count.add()
        try:
            await Pause(clock.count)
        finally:
            await asyncio.sleep(0)
            times.append(clock.now() - WALL)
            clock.count.remove()

    async def waited() -> None:
        clock.start()
        with clock.user():
            waiting = asyncio.ensure_future(ended())
            await asyncio.sleep(0)
            waiting.cancel()
            await clock.sleep(10)
        clock.stop()

    asyncio.run(waited())
    assert (times, clock.count.busy) == ([0], 0)


def test_a_turned_clock_stands_where_nobody_waits_for_it() -> None:
    clock = Clock(turned=True, start=WALL)

    async def waited() -> float:
        clock.start()
        clock.call_at(WALL + 10, lambda: None)
        for _ in range(20):
            await asyncio.sleep(0)
        clock.stop()
        return clock.now()

    assert asyncio.run(waited()) == WALL


def test_alarms_ring_in_their_order_and_not_when_they_are_cancelled() -> None:
    clock, rung = Clock(turned=True, start=WALL), list[str]()

    async def waited() -> None:
        clock.start()
        for name, at in (("c", 3.0), ("a", 1.0), ("b", 1.0), ("d", 2.0)):
            alarm = clock.call_at(WALL + at, lambda name=name: rung.append(name))  # type: ignore[misc]
            if name == "d":
                alarm.cancel()
        with clock.user():
            await clock.sleep(5)
        clock.stop()

    asyncio.run(waited())
    assert rung == ["a", "b", "c"]
