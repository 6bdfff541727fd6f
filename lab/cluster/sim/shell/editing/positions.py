"""Places in a text."""

from typing import NamedTuple

__all__ = ["Pos"]


class Pos(NamedTuple):
    """A line and a character of it, both from nought."""

    row: int
    col: int
