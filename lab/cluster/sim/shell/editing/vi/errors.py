"""What ends a command early."""

__all__ = ["Beep", "Failure"]


class Beep(Exception):  # noqa: N818 -- what the terminal does
    """The command can't be done: the bell rings, and no key that waits in a macro is played."""


class Failure(Beep):
    """The same with a message, as `E486: Pattern not found: x`."""
