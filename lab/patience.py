"""Waiting for what a cluster will do in its own time."""

import time as wall
from collections.abc import Callable
from typing import Protocol, TypeVar

__all__ = ["WALL", "Time", "poll"]

T = TypeVar("T")


class Time(Protocol):
    """A cluster's time, in s: the host's, or that of a simulated cluster where waiting costs nothing."""

    def now(self) -> float:
        """Return seconds since some moment."""

    def sleep(self, seconds: float) -> None:
        """Wait until `seconds` have passed."""


class _Wall:
    """The host's time."""

    def now(self) -> float:
        """Return seconds since some moment."""
        return wall.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait until `seconds` have passed."""
        wall.sleep(seconds)


WALL: Time = _Wall()


def poll(ask: Callable[[], T | None], *, timeout: float, every: float = 0.3, time: Time = WALL) -> T | None:
    """Call `ask` until it returns something true, at most about `timeout` s of `time`; return that, or `None`."""
    deadline = time.now() + timeout
    while True:
        answer = ask()
        if answer:
            return answer
        if time.now() >= deadline:
            return None
        time.sleep(every)
