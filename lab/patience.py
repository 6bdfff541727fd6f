"""Waiting for a cluster, in its own time."""

import time as wall
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

__all__ = ["WALL", "Threads", "Time", "poll"]

T = TypeVar("T")


class Time(Protocol):
    """A cluster's time in s: the host's, or a simulated cluster's, where waiting costs nothing."""

    def now(self) -> float:
        """Return the seconds since an arbitrary moment."""

    def sleep(self, seconds: float) -> None:
        """Wait for `seconds`."""

    def side_by_side(self, workers: int) -> Executor:
        """Return an executor for up to `workers` calls that use the cluster at the same time."""

    def result_of(self, future: "Future[T]") -> T:
        """Wait for `future` in one of these calls; return its result, or raise its exception."""


class Threads:
    """Calls at the same time are calls in threads, where nothing but their results matters."""

    def side_by_side(self, workers: int) -> Executor:
        """Return an executor with `workers` threads."""
        return ThreadPoolExecutor(workers)

    def result_of(self, future: "Future[T]") -> T:
        """Wait for `future`."""
        return future.result()


class _Wall(Threads):
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
