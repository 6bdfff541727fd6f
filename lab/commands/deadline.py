"""A time limit for long commands on a node: they end when the time of an exam is over."""

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.errors import ExitCode, LabError

if TYPE_CHECKING:
    from lab.core.session import Session

__all__ = ["TimeOverError", "until_due"]

#: Seconds between two looks at the clock. A single timer would not do: it stands still while a machine sleeps.
_EVERY = 1.0
#: Seconds until the error is raised again, in case that the body has taken the first one for another.
_AGAIN = 5.0


class TimeOverError(LabError):
    """The time of an exam is over."""

    exit_code = ExitCode.REFUSED


@contextmanager
def until_due(session: "Session") -> Iterator[None]:
    """Raise `TimeOverError` in the body as soon as the attempt of `session` is due, and again until the body ends.

    A timer of the caller goes on afterwards. The body has no limit outside of the main thread and on systems
    without interval timers.
    """
    from lab.store import now  # noqa: PLC0415 -- --help does without

    if sys.platform == "win32" or not (session.bound and threading.current_thread() is threading.main_thread()):
        yield
        return
    raised = float("-inf")

    def look(_number: int, _frame: object) -> None:
        nonlocal raised
        if session.due(now()) and time.monotonic() > raised + _AGAIN:
            raised = time.monotonic()
            raise TimeOverError("The time of the exam is over.")

    before = signal.signal(signal.SIGALRM, look)
    began = time.monotonic()
    left, every = signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - began)), every)
