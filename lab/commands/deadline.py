"""A time limit for long commands on a node: they end when the time of an exam is over."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lab.errors import ExitCode, LabError

if TYPE_CHECKING:
    from lab.core.session import Session

__all__ = ["TimeOverError", "until_due"]

#: Seconds between two looks at the clock. A single timer would not do: it stands still while a machine sleeps.
_EVERY = 1.0


class TimeOverError(LabError):
    """The time of an exam is over."""

    exit_code = ExitCode.REFUSED


@contextmanager
def until_due(session: "Session") -> Iterator[None]:
    """Raise `TimeOverError` in the body as soon as the attempt of `session` is due.

    The body has no limit outside of the main thread and on systems without interval timers.
    """
    from lab.store import now  # noqa: PLC0415 -- --help does without

    if sys.platform == "win32" or not (session.bound and threading.current_thread() is threading.main_thread()):
        yield
        return

    def look(_number: int, _frame: object) -> None:
        if session.due(now()):
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise TimeOverError("The time of the exam is over.")

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
