"""Start `kluster`, the program; `python -m lab` is the same.

This module imports nothing slow. Ctrl-C ends the program quietly while the rest is being imported, too.
"""

import os
import signal
from typing import NoReturn

__all__ = ["start"]

#: `lab.errors.ExitCode.INTERRUPTED`, which is not imported yet.
_INTERRUPTED = 130


def start() -> NoReturn:
    """Run `kluster` as this process, and end the process."""
    # An ignored signal (nohup, a background job) stays ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    from lab.cli import run  # noqa: PLC0415 -- it takes a third of a second

    run()


def _end(_number: int, _frame: object) -> NoReturn:
    """End the process at once: it has done nothing yet, so nothing needs cleaning up."""
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    start()
