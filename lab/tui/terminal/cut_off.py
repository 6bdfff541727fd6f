"""The end of an app without a user: its terminal is gone, or a signal ends it."""

import contextlib
import functools
import signal
import sys
from typing import Any

from textual.app import App

from lab.errors import ExitCode

__all__ = ["cut_off"]

#: How many seconds the app may take to end. Then the whole process ends, even if a thread hangs (in a look at a
#: broken cluster, or in a terminal that takes no more output).
_LAST_MOMENT = 3


def cut_off(app: App[Any]) -> None:
    """End `app` with the return code `INTERRUPTED`, and make sure that the process ends. Any thread may call it.

    Signal handlers may call it too.

    Raises:
        KeyboardInterrupt: the app has not begun.
    """
    if sys.platform != "win32":
        # The system then ends this process, whichever call its threads hang in: the signal has no handler.
        signal.alarm(signal.alarm(0) or _LAST_MOMENT)
    loop = app._loop  # noqa: SLF001 -- Textual keeps it to itself
    if loop is None:
        raise KeyboardInterrupt
    # A closed loop means that the app has ended.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(functools.partial(app.exit, return_code=ExitCode.INTERRUPTED))
