"""Answers to the shell's Tab key. The scripts of `kluster completion` ask, with the line so far."""

import contextlib
import os

from lab.cli.table import command_line
from lab.commands.completion import VARIABLE
from lab.commands.invocation import Invocation
from lab.errors import ExitCode

__all__ = ["answer", "asked"]


def asked() -> bool:
    """Whether a script of `kluster completion` has called."""
    return VARIABLE in os.environ


def answer(run: Invocation) -> int:
    """Print the candidates for the word at the cursor, in the form that the shell's script reads."""
    from typer.completion import (  # type: ignore[attr-defined]  # noqa: PLC0415 -- not re-exported; not for --help
        completion_init,
        shell_complete,
    )

    completion_init()
    # A line that can't be understood has no candidates: an error would be written into the line.
    with contextlib.suppress(Exception):
        return int(shell_complete(command_line(), {"obj": run}, "kluster", VARIABLE, os.environ[VARIABLE]))
    return ExitCode.USAGE
