"""Waiting for a cluster, in its own time."""

import time as wall
from collections.abc import Callable
from typing import Protocol, TypeVar

__all__ = ["WALL", "Time", "poll"]

T = TypeVar("T")


class Time(Protocol):
    """A cluster's time in s: the host's, or a simulated cluster's, where waiting costs nothing."""

    def now(self) -> float:
        """Return the seconds since an arbitrary moment."""

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""


class _Wall:
    """The host's time."""

    def now(self) -> float:
        """Return the seconds since an arbitrary moment."""
        return wall.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""
        wall.sleep(seconds)


WALL: Time = _Wall()


def poll(ask: Callable[[], T | None], *, timeout: float, every: float = 0.3, time: Time = WALL) -> T | None:
    """Call `ask` until it returns a true value, for about `timeout` s of `time`.

    Return that value, or None at the end.
    """
    deadline = time.now() + timeout
    while True:
        answer = ask()
        if answer:
            return answer
        if time.now() >= deadline:
            return None
        time.sleep(every)
