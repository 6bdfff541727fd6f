"""Whole numbers on the command line, read strictly: ASCII digits, and a minus where it fits."""

import re
from collections.abc import Callable

import typer

__all__ = ["whole"]

_DIGITS = re.compile(r"-?[0-9]{1,18}")


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a `parser` for an option that takes a whole number from `least` to `most`, and nothing like `1_0`."""

    def read(text: str | int) -> int:
        # A default is a number already.
        number = int(text) if _DIGITS.fullmatch(str(text)) else None
        if number is None or not least <= number <= most:
            raise typer.BadParameter(f"'{text}' is not a whole number from {least} to {most}.")
        return number

    return read
