"""Time: a clock that runs as the world's does, or one that is turned by whoever waits for it."""

import asyncio
import contextlib
import heapq
import itertools
import sys
import time
from collections.abc import Coroutine, Iterator
from typing import Any, Protocol, TypeVar

from lab.cluster.sim.state.declared import Opaque
from lab.cluster.sim.timing import threads

__all__ = ["Clock", "Timeline", "Waiter"]

T = TypeVar("T")

#: How long nothing may happen before a turned clock believes that everybody sleeps (real seconds).
QUIET = 0.0004
#: How long work may go on without waiting on a turned clock (real seconds).
_BUSY = 45.0
#: How long a thread that runs holds a turned clock up (real seconds): it may be no shell of the cluster's.
_HELD = 0.2
#: Rounds of the loop from a thread's call to its coroutine's first step, at most.
_HANDOVER = 3


if sys.platform == "linux":

    def _elapsed() -> float:
        # A machine that was suspended has aged.
        return time.clock_gettime(time.CLOCK_BOOTTIME)

else:

    def _elapsed() -> float:
        return time.monotonic()


class Timeline(Protocol):
    """What the clock drives: a model that knows when it next has something to do."""

    def next_due(self) -> float:
        """Return the time of the next thing to do (infinity if there is none)."""

    def run_due(self, now: float) -> None:
        """Do everything that is due at `now`."""


