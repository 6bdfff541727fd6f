"""The clock of an event: start, pauses, sleep, stop."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lab.errors import UsageProblem
from lab.serve.event.folder import EventState
from lab.serve.server.timekeeper import Timekeeper

START = datetime(2026, 5, 4, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Event:
    """An event of an hour, at a time that is set by hand."""

    def __init__(self, *, starts: datetime | None = None, **state: datetime) -> None:
        self.now = START
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.state = EventState(code="HOST", seats={}, **state)
        self.time = Timekeeper(self.state, 60, starts, lambda: self.now, lambda *told: self.told.append(told))

    def tick(self, minutes: float) -> None:
        self.now = at(minutes)
        self.time.tick()


def test_a_pause_moves_the_deadline_and_has_none() -> None:
    event = Event()
    event.time.start()
    event.now = at(10)
    event.time.pause("coffee")
    assert event.time.elapsed() == timedelta(minutes=10)
    deadlines = [event.time.deadline]
    event.now = at(25)
    event.time.resume()
    assert [*deadlines, event.time.deadline] == [None, at(75)]
    assert event.told == [("started", {}), ("paused", {"why": "coffee"}), ("resumed", {})]


def test_what_can_not_be_is_refused() -> None:
    event = Event()
    for refused in (event.time.pause, event.time.resume):
        with pytest.raises(UsageProblem):
            refused()
    event.time.stop()
    assert not event.told
    event.time.start()
    event.time.start()
    event.time.pause()
    with pytest.raises(UsageProblem):
        event.time.pause()
    assert [kind for kind, _ in event.told] == ["started", "paused"]


def test_a_stop_ends_a_pause_and_is_the_deadline() -> None:
    event = Event()
    event.time.start()
    event.time.pause()
    event.now = at(30)
    event.time.stop()
    assert [kind for kind, _ in event.told] == ["started", "paused", "resumed", "stopped"]
    assert (event.time.deadline, event.time.running) == (at(30), False)


def test_a_machine_that_was_asleep_has_a_pause() -> None:
    event = Event()
    event.time.start()
    for minutes in (0.1, 0.2, 80.0):
        event.tick(minutes)
    assert event.told[-1] == ("resumed", {"why": "the machine was asleep", "seconds": 4788.0})
    assert event.time.elapsed() == timedelta(minutes=0.2)
    assert event.time.deadline == at(60 + 79.8)
    event.time.pause()
    told = list(event.told)
    event.tick(300)
    assert event.told == told


def test_a_time_without_a_server_is_a_pause_of_an_event_that_runs() -> None:
    event = Event(started=at(-30), alive=at(-20))
    event.time.catch_up()
    assert event.told == [("resumed", {"why": "the server was not running", "seconds": 1200.0})]
    assert event.time.elapsed() == timedelta(minutes=10)
    event.time.catch_up()
    assert len(event.told) == 1
    for other in (Event(alive=at(-20)), Event(started=at(-30), stopped=at(-25), alive=at(-20))):
        other.time.catch_up()
        assert not other.told


def test_an_event_starts_by_itself_once() -> None:
    event = Event(starts=at(5))
    event.tick(4.9)
    assert not event.told
    event.tick(5)
    event.tick(5.1)
    assert [kind for kind, _ in event.told] == ["started"]
    assert event.time.deadline == at(65)
