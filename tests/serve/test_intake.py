"""Numbered input: each piece is typed once, in order, whatever happens to the line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.serve.seats.intake import GapError, Intake


def test_pieces_are_taken_once_and_in_order() -> None:
    intake = Intake()
    assert intake.begin("a", 1) == 0
    assert intake.take(1)
    assert intake.take(2)
    assert not intake.take(1)
    assert not intake.take(2)
    with pytest.raises(GapError):
        intake.take(4)
    assert intake.take(3)


def test_a_page_that_comes_back_hears_what_was_taken() -> None:
    intake = Intake()
    intake.begin("a", 1)
    intake.take(1)
    intake.take(2)
    assert intake.begin("a", 2) == 2
    assert not intake.take(2)
    assert intake.take(3)


def test_another_page_begins_anew() -> None:
    intake = Intake()
    intake.begin("a", 1)
    intake.take(1)
    assert intake.begin("b", 1) == 0
    assert intake.take(1)


def test_a_page_that_meets_a_new_worker_goes_on_from_its_first_piece_that_was_not_taken() -> None:
    intake = Intake()
    assert intake.begin("a", 7) == 6
    assert intake.take(7)


@given(st.data())
def test_none_is_lost_or_doubled_over_lines_that_break(data: st.DataObject) -> None:
    """A page sends its pieces over lines that break anywhere, and sends again what was not acknowledged."""
    intake, typed = Intake(), list[int]()
    count = data.draw(st.integers(1, 30))
    waiting, number = list(range(1, count + 1)), 0
    while waiting:
        taken = intake.begin("a", waiting[0])
        waiting = [each for each in waiting if each > taken]
        for number in waiting[: data.draw(st.integers(0, len(waiting)))]:
            typed += [number] if intake.take(number) else []
        heard = data.draw(st.integers(0, intake.taken))
        waiting = [each for each in waiting if each > heard]
    assert typed == list(range(1, count + 1))
