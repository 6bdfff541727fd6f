"""Aligned columns, whatever width the app's terminal gives a character.

Terminals know different versions of Unicode, and count emoji, marks and joined characters differently. If a
terminal counts differently from Textual, the rest of the line would be in the wrong place: borders, and the part
beside.
"""

import re

from rich.cells import split_graphemes
from textual.driver import Driver

__all__ = ["hold_columns", "steady"]

#: Characters that every terminal draws in one column, and those that every terminal draws in two.
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
    """Return `output`, which moves before it writes, with the cursor set behind each disputed character."""
    if not _SOME_DISPUTED.search(output):
        return output
    written = []
    #: The next column, counted from 1; None if it is unknown.
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
    """Return `text`, which begins at column `at`, with each character positioned; and the next column.

    Blanks come first, for a terminal that draws the character narrower.
    """
    written = []
    for start, end, columns in split_graphemes(text)[0]:
        blanks = f"{' ' * columns}\x1b[{at}G" if columns else ""
        at += columns
        written.append(f"{blanks}{text[start:end]}\x1b[{at}G")
    return "".join(written), at


def steady(driver: type[Driver]) -> type[Driver]:
    """Return `driver`, changed to keep its columns aligned."""

    def write(self: Driver, data: str) -> None:
        driver.write(self, hold_columns(data))

    return type(driver.__name__, (driver,), {"write": write})
