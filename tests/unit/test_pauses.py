"""The arithmetic of pauses: the attempt's clock, and the length of pauses."""

from datetime import UTC, datetime, timedelta

import pytest

from lab.core.pauses import Pause, paused, played
from lab.core.session import Mode, Session, State, WrongStateError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.mark.parametrize(
    ("now", "stood", "shown"),
    [(5, 0, 5), (10, 0, 10), (12, 2, 10), (15, 5, 10), (20, 5, 15), (33, 8, 25), (90, 65, 25)],
)
def test_a_clock_without_its_pauses(now: float, stood: float, shown: float) -> None:
    pauses = [Pause(since=at(10), until=at(15)), Pause(since=at(30))]
    assert paused(pauses, at(now)) == minutes(stood)
    assert played(NOON, pauses, at(now)) == minutes(shown)


def test_a_host_clock_that_was_set_back_takes_nothing_away() -> None:
    pauses = [Pause(since=at(10), until=at(15))]
    assert paused(pauses, at(-5)) == minutes(0)
    assert played(NOON, pauses, at(-5)) == minutes(0)


@pytest.fixture
def session() -> Session:
    found = Session(
        name="lab1", scenario="/s", backend="sim", mode=Mode.TRAINING, state=State.INJECTING, created=NOON
    )
    found.begin_attempt(["left"], NOON, minutes=40)
    found.enter(State.BROKEN)
    return found


def test_a_session_counts_what_was_played(session: Session) -> None:
    session.pause(at(10))
    assert session.state is State.PAUSED
    assert session.resume(at(25)) == minutes(15)
    session.pause(at(30))
    session.resume(at(31))
    session.end(State.SOLVED, "submitted", at(40))  # type: ignore[arg-type]
    assert session.played(at(99)) == minutes(24)
    assert session.paused(at(99)) == minutes(16)


def test_a_pause_survives_its_file(session: Session) -> None:
    session.pause(at(10))
    loaded = Session.model_validate_json(session.model_dump_json())
    assert loaded.state is State.PAUSED
    assert loaded.played(at(500)) == minutes(10)
    assert loaded.resume(at(500)) == minutes(490)


def test_the_next_attempt_begins_with_no_pause(session: Session) -> None:
    session.pause(at(10))
    session.enter(State.RESETTING)
    session.begin_attempt(["left"], at(60), minutes=40)
    assert (session.pauses, session.played(at(70))) == ([], minutes(10))


def test_a_paused_lab_is_neither_paused_again_nor_submitted(session: Session) -> None:
    session.pause(at(10))
    with pytest.raises(WrongStateError, match="paused"):
        session.pause(at(11))
    with pytest.raises(WrongStateError, match="Can't submit: lab lab1 is paused") as caught:
        session.need([State.BROKEN], "submit")
    assert "kluster resume" in caught.value.remedy
