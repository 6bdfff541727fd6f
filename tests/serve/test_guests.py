"""Codes and secrets: a wrong or old code does not work, and guesses are limited in all."""

import pytest

from lab.serve.event.codes import new_code, normal
from lab.serve.event.folder import EventState, SeatState
from lab.serve.server.guests import INSTRUCTOR, Guests, TooManyError


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def guests(time: Time) -> Guests:
    seats = {"seat-001": SeatState(number=1, code="BCDF-2345"), "seat-002": SeatState(number=2, code="GHJK-2345")}
    return Guests(EventState(code="WXZB-6789", seats=seats), lambda: None, time)


@pytest.mark.parametrize("typed", ["BCDF-2345", "bcdf2345", " bcdf 2345 ", "b-c-d-f-2-3-4-5"])
def test_a_code_is_taken_however_it_is_typed(guests: Guests, typed: str) -> None:
    joined = guests.join(typed)
    assert joined
    secret, name = joined
    assert name == "seat-001"
    assert guests.who(secret) == "seat-001"


@pytest.mark.parametrize("typed", ["", "BCDF-2346", "BCDF", "BCDF-23455", "é", "x" * 10_000, "\x1b[2J", "'; --"])
def test_a_wrong_code_opens_nothing(guests: Guests, typed: str) -> None:
    assert guests.join(typed) is None


def test_the_instructors_code_is_the_instructors(guests: Guests) -> None:
    joined = guests.join("WXZB-6789")
    assert joined
    assert guests.who(joined[0]) == INSTRUCTOR


@pytest.mark.parametrize("secret", ["", "x", "a" * 43, "a" * 5000])
def test_a_forged_secret_is_nobodys(guests: Guests, secret: str) -> None:
    assert guests.who(secret) is None


def test_a_new_code_makes_old_code_and_old_secrets_worthless(guests: Guests) -> None:
    joined = guests.join("BCDF-2345")
    assert joined
    code = guests.reissue("seat-001")
    assert guests.who(joined[0]) is None
    assert guests.join("BCDF-2345") is None
    assert guests.join(code)


def test_guesses_are_limited_for_a_minute(guests: Guests, time: Time) -> None:
    for _ in range(60):
        assert guests.join("QQQQ-2222") is None
    with pytest.raises(TooManyError):
        guests.join("BCDF-2345")
    time.now += 61
    assert guests.join("BCDF-2345")


def test_right_codes_are_not_limited(guests: Guests) -> None:
    assert all(guests.join("BCDF-2345") for _ in range(200))


def test_a_seat_remembers_few_browsers(guests: Guests) -> None:
    first = guests.join("BCDF-2345")
    assert first
    for _ in range(8):
        guests.join("BCDF-2345")
    assert guests.who(first[0]) is None


def test_codes_can_be_read_aloud() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert not set("".join(codes)) & set("AEIOU01")
    assert all(normal(code.lower().replace("-", " ")) == code for code in codes)
