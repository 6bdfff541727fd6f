"""The end of an app that nobody sees any more: its terminal is gone, or a signal ends it."""

import contextlib
import functools
import signal
import sys
from typing import Any

from textual.app import App

from lab.errors import ExitCode

__all__ = ["cut_off"]

#: How many seconds the app may take to end. What still hangs then (a look at a broken cluster, a terminal that
#: takes no more output) is left by the whole process.
_LAST_MOMENT = 3


def cut_off(app: App[Any]) -> None:
    """End `app` with the return code `INTERRUPTED`, and see that the process ends. Any thread may call it.

    It is also for handlers of signals.

    Raises:
        KeyboardInterrupt: the app has not begun.

    """
    if sys.platform != "win32":
        # The system then ends this process, whatever thread hangs in whatever call: the signal has no handler.
        signal.alarm(signal.alarm(0) or _LAST_MOMENT)
    loop = app._loop  # noqa: SLF001 -- Textual keeps it to itself
    if loop is None:
        raise KeyboardInterrupt
    # A loop that is closed is that of an app that has ended.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(functools.partial(app.exit, return_code=ExitCode.INTERRUPTED))
