"""Places in a text."""

from typing import NamedTuple

__all__ = ["Pos"]


class Pos(NamedTuple):
    """A line and a character in it, both counted from zero."""

    row: int
    col: int
