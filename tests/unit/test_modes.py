"""The permissions of each mode: the whole table, and the session's use of it."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from lab.core.modes import CLOSED_BY_AN_EXAM, Act, Mode, Phase, binding, refusal
from lab.core.session import Ending, Session, State
from lab.errors import ExitCode, LabError

#: One row for each act; three columns for each mode: before, during and after the attempt; x is refused.
TABLE = """
              training  game-day  exam  rehearsal
begin           . . .     . . .   . . .   . . .
begin-again     . . .     . . .   . x .   . . .
enter           . . .     . . .   x . .   . . .
connect         . . .     . . .   x x .   . . .
see-states      . . .     . . .   x x .   . . .
see-findings    . . .     . . .   x x .   . . .
see-all         x x .     x x .   x x .   . . .
see-the-seed    . . .     . . .   x x .   . . .
see-steps       . . .     x x .   x x .   . . .
take-a-hint     . . .     . . .   x x .   . . .
solve           . . .     . . .   x x .   . . .
pause           . . .     . x .   . x .   . . .
"""
NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
BEFORE = (State.CREATING, State.HEALTHY, State.INJECTING, State.RESETTING, State.DELETING)


def a_session(mode: Mode, state: State = State.BROKEN) -> Session:
    return Session(name="lab1", scenario="/s", backend="sim", mode=mode, state=state, created=NOW)


def test_the_table() -> None:
    head, *rows = TABLE.strip().splitlines()
    columns = [(Mode(mode), phase) for mode in head.split() for phase in Phase]
    wanted = {
        (mode, phase, Act(act.replace("-", " "))): cell == "x"
        for act, *cells in (row.split() for row in rows)
        for (mode, phase), cell in zip(columns, cells, strict=True)
    }
    found = {(mode, phase, act): bool(refusal(mode, phase, act)) for mode, phase, act in product(Mode, Phase, Act)}
    assert found == wanted


def test_a_refusal_is_a_sentence() -> None:
    reasons = {refusal(mode, phase, act) for mode, phase, act in product(Mode, Phase, Act)} - {""}
    assert [reason for reason in reasons if not (reason[0].isupper() and reason.endswith("."))] == []


def test_nothing_of_an_exam_is_kept_from_those_who_are_through() -> None:
    assert all(not refusal(mode, Phase.OVER, act) for mode, act in product(Mode, Act))


def test_only_an_exam_must_end_in_a_result() -> None:
    assert [mode for mode in Mode if binding(mode)] == [Mode.EXAM]


def test_what_an_exam_refuses_it_closes_elsewhere_too() -> None:
    refused = {act for act in Act if refusal(Mode.EXAM, Phase.RUNNING, act)} - {Act.PAUSE, Act.CONNECT}
    assert refused | {Act.BEGIN} == CLOSED_BY_AN_EXAM


@pytest.mark.parametrize("state", list(State))
def test_each_state_belongs_to_a_phase(state: State) -> None:
    session = a_session(Mode.EXAM, state)
    assert (session.phase is Phase.BEFORE) == (state in BEFORE)
    assert session.over == (state in {State.SOLVED, State.GIVEN_UP})


def test_a_refusal_is_an_error_with_what_to_do_next() -> None:
    with pytest.raises(LabError, match="no hints in an exam") as caught:
        a_session(Mode.EXAM).require(Act.TAKE_HINT)
    assert caught.value.exit_code is ExitCode.REFUSED
    assert "kluster submit" in caught.value.remedy
    assert "kluster check" not in caught.value.remedy
    a_session(Mode.TRAINING).require(Act.TAKE_HINT)


@pytest.mark.parametrize("mode", list(Mode))
def test_an_attempt_is_due_at_its_deadline_if_it_has_one(mode: Mode) -> None:
    session = a_session(mode, State.INJECTING)
    session.begin_attempt(["left"], NOW, minutes=90)
    session.enter(State.BROKEN)
    assert session.deadline == (NOW + timedelta(minutes=90) if mode is Mode.EXAM else None)
    assert not session.due(NOW + timedelta(minutes=89, seconds=59))
    assert session.due(NOW + timedelta(minutes=90)) == (mode is Mode.EXAM)
    assert session.bound == (mode is Mode.EXAM)


def test_the_clock_of_an_exam_stops_at_its_deadline() -> None:
    session = a_session(Mode.EXAM, State.INJECTING)
    session.begin_attempt(["left"], NOW, minutes=90)
    session.enter(State.BROKEN)
    late = NOW + timedelta(days=1)
    session.end(State.GIVEN_UP, Ending.TIME_OVER, late)
    assert session.ended == NOW + timedelta(minutes=90)
    assert session.ending is Ending.TIME_OVER
    assert not session.due(late)
    assert not session.bound


def test_a_session_of_an_older_lab_has_no_deadline() -> None:
    old = a_session(Mode.EXAM).model_dump(exclude={"deadline", "ending"})
    assert not Session.model_validate(old).due(NOW + timedelta(days=1))
