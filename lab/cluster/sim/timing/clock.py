"""Time: a clock that follows the host's, or a turned one that advances when somebody waits for it."""

import asyncio
import contextlib
import heapq
import itertools
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from lab.cluster.sim.state.declared import Opaque
from lab.cluster.sim.timing.chance import Chance
from lab.cluster.sim.timing.counting import Count, Pause

__all__ = ["Alarm", "Clock", "Timeline"]

#: The seed for turned clocks.
_SEED = 5

#: Whether clocks stop while no process runs their cluster, and while the machine is suspended.
_stands_between = False


def stand_between() -> None:
    """Stop the clocks of this process while no process runs their cluster, and while the machine is suspended."""
    global _stands_between  # noqa: PLW0603 -- said once, when a process of seats begins
    _stands_between = True


def _elapsed() -> float:
    if sys.platform != "linux" or _stands_between:
        return time.monotonic()
    # A suspended machine ages.
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Timeline(Protocol):
    """The clock's model, which knows when it next has something to do."""

    def next_due(self) -> float:
        """Return the time of the next thing to do (infinity if there is none)."""

    def run_due(self, now: float) -> None:
        """Do everything that is due at `now`."""


class Alarm:
    """A callback at a time."""

    def __init__(self, then: Callable[[], object]) -> None:
        self.then: Callable[[], object] | None = then

    def cancel(self) -> None:
        """Cancel the callback."""
        self.then = None


