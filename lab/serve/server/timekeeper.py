"""The clock of an event: when it runs, when it is over, and the times that do not count."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pydantic import JsonValue

from lab.errors import UsageProblem
from lab.serve.event.folder import EventState, Pause

__all__ = ["Timekeeper"]

#: A longer jump of the clock means that the machine was asleep.
_SLEPT = 10.0

#: Hears that the clock has changed: the kind of change and its data, as the attempts record it.
Changed = Callable[[str, dict[str, JsonValue]], None]


class Timekeeper:
    """Changes the times in `state`; `changed` is called after each change."""

    def __init__(
        self,
        state: EventState,
        minutes: int,
        starts_at: datetime | None,
        clock: Callable[[], datetime],
        changed: Changed,
    ) -> None:
        self._state = state
        self._minutes = minutes
        self._starts_at = starts_at
        self._clock = clock
        self._changed = changed
        self._last = clock()

    def now(self) -> datetime:
        """Return the time of the event's clock."""
        return self._clock()

    @property
    def running(self) -> bool:
        """Whether the clock was started and the event was not stopped."""
        return self._state.started is not None and self._state.stopped is None

    @property
    def deadline(self) -> datetime | None:
        """The deadline; None before the start and in a pause."""
        if self._state.stopped:
            return self._state.stopped
        if self._state.pause:
            return None
        return self._state.deadline(self._minutes, self._clock())

    def elapsed(self) -> timedelta:
        """Return the elapsed time of the event's clock."""
        return timedelta(seconds=self._state.lived(self._clock()))

    def catch_up(self) -> None:
        """Record the time without a server as a pause."""
        alive, at = self._state.alive, self._clock()
        self._state.alive = at
        if self.running and not self._state.pause and alive and at > alive:
            self._leave_out(alive, at, "the server was not running")

    def tick(self) -> datetime:
        """Notice that the machine was asleep, and start at the planned time; return the time."""
        at = self._clock()
        if (at - self._last).total_seconds() > _SLEPT and self.running and not self._state.pause:
            self._leave_out(self._last, at, "the machine was asleep")
        self._last = at
        if self._starts_at and self._state.started is None and at >= self._starts_at:
            self.start()
        return at

    def _leave_out(self, began: datetime, ended: datetime, why: str) -> None:
        self._state.pauses.append(Pause(began=began, ended=ended, why=why))
        self._changed("resumed", {"why": why, "seconds": round((ended - began).total_seconds(), 1)})

    def start(self) -> None:
        """Start the clock for all seats."""
        if self._state.started is None:
            self._state.started = self._clock()
            self._changed("started", {})

    def pause(self, why: str = "") -> None:
        """Stop the clock, and accept no keys."""
        if not self.running or self._state.pause:
            raise UsageProblem("The clock is not running.", remedy="Start the event, or resume it.")
        self._state.pauses.append(Pause(began=self._clock(), why=why))
        self._changed("paused", {"why": why})

    def resume(self) -> None:
        """Resume after a pause."""
        pause = self._state.pause
        if pause is None:
            raise UsageProblem("The event is not paused.")
        pause.ended = self._clock()
        self._changed("resumed", {})

    def stop(self) -> None:
        """End the event: all seats that did not submit are submitted, in turn."""
        if self._state.pause:
            self.resume()
        if self.running:
            self._state.stopped = self._clock()
            self._changed("stopped", {})
