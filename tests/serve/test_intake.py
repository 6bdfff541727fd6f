"""Numbered input: each piece is typed once, in order, even if the connection breaks."""

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


def test_a_reconnected_page_learns_which_pieces_were_taken() -> None:
    intake = Intake()
    intake.begin("a", 1)
    intake.take(1)
    intake.take(2)
    assert intake.begin("a", 2) == 2
    assert not intake.take(2)
    assert intake.take(3)


def test_another_page_starts_fresh() -> None:
    intake = Intake()
    intake.begin("a", 1)
    intake.take(1)
    assert intake.begin("b", 1) == 0
    assert intake.take(1)


def test_a_seat_that_goes_back_and_forth_between_pages_doubles_nothing() -> None:
    intake = Intake()
    intake.begin("a", 1)
    intake.take(1)
    intake.take(2)
    intake.begin("b", 1)
    intake.take(1)
    # It was not told that its pieces were taken.
    assert intake.begin("a", 1) == 2
    assert not intake.take(2)
    assert intake.take(3)
    assert intake.begin("b", 2) == 1


def test_the_last_pages_are_remembered() -> None:
    intake = Intake()
    for number in range(100):
        intake.begin(f"page {number}", 5)
    assert len(intake.known.pages) < 20
    assert intake.begin("page 99", 1) == 4
    assert intake.begin("page 0", 1) == 0


def test_a_page_resends_its_untaken_pieces_to_a_new_worker() -> None:
    intake = Intake()
    assert intake.begin("a", 7) == 6
    assert intake.take(7)


@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=20))
def test_none_is_lost_or_doubled_over_lines_that_break(count: int, lines: list[tuple[int, int]]) -> None:
    """A page sends its pieces over breaking connections, and resends unacknowledged ones.

    A connection breaks after some pieces; the page has received acknowledgements up to some number.
    """
    intake, typed = Intake(), list[int]()
    waiting = list(range(1, count + 1))
    for sent, heard in [*lines, (count, count)]:
        taken = intake.begin("a", waiting[0] if waiting else count + 1)
        waiting = [each for each in waiting if each > taken]
        typed += [number for number in waiting[:sent] if intake.take(number)]
        waiting = [each for each in waiting if each > min(heard, intake.taken)]
    assert typed == list(range(1, count + 1))
