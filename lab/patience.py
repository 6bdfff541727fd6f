"""Waiting for what a cluster will do in its own time."""

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["poll"]

T = TypeVar("T")


def poll(ask: Callable[[], T | None], *, timeout: float, every: float = 0.3) -> T | None:
    """Call `ask` until it returns something true, at most about `timeout` s; return that, or `None`."""
    deadline = time.monotonic() + timeout
    while True:
        answer = ask()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            return None
        time.sleep(every)
