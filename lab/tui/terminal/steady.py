"""Columns that hold, however wide the terminal that the app runs in takes a character to be.

Terminals know different versions of Unicode, and count emoji, marks and joined characters each in its own way.
Where one counts otherwise than Textual, the rest of a line would be in the wrong place: borders, the part beside.
"""

import re

from rich.cells import split_graphemes
from textual.driver import Driver

__all__ = ["hold_columns", "steady"]

#: What every terminal gives one column, and what every terminal gives two.
_NARROW = "\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u2500-\u259f"
_WIDE = "\u3041-\u3096\u30a1-\u30fa\u3400-\u4db5\u4e00-\u9fa5\uac00-\ud7a3"
_DISPUTED = rf"[^\x00-\x9f{_NARROW}{_WIDE}]"
_SOME_DISPUTED = re.compile(_DISPUTED)
_PIECES = re.compile(
    r"\x1b\[\d+;(?P<column>\d+)H"
    r"|(?P<still>\x1b\[[0-9;?]*[hlm]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\))"
    rf"|(?P<narrow>[{_NARROW}]+)"
    rf"|(?P<wide>[{_WIDE}]+)"
    rf"|(?P<disputed>{_DISPUTED}+)"
    r"|[\x00-\xff]"
)


def hold_columns(output: str) -> str:
    """Return `output`, which moves to where it writes, with the cursor put right after each disputed character."""
    if not _SOME_DISPUTED.search(output):
        return output
    written = []
    #: The column that comes next, from 1; None where it is not known.
    at: int | None = None
    for piece in _PIECES.finditer(output):
        text = piece[0]
        match piece.lastgroup:
            case "column":
                at = int(piece["column"])
            case "narrow" if at:
                at += len(text)
            case "wide" if at:
                at += 2 * len(text)
            case "disputed" if at:
                text, at = _placed(text, at)
            case "still":
                pass
            case _:
                at = None
        written.append(text)
    return "".join(written)


def _placed(text: str, at: int) -> tuple[str, int]:
    """Return `text`, which begins at column `at`, with each character put in its place; and the next column.

    Blanks come first, for a terminal that draws it narrower.
    """
    written = []
    for start, end, columns in split_graphemes(text)[0]:
        blanks = f"{' ' * columns}\x1b[{at}G" if columns else ""
        at += columns
        written.append(f"{blanks}{text[start:end]}\x1b[{at}G")
    return "".join(written), at


def steady(driver: type[Driver]) -> type[Driver]:
    """Return `driver`, made to hold its columns."""

    def write(self: Driver, data: str) -> None:
        driver.write(self, hold_columns(data))

    return type(driver.__name__, (driver,), {"write": write})
