"""Errors of expansion: bash's messages, and what each error ends."""

from enum import Enum

__all__ = ["Effect", "ExpansionError"]


class Effect(Enum):
    """The scope that an error ends."""

    FAIL = "fail"  # the command fails with status 1, the next one runs
    DISCARD = "discard"  # the rest of the line is not run; a script goes on with its next line; `-c` ends
    EXIT = "exit"  # a shell that is not interactive exits; an interactive one as DISCARD


class ExpansionError(Exception):
    """An expansion that failed. `message` is written behind the shell's prefix (`bash: line 3: `)."""

    def __init__(self, message: str, effect: Effect = Effect.DISCARD, *, status: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.effect = effect
        self.status = status