class Clock(Opaque):
    """Epoch seconds, either real ones or turned ones (`turned=True`: waiting costs nothing).

    Real time starts at the host's time of day and then follows the elapsed time, so setting the host's clock
    changes nothing.

    A turned clock advances under three conditions: nothing in the cluster can act (`count` is zero), somebody
    outside waits for the cluster (`user`), and there is an alarm. It depends on nothing else.
    """

    def __init__(self, *, turned: bool = False, start: float | None = None, in_turns: bool | None = None) -> None:
        self.turned = turned
        #: Whether threads that use the cluster side by side take turns; by default, if the clock is turned.
        self.in_turns = turned if in_turns is None else in_turns
        self._now = time.time() if start is None else start
        self._offset = self._now - _elapsed()
        self._alarms: list[tuple[float, int, Alarm]] = []
        self._numbers = itertools.count()
        #: The world's one random generator. On a turned clock, a run is a function of its inputs.
        self.chance = Chance(_SEED if turned else None)
        #: The counter of everything that can still act.
        self.count = Count()
        self.count.at_zero = self._come_to_rest
        self._users = 0
        self._timeline: Timeline | None = None
        self._changed = asyncio.Event()
        self._driver: asyncio.Task[None] | None = None
        #: The time at which the clock is held, and how far it is behind the host's clock.
        self._stands: float | None = None
        self._behind = 0.0
        self._released = asyncio.Event()
        self._released.set()

    def now(self) -> float:
        """Return the time, in seconds since the epoch."""
        if self._stands is not None:
            return self._stands
        return self._now if self.turned else _elapsed() + self._offset

    @property
    def held(self) -> bool:
        """Whether the clock is stopped until `release`."""
        return self._stands is not None

    def hold(self) -> None:
        """Stop the clock; called on the loop. Repeated calls change nothing."""
        if self._stands is None:
            self.catch_up()
            self._stands = self.now()
            self._released.clear()
            self._changed.set()

    def release(self) -> None:
        """Start the clock again; called on the loop. Repeated calls change nothing."""
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
        """Wait while the clock is held; programs await this before each step with an effect."""
        await self._released.wait()

    @property
    def used(self) -> bool:
        """Whether the clock is in use: by somebody outside, or by a process of the cluster."""
        return bool(self._users or self.count.tasks)

    @property
    def waited_for(self) -> bool:
        """Whether somebody outside the cluster waits for it now."""
        return bool(self._users)

    def rewind(self, seconds: float) -> None:
        """Go back by `seconds` and be turned from now on, so that the cluster can live through this time first."""
        self._now, self.turned = self.now() - seconds, True

    def turn(self) -> None:
        """Become a turned clock."""
        self._now, self.turned = self.now(), True
        self._changed.set()

    def let_go(self) -> None:
        """Follow real time from now on, starting at the present time."""
        self._offset, self.turned = self._now - _elapsed(), False
        self._changed.set()

    def state(self) -> dict[str, float | bool]:
        """Return the time, whether the clock is held, and how far it is behind the host's."""
        return {"now": self.now(), "held": self.held, "behind": self._behind}

    def restore(self, data: Any) -> None:  # noqa: ANN401 -- data of the codec
        """Restore the time in `data`. Real time continues from now, unless the cluster is already past it.

        A held clock keeps its time.
        """
        if isinstance(data, int | float):
            # Files from before clocks could be held.
            data = {"now": data, "held": False, "behind": 0.0}
        now = float(data["now"])
        self._behind = float(data["behind"])
        if self.turned:
            self._now = now
        elif _stands_between:
            self._offset, self._behind = now - _elapsed(), max(0.0, time.time() - now)
        else:
            self._offset = max(self._offset - self._behind, now - _elapsed())
        if data["held"]:
            self._stands = now
            self._released.clear()

    def attach(self, timeline: Timeline) -> None:
        """Drive `timeline` from now on."""
        self._timeline = timeline

    def start(self) -> None:
        """Start the clock; called on the loop."""
        if self._driver is None or self._driver.done():
            self._driver = asyncio.get_running_loop().create_task(self._drive())

    def stop(self) -> None:
        """Stop for good, and release the model: its nodes' files hold descriptors."""
        self._timeline = None
        if self._driver is not None:
            self._driver.cancel()
            self._driver = None

    def catch_up(self) -> None:
        """Run everything that is due; afterwards the model is up to date."""
        if self._timeline is not None:
            now = self.now()
            while (due := self._timeline.next_due()) <= now:
                self._timeline.run_due(now if self.turned else max(due, now - 900))
        self._changed.set()

    def advance(self, seconds: float) -> None:
        """Advance a turned clock by `seconds`: everything due on the way happens in order."""
        self._run_to(self._now + seconds)
        self._wake()

    @contextlib.contextmanager
    def user(self) -> Iterator[None]:
        """While the body runs, which is counted, somebody outside waits: a turned clock advances.

        The body may wait by `sleep`, and by a `Pause` of this clock's `count`.
        """
        self._users += 1
        self.count.add()
        self.look()
        try:
            yield
        finally:
            self._users -= 1
            self.count.remove()
            self.look()

    @contextlib.contextmanager
    def wanted(self) -> Iterator[None]:
        """While the body runs, which is already counted, a turned clock advances as for a user."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1

    def look(self) -> None:
        """Check whether something is due, since due times may have changed."""
        self._changed.set()

    def call_at(self, when: float, then: Callable[[], object]) -> Alarm:
        """Call `then` at the time `when`."""
        alarm = Alarm(then)
        heapq.heappush(self._alarms, (when, next(self._numbers), alarm))
        self.look()
        return alarm

    async def sleep(self, seconds: float) -> None:
        """Wait until `seconds` have passed on this clock; only counted callers may wait (a `user`)."""
        self.catch_up()
        if seconds <= 0:
            return
        pause = Pause(self.count)
        alarm = self.call_at(self.now() + seconds, pause.end)
        try:
            await pause
        finally:
            alarm.cancel()
        self.catch_up()

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
        until = self._next_alarm()
        if self.count.busy or not self._users or until == float("inf"):
            await self._changed.wait()
            return
        due = self._timeline.next_due() if self._timeline is not None else float("inf")
        if self._timeline is not None and due <= until:
            self._now = max(self._now, due)
            self._timeline.run_due(self._now)
        else:
            self._now = max(self._now, until)
            self._wake()
        # A caller outside that gives up is noticed.
        await asyncio.sleep(0)

    def _come_to_rest(self) -> None:
        if self.turned:
            self._changed.set()

    def _next_alarm(self) -> float:
        while self._alarms and self._alarms[0][2].then is None:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else float("inf")

    def _run_to(self, until: float) -> None:
        while self._timeline is not None and (due := self._timeline.next_due()) <= until:
            self._now = max(self._now, due)
            self._timeline.run_due(self._now)
        self._now = max(self._now, until)

    def _wake(self) -> None:
        now = self.now()
        while self._alarms and (self._alarms[0][2].then is None or self._alarms[0][0] <= now):
            then = heapq.heappop(self._alarms)[2].then
            if then is not None:
                then()
