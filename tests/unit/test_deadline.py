"""The time limit of an exam for commands on a node."""

import contextlib
import signal
from collections.abc import Iterator
from typing import NoReturn

import pytest

from lab.commands import deadline
from lab.commands.deadline import TimeOverError, until_due
from lab.errors import LabError


def wait() -> NoReturn:
    """Wait until a signal's handler raises an error."""
    while True:
        signal.pause()


class Attempt:
    """What the limit asks of a session."""

    bound = True

    def __init__(self, *, over: bool) -> None:
        self._over = over

    def due(self, _at: object) -> bool:
        """Whether its time is over."""
        return self._over


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look often, and give this test's own timer back."""
    monkeypatch.setattr(deadline, "_EVERY", 0.01)
    monkeypatch.setattr(deadline, "_AGAIN", 0.02)
    before, handler = signal.getitimer(signal.ITIMER_REAL), signal.getsignal(signal.SIGALRM)
    yield
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, *before)


def test_a_body_that_takes_the_error_for_another_ends_all_the_same() -> None:
    taken: list[str] = []

    def body() -> None:
        with contextlib.suppress(LabError):
            wait()
        taken.append("the first")
        wait()

    with pytest.raises(TimeOverError), until_due(Attempt(over=True)):  # type: ignore[arg-type]
        body()
    assert taken == ["the first"]


def test_a_timer_of_the_caller_goes_on() -> None:
    heard: list[int] = []
    signal.signal(signal.SIGALRM, lambda number, _: heard.append(number))
    signal.setitimer(signal.ITIMER_REAL, 500)

    with until_due(Attempt(over=False)):  # type: ignore[arg-type]
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= 0.01

    left, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 400 < left <= 500
    signal.raise_signal(signal.SIGALRM)
    assert heard == [signal.SIGALRM]


def test_without_a_timer_there_is_none_afterwards() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)

    with pytest.raises(TimeOverError), until_due(Attempt(over=True)):  # type: ignore[arg-type]
        wait()

    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
