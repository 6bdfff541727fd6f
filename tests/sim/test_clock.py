"""What time it is in a simulated cluster."""

import asyncio
import hashlib
import sys
import threading
import time

import pytest

from lab.cluster.sim.timing import clock as clocks
from lab.cluster.sim.timing import threads
from lab.cluster.sim.timing.clock import Clock, Waiter

WALL = 1_700_000_000.0


class Host:
    """A host's two clocks: the time of day, which may be set, and the seconds that have passed."""

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
def test_time_goes_on_when_the_hosts_clock_is_set(host: Host, step: float) -> None:
    clock = Clock()
    assert clock.now() == WALL
    host.go(10)
    host.wall += step
    assert clock.now() == WALL + 10
    host.go(10)
    assert clock.now() == WALL + 20


def test_whoever_waits_is_woken_when_the_hosts_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, day = Clock(), time.time

    async def waited() -> None:
        clock.start()
        sleeping = asyncio.ensure_future(clock.sleep(0.05, Waiter()))
        await asyncio.sleep(0)
        monkeypatch.setattr(time, "time", lambda: day() - 3600)
        await asyncio.wait_for(sleeping, 5)
        clock.stop()

    asyncio.run(waited())


def test_time_goes_on_from_where_it_was_let_go(host: Host) -> None:
    clock = Clock()
    clock.rewind(100)
    clock.advance(130)
    host.wall -= 3600
    clock.let_go()
    host.go(5)
    assert clock.now() == WALL + 35


@pytest.mark.parametrize(("saved", "now"), [(-50.0, 0.0), (700.0, 700.0)])
def test_a_saved_lab_goes_on_from_now_or_from_what_it_lived_to(host: Host, saved: float, now: float) -> None:
    clock = Clock()
    clock.restore(WALL + saved)
    assert clock.now() == WALL + now
    host.go(1)
    assert clock.now() == WALL + now + 1


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="no clock that counts a suspended machine's time")
def test_a_suspended_machine_ages(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, before = Clock(), time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: before(which) + 900 * (which == time.CLOCK_BOOTTIME))
    assert clock.now() == pytest.approx(time.time() + 900, abs=60)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what threads do")
def test_a_turned_clock_waits_for_a_thread_that_runs() -> None:
    """As a shell's does, which the clock hears of only when the shell sleeps or ends."""
    clock, began, order = Clock(turned=True), threading.Event(), []

    def work() -> None:
        began.set()
        hashlib.pbkdf2_hmac("sha256", b"", b"", 100_000)
        order.append("worked")

    async def waited() -> None:
        clock.start()
        thread = threading.Thread(target=work)
        thread.start()
        await asyncio.to_thread(began.wait)
        with clock.user(Waiter()) as waiter:
            await clock.sleep(10, waiter)
        order.append("slept")
        thread.join()
        clock.stop()

    asyncio.run(waited())
    assert order == ["worked", "slept"]


def test_a_thread_that_does_not_end_holds_a_turned_clock_up_for_a_moment_only() -> None:
    clock, ended = Clock(turned=True), threading.Event()

    def work() -> None:
        while not ended.is_set():
            hashlib.pbkdf2_hmac("sha256", b"", b"", 1000)

    async def waited() -> None:
        clock.start()
        thread = threading.Thread(target=work)
        thread.start()
        with clock.user(Waiter()) as waiter:
            await asyncio.wait_for(clock.sleep(10, waiter), 20)
        ended.set()
        thread.join()
        clock.stop()

    asyncio.run(waited())


def test_what_changes_meanwhile_is_given_that_moment_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "busy", lambda: True)
    monkeypatch.setattr(clocks, "_HELD", 0.3)
    clock = Clock(turned=True)

    async def waited() -> float:
        clock.start()
        loop = asyncio.get_running_loop()
        began = loop.time()
        with clock.user(Waiter()) as waiter:
            sleeping = asyncio.ensure_future(clock.sleep(10, waiter))
            await asyncio.sleep(0.2)
            clock.catch_up()
            await sleeping
        clock.stop()
        return loop.time() - began

    assert asyncio.run(waited()) >= 0.2 + 0.3


def test_what_a_thread_has_just_handed_over_comes_before_time_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that waits for Python's lock is seen by nobody; what it then asks for is on the loop."""
    clock = Clock(turned=True, start=WALL)
    done: dict[str, float] = {}

    async def sleep(name: str, seconds: float) -> None:
        with clock.user(Waiter()) as waiter:
            await clock.sleep(seconds, waiter)
        done[name] = clock.now() - WALL

    async def waited() -> None:
        loop = asyncio.get_running_loop()
        handed: list[asyncio.Future[None]] = []

        def hand_over() -> bool:
            if not handed:
                loop.call_soon_threadsafe(lambda: handed.append(asyncio.ensure_future(sleep("handed", 1))))
            return False

        monkeypatch.setattr(threads, "busy", hand_over)
        clock.start()
        await sleep("began", 10)
        await asyncio.gather(*handed)
        clock.stop()

    asyncio.run(waited())
    assert done == {"handed": 1, "began": 10}
