"""Signals that end a command in an orderly way."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

__all__ = ["ended_by", "stop"]

#: Ctrl-C, a closed terminal, `kill`. Not every system has all.
_ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextlib.contextmanager
def ended_by(
    handler: Callable[[int, FrameType | None], object] | signal.Handlers, *, restore: bool = True
) -> Iterator[None]:
    """Call `handler` for each signal that ends a command; without `restore` also after the body."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # What is ignored (nohup, a job in the background) stays so.
    saved = {number: was for number in _ENDS if (was := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in saved:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, was in saved.items() if restore else ():
            signal.signal(number, was)


def stop(_number: int, _frame: object) -> None:
    """Say that the command is being stopped, and raise `KeyboardInterrupt`."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("\nStopping ...\n")
        sys.stderr.flush()
    raise KeyboardInterrupt