class Waiter:
    """Somebody who uses the clock: a turned clock goes on only while all of them wait."""

    def __init__(self, *, foreground: bool = True) -> None:
        self.foreground = foreground
        self.asleep = 0

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Count as waiting while the body runs."""
        self.asleep += 1
        try:
            yield
        finally:
            self.asleep -= 1


class Clock(Opaque):
    """Epoch seconds, either real ones or turned ones (`turned=True`: waiting costs nothing).

    Real ones begin at the host's time of day and go on with what passes, so that a host's clock that is set back
    or forward changes nothing.
    """

    def __init__(self, *, turned: bool = False, start: float | None = None) -> None:
        self.turned = turned
        self._now = time.time() if start is None else start
        self._offset = self._now - _elapsed()
        self._alarms: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._waiters: set[Waiter] = set()
        self._timeline: Timeline | None = None
        self._changed = asyncio.Event()
        self._driver: asyncio.Task[None] | None = None
        #: The time at which it stands until it is released; and how far it is behind the host's clock since then.
        self._stands: float | None = None
        self._behind = 0.0
        self._released = asyncio.Event()
        self._released.set()
        #: Since when threads that run hold it up, with nothing else that changed (real seconds).
        self._held: float | None = None

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        if self._stands is not None:
            return self._stands
        return self._now if self.turned else _elapsed() + self._offset

    @property
    def held(self) -> bool:
        """Whether the clock stands still until `release`."""
        return self._stands is not None

    def hold(self) -> None:
        """Stop the clock; to be called on the loop. Calling it again changes nothing."""
        if self._stands is None:
            self.catch_up()
            self._stands = self.now()
            self._released.clear()
            self._changed.set()

    def release(self) -> None:
        """Let the clock go on from where it stands; to be called on the loop. Calling it again changes nothing."""
        if self._stands is not None:
            stood, self._stands = self._stands, None
            if self.turned:
                self._now = stood
            else:
                self._offset = stood - _elapsed()
                self._behind = max(0.0, time.time() - stood)
            self._released.set()
            self._changed.set()

    async def going(self) -> None:
        """Wait while the clock is held; programs await this before each step that has an effect."""
        await self._released.wait()

    @property
    def used(self) -> bool:
        """Whether anybody uses it now."""
        return bool(self._waiters)

    @property
    def waited_for(self) -> bool:
        """Whether anybody uses it now that is no service."""
        return any(waiter.foreground for waiter in list(self._waiters))

    def rewind(self, seconds: float) -> None:
        """Go back by `seconds` and be turned from now on: what has to be over when it begins is lived through."""
        self._now, self.turned = self.now() - seconds, True

    def turn(self) -> None:
        """Be turned by whoever waits, from now on."""
        self._now, self.turned = self.now(), True
        self._changed.set()

    def let_go(self) -> None:
        """Run as the world's time does, on from what it is now."""
        self._offset, self.turned = self._now - _elapsed(), False
        self._changed.set()

    def state(self) -> dict[str, float | bool]:
        """Return the time, whether the clock is held, and how far it is behind the host's."""
        return {"now": self.now(), "held": self.held, "behind": self._behind}

    def restore(self, data: Any) -> None:  # noqa: ANN401 -- data of the codec
        """Go on from the time in `data`; real time goes on from what it is, unless the cluster has lived past it.

        A clock that was held stands where it stood.
        """
        if isinstance(data, int | float):
            # Files of before clocks could be held.
            data = {"now": data, "held": False, "behind": 0.0}
        now = float(data["now"])
        self._behind = float(data["behind"])
        if self.turned:
            self._now = now
        else:
            self._offset = max(self._offset - self._behind, now - _elapsed())
        if data["held"]:
            self._stands = now
            self._released.clear()

    def attach(self, timeline: Timeline) -> None:
        """Drive `timeline` from now on."""
        self._timeline = timeline

    def start(self) -> None:
        """Begin to run; to be called on the loop."""
        if self._driver is None or self._driver.done():
            self._driver = asyncio.get_running_loop().create_task(self._drive())

    def stop(self) -> None:
        """Stop for good, and let go of what was driven: its nodes' files hold descriptors."""
        self._timeline = None
        if self._driver is not None:
            self._driver.cancel()
            self._driver = None

    def catch_up(self) -> None:
        """Do what is due by now; after this the model is as of now."""
        if self._timeline is not None:
            now = self.now()
            while (due := self._timeline.next_due()) <= now:
                self._timeline.run_due(now if self.turned else max(due, now - 900))
        self._changed.set()

    def advance(self, seconds: float) -> None:
        """Turn the clock on by `seconds` (turned clocks only): everything due on the way happens in order."""
        self._run_to(self._now + seconds)
        self._wake()

    @contextlib.contextmanager
    def user(self, waiter: Waiter) -> Iterator[Waiter]:
        """Have `waiter` use the clock while the body runs."""
        self._waiters.add(waiter)
        self._changed.set()
        try:
            yield waiter
        finally:
            self._waiters.discard(waiter)
            self._changed.set()

    async def sleep(self, seconds: float, waiter: Waiter) -> None:
        """Wait until `seconds` have passed on this clock."""
        self.catch_up()
        if seconds <= 0:
            return
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._alarms, (self.now() + seconds, next(self._count), alarm))
        self._changed.set()
        with waiter.waiting():
            await alarm
        self.catch_up()

    async def limit(self, work: Coroutine[Any, Any, T], seconds: float, waiter: Waiter) -> T:
        """Await `work` for at most `seconds` of this clock; then end it and raise `TimeoutError`."""
        task = asyncio.ensure_future(work)
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._alarms, (self.now() + seconds, next(self._count), alarm))
        self._changed.set()
        try:
            # On a turned clock work that never waits would go on for ever: it gets a limit of real time as well.
            guard = _BUSY if self.turned else None
            await asyncio.wait([task, alarm], timeout=guard, return_when=asyncio.FIRST_COMPLETED)  # type: ignore[type-var]
        finally:
            done = task.done()
            alarm.cancel()
            if not done:
                task.cancel()
                with waiter.waiting(), contextlib.suppress(asyncio.CancelledError, Exception):
                    await asyncio.wait({task}, timeout=1)
        if not done:
            raise TimeoutError
        return task.result()

    async def _drive(self) -> None:
        while True:
            self._changed.clear()
            if self.held:
                await self._changed.wait()
            elif self.turned:
                await self._turn()
            else:
                await self._follow()

    async def _follow(self) -> None:
        self._wake()
        due = self._timeline.next_due() if self._timeline else float("inf")
        due = min(due, self._next_alarm())
        wait = min(max(due - self.now(), 0.0), 60.0)
        if wait:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), wait)
        self.catch_up()
        self._changed.clear()

    async def _turn(self) -> None:
        held, self._held = self._held, None
        if not self._all_wait():
            await self._changed.wait()
            return
        await asyncio.sleep(QUIET)
        if self._changed.is_set() or not self._all_wait():
            return
        if threads.busy():
            held = held or time.monotonic()
            if time.monotonic() < held + _HELD:
                self._held = held
                return
        # A thread that had something to say and is idle by now has handed it over to the loop.
        for _ in range(_HANDOVER):
            await asyncio.sleep(0)
        if self._changed.is_set() or not self._all_wait():
            return
        until = self._next_alarm()
        while self._timeline is not None and (due := self._timeline.next_due()) <= until:
            self._now = max(self._now, due)
            self._timeline.run_due(self._now)
            # What was just started may have something to do before time goes on.
            await asyncio.sleep(0)
            if not self._all_wait():
                return
            until = self._next_alarm()
        self._now = max(self._now, until)
        self._wake()
        await asyncio.sleep(0)

    def _all_wait(self) -> bool:
        users = [waiter for waiter in self._waiters if waiter.foreground]
        busy = any(not waiter.asleep for waiter in self._waiters)
        return bool(users) and not busy and self._next_alarm() < float("inf")

    def _next_alarm(self) -> float:
        while self._alarms and self._alarms[0][2].done():
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else float("inf")

    def _run_to(self, until: float) -> None:
        while self._timeline is not None and (due := self._timeline.next_due()) <= until:
            self._now = max(self._now, due)
            self._timeline.run_due(self._now)
        self._now = max(self._now, until)

    def _wake(self) -> None:
        now = self.now()
        while self._alarms and (self._alarms[0][2].done() or self._alarms[0][0] <= now):
            alarm = heapq.heappop(self._alarms)[2]
            if not alarm.done():
                alarm.set_result(None)
