"""Signals that end a command in an orderly way, and terminals that go without one."""

import contextlib
import errno
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

__all__ = ["ENDS", "end_with_terminal", "ended_by", "leave_gone_terminal", "stop"]

#: Ctrl-C, a closed terminal, `kill`. Not every system has all.
ENDS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_STREAMS = (0, 1, 2)
#: Seconds between two signals about a terminal that is gone.
_AGAIN = 1.0


@contextlib.contextmanager
def ended_by(
    handler: Callable[[int, FrameType | None], object] | signal.Handlers, *, restore: bool = True
) -> Iterator[None]:
    """Call `handler` for each signal that ends a command; without `restore` also after the body."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # Ignored signals (nohup, a background job) stay ignored.
    saved = {number: was for number in ENDS if (was := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in saved:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, was in saved.items() if restore else ():
            signal.signal(number, was)


def stop(number: int, _frame: object) -> None:
    """Say that the command is being stopped, and raise `KeyboardInterrupt`."""
    if number == getattr(signal, "SIGHUP", None):
        # The system, the shell and `end_with_terminal` may each send one; cleaning up continues under all of them.
        signal.signal(number, signal.SIG_IGN)
    leave_gone_terminal()
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write("\nStopping ...\n")
        sys.stderr.flush()
    raise KeyboardInterrupt


def leave_gone_terminal() -> None:
    """Detach this process from a terminal that is gone: reading and writing would fail while it cleans up."""
    for stream in _STREAMS:
        try:
            os.get_terminal_size(stream)
        except OSError as problem:
            if problem.errno == errno.EIO:
                _forget(stream)


if sys.platform == "win32":

    def end_with_terminal() -> None:
        """Do nothing: Windows ends the processes of a console that is closed."""

else:

    def end_with_terminal() -> None:
        """Send this process a SIGHUP when its terminal is gone, if it runs in the foreground there.

        The system sends one to the terminal's first process only. A shell passes it on; `make` does not.
        """
        if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
            return
        terminal = next((stream for stream in _STREAMS if _in_foreground(stream)), None)
        if terminal is not None:
            threading.Thread(target=_wait_for_hangup, args=(terminal,), name="hang-up", daemon=True).start()

    def _in_foreground(stream: int) -> bool:
        try:
            return os.tcgetpgrp(stream) == os.getpgrp()
        except OSError:  # it is no terminal
            return False

    def _wait_for_hangup(terminal: int) -> None:
        waiting = select.poll()
        # An empty mask: the hang-up alone is reported, and always.
        waiting.register(terminal, 0)
        while not any(event & select.POLLHUP for _, event in waiting.poll()):
            pass
        while True:
            # Only a signal to the main thread ends its wait. One that comes just before the wait begins is handled
            # when the wait ends, so it is sent until this process ends.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGHUP)
            time.sleep(_AGAIN)


def _forget(stream: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, stream)
    os.close(nothing)
