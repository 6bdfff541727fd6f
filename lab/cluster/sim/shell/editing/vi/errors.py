"""Errors that end a command early."""

__all__ = ["Beep", "Failure"]


class Beep(Exception):  # noqa: N818 -- what the terminal does
    """The command fails: the bell rings, and the waiting keys of a macro are dropped."""


class Failure(Beep):
    """The same with a message, as `E486: Pattern not found: x`."""
