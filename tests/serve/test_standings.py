"""The public ranking: live, frozen near the end, and then revealed by the instructor."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.serve.event.folder import EventFolder, EventState
from lab.serve.server import board
from lab.serve.server.acts import act
from lab.serve.server.child import Child
from lab.serve.server.hall import Hall
from tests.serve.doors import event_in

START = datetime(2026, 5, 4, 10, tzinfo=UTC)
END = START + timedelta(minutes=30)
ONE, TWO = "seat-001", "seat-002"


class Event:
    """An event whose time and results a test sets."""

    def __init__(self, folder: EventFolder) -> None:
        self.now = START
        self.folder = folder
        self.hall = self.served(folder.create_state())
        self.hall.state.started = START

    def served(self, state: EventState) -> Hall:
        return Hall(self.folder, state, [Child(self.folder.home, 0.3)], clock=lambda: self.now)

    def gain(self, seat: str, points: float, minutes: float, phase: str = "playing") -> None:
        self.now = START + timedelta(minutes=minutes)
        status = {"phase": phase, "points": points, "symptoms": {"silence": points > 10, "distance": False}}
        self.hall.places[seat].stands(status, 60 * minutes)

    def tick(self, minutes: float) -> bool:
        self.now = START + timedelta(minutes=minutes)
        return self.hall.standings.tick(self.now, self.hall.time.deadline)

    def room(self) -> tuple[list[float | None], dict[int, int]]:
        """Return the seats' points in the public ranking, and their places by number."""
        shown = board.for_projector(self.hall)
        return [seat["points"] for seat in shown["seats"]], {
            each["number"]: each["place"] for each in shown["ranking"]
        }


def begun(path: Path, more: str) -> Iterator[Event]:
    event = Event(event_in(path, f"schema: 1\ntitle: Friday\nseats: 2\nminutes: 30\n{more}"))
    yield event
    for place in event.hall.places.values():
        place.record.close()


@pytest.fixture
def event(tmp_path: Path) -> Iterator[Event]:
    yield from begun(tmp_path / "friday", "board: {freeze: 10}\n")


@pytest.fixture
def hidden(tmp_path: Path) -> Iterator[Event]:
    yield from begun(tmp_path / "friday", "board: {points: false}\n")


def test_the_room_sees_the_ranking_of_ten_minutes_before_the_end_until_it_is_revealed(event: Event) -> None:
    event.gain(ONE, 20, 5)
    event.gain(TWO, 20, 8)
    assert not event.tick(19)
    assert event.room() == ([20, 20], {1: 1, 2: 2})
    assert event.tick(20)
    assert not event.tick(21)
    event.gain(TWO, 60, 25)
    assert event.room() == ([20, 20], {1: 1, 2: 2})
    assert board.for_instructor(event.hall)["seats"][1]["points"] == 60
    with pytest.raises(LabError, match="not over"):
        act(event.hall, {"do": "reveal"}, "Ada")
    event.tick(30)
    event.gain(ONE, 20, 30, phase="over")
    with pytest.raises(LabError, match="1 seats are still being submitted"):
        act(event.hall, {"do": "reveal"}, "Ada")
    event.gain(TWO, 60, 31, phase="over")
    assert event.room() == ([20, 20], {1: 1, 2: 2})
    event.hall.standings.reveal(event.now, event.hall.time.deadline)
    assert event.room() == ([20, 60], {2: 1, 1: 2})
    assert event.folder.load_state().revealed == event.now


def test_without_minutes_it_is_frozen_at_the_end_and_when_the_event_is_stopped(hidden: Event) -> None:
    hidden.gain(ONE, 20, 5)
    assert hidden.room() == ([None, None], {})
    assert not hidden.tick(29)
    hidden.hall.state.stopped = hidden.now
    assert hidden.tick(29.5)
    for seat in (ONE, TWO):
        hidden.gain(seat, 40, 29.6, phase="over")
    assert hidden.room() == ([None, None], {})
    hidden.hall.standings.reveal(hidden.now, hidden.hall.time.deadline)
    assert hidden.room()[0] == [40, 40]


def test_a_pause_freezes_nothing_and_moves_the_end(event: Event) -> None:
    from lab.serve.event.folder import Pause  # noqa: PLC0415

    event.gain(ONE, 20, 5)
    pause = Pause(began=START + timedelta(minutes=6))
    event.hall.state.pauses.append(pause)
    assert not event.tick(40)
    pause.ended = START + timedelta(minutes=46)
    assert not event.tick(59)
    assert event.tick(60)


def test_the_freeze_outlives_the_server(event: Event) -> None:
    event.gain(ONE, 20, 5)
    event.tick(20)
    event.hall.save()
    event.gain(ONE, 50, 25)
    for place in event.hall.places.values():
        place.record.close()
    event.hall = event.served(event.folder.load_state())
    event.gain(ONE, 50, 26)
    assert event.room()[0] == [20, None]


def test_an_event_that_has_not_begun_freezes_nothing(event: Event) -> None:
    event.hall.state.started = None
    assert not event.tick(300)


def test_what_the_submission_brings_was_gained_when_it_began(event: Event) -> None:
    """Submissions wait for their turn. A late turn must not cost a place."""
    event.gain(ONE, 20, 5)
    event.now = END + timedelta(minutes=4)
    final = {"final": {"attempt": 30.0}, "ended": (START + timedelta(minutes=29)).isoformat(), "phase": "over"}
    event.hall.places[ONE].stands(final, 1800.0)
    assert event.hall.places[ONE].result.points == 30
    assert event.hall.places[ONE].result.gained == 29 * 60


def test_points_that_come_back_with_a_worker_are_no_new_gain(event: Event) -> None:
    event.gain(ONE, 20, 5)
    event.hall.places[ONE].stands({"phase": "making"}, 600.0)
    event.gain(ONE, 20, 12)
    assert event.hall.places[ONE].result.gained == 300.0
    event.gain(ONE, 10, 13)
    event.gain(ONE, 20, 14)
    assert event.hall.places[ONE].result.gained == 840.0
