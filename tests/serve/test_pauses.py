"""The clock of an event at a seat: the effects of a pause, which is not counted."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lab.chain import entries
from lab.core.modes import Mode
from lab.core.pauses import Pause
from lab.core.session import Session, State
from lab.places import scenarios_folder
from lab.serve.seats import seat as seats
from lab.serve.seats.desk import SeatDesk
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.looks import Looks
from lab.serve.seats.seat import Plan, Seat, Shared
from lab.serve.server.child import Child
from lab.serve.server.hall import Hall
from lab.tui.desk import Desk
from tests.serve.doors import event_in

START = datetime(2026, 5, 4, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Toy:
    """A lab that has only a clock."""

    def __init__(self) -> None:
        self.session = Session(
            name="seat-001", scenario="s", backend="sim", mode=Mode.GAME_DAY, created=at(-9), state=State.BROKEN
        )
        self.session.started = at(-5)
        self.store = self.cluster = self
        self.did: list[str] = []

    @contextmanager
    def update(self) -> Iterator[Session]:
        yield self.session

    def hold(self) -> bool:
        self.did.append("hold")
        return True

    def release(self) -> None:
        self.did.append("release")


@pytest.fixture
def toy() -> Toy:
    return Toy()


@pytest.fixture
def seat(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Seat]:
    notes = Notes()
    plan = Plan("seat-001", scenarios_folder() / "kluster005", Mode.GAME_DAY)
    made = Seat(plan, Shared(Looks(0.3), Jobs(), notes))
    monkeypatch.setattr(made, "_made", lambda: toy)
    yield made
    notes.close()


def paused(*minutes: float | None) -> list[Pause]:
    """Return pauses between minutes after the start."""
    times: list[Any] = [None if each is None else at(each) for each in minutes]
    return [
        Pause(since=since, until=until, cluster_stands=True)
        for since, until in zip(times[::2], times[1::2], strict=True)
    ]


async def settled(seat: Seat) -> None:
    """Wait until everything is written."""
    done = asyncio.Event()
    loop = asyncio.get_running_loop()
    seat._shared.notes.write(lambda: loop.call_soon_threadsafe(done.set))
    await done.wait()


async def until_said(seat: Seat, words: str) -> None:
    """Wait until the screens of a seat say so."""
    heard = asyncio.Event()
    seat._says.append(lambda said: heard.set() if words in said else None)
    await heard.wait()


def test_a_cluster_stands_until_the_start_and_in_pauses(seat: Seat, toy: Toy) -> None:
    async def play() -> None:
        making = asyncio.create_task(seat._made_ready())
        await until_said(seat, "is ready")
        assert toy.did == ["hold"]
        seat.start(START, at(60))
        await making
        assert toy.did == ["hold", "release"]
        assert (toy.session.started, toy.session.deadline, toy.session.pauses) == (START, at(60), [])
        assert not seat.paused

        seat.start(START, None, paused(10, None))
        assert seat.paused
        assert toy.session.deadline is None
        await settled(seat)
        assert toy.did[2:] == ["hold"]
        assert toy.session.played(at(20)) == timedelta(minutes=10)

        seat.start(START, at(75), paused(10, 25))
        await settled(seat)
        assert toy.did[3:] == ["release"]
        assert not seat.paused
        assert toy.session.deadline == at(75)
        assert toy.session.played(at(40)) == timedelta(minutes=25)
        assert toy.session.paused(at(40)) == timedelta(minutes=15)
        assert toy.session.state is State.BROKEN

    asyncio.run(play())


def test_a_cluster_stands_while_its_worker_has_no_server(
    seat: Seat, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    awake = [1000.0]
    monkeypatch.setattr(seat, "_clock", lambda: awake[0])
    monkeypatch.setattr(seats, "now", lambda: at(10))

    async def play() -> None:
        seat.part()  # nothing has begun that could stop
        assert not seat.paused
        seat.start(START, at(60))
        await seat._made_ready()
        seat.part()
        await settled(seat)
        assert toy.did[-1] == "hold"
        assert seat.paused
        awake[0] += 3600
        assert not seat.time_over
        seat.start(START, at(120), paused(10, 70))
        await settled(seat)
        assert toy.did[-1] == "release"
        assert not seat.paused
        assert not seat.time_over

    asyncio.run(play())


def test_a_seat_that_comes_back_in_a_pause_waits_for_its_end(seat: Seat, toy: Toy) -> None:
    async def play() -> None:
        seat.start(START, None, paused(10, None))
        making = asyncio.create_task(seat._made_ready())
        await until_said(seat, "is paused")
        assert not making.done()
        assert "release" not in toy.did
        seat.start(START, at(70), paused(10, 20))
        await making
        assert toy.did[-1] == "release"
        assert toy.session.deadline == at(70)

    asyncio.run(play())


def test_pauses_before_the_start_do_not_belong_to_the_attempt(seat: Seat, toy: Toy) -> None:
    async def play() -> None:
        seat.start(START, at(60), paused(-5, -1, 3, 4))
        await seat._made_ready()
        assert toy.session.pauses == paused(3, 4)

    asyncio.run(play())


def test_a_machine_that_wakes_up_after_the_deadline_submits_nothing(
    seat: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock jumps, and only a moment later the server reports that the time asleep was a pause."""
    awake, wall = [1000.0], [at(10)]
    monkeypatch.setattr(seat, "_clock", lambda: awake[0])
    monkeypatch.setattr(seats, "now", lambda: wall[0])
    seat.start(START, at(60))
    assert not seat.time_over
    wall[0] = at(90)  # asleep for 80 minutes
    assert not seat.time_over
    seat.start(START, at(140), paused(10, 90))
    assert not seat.time_over
    awake[0] += 50 * 60
    assert seat.time_over
    seat.start(START, None, paused(10, 90, 91, None))
    assert not seat.time_over
    seat.start(START, at(89), paused(10, 90))  # the instructor has stopped the event
    assert seat.time_over


@pytest.mark.parametrize("over", [True, False])
def test_a_desk_is_due_by_both_clocks(monkeypatch: pytest.MonkeyPatch, *, over: bool) -> None:
    monkeypatch.setattr(Desk, "due", property(lambda _: True))
    desk = SeatDesk.__new__(SeatDesk)
    desk._time_over = lambda: over
    assert desk.due == over


async def caught_up(hall: Hall) -> None:
    hall.time.catch_up()


def test_a_time_without_a_server_is_recorded_in_each_attempt(tmp_path: Path) -> None:
    folder = event_in(tmp_path / "friday")
    state = folder.create_state()
    state.started, state.alive = START, at(10)
    hall = Hall(folder, state, [Child(folder.home, 0.3)], clock=lambda: at(25))
    asyncio.run(caught_up(hall))
    for place in hall.places.values():
        place.record.close()
    assert hall.state.lived(at(30)) == 15 * 60
    for name in state.seats:
        [told] = entries(folder.attempt(name))
        assert (told["kind"], told["data"]) == ("resumed", {"why": "the server was not running", "seconds": 900.0})


def test_an_attempt_that_is_over_keeps_its_times(seat: Seat, toy: Toy) -> None:
    async def play() -> None:
        seat.start(START, at(60))
        await seat._made_ready()
        toy.session.state, toy.session.ended = State.SOLVED, at(30)
        did = list(toy.did)
        seat.start(START, None, paused(40, None))
        await settled(seat)
        assert (toy.did, toy.session.pauses, toy.session.deadline) == (did, [], at(60))

    asyncio.run(play())
