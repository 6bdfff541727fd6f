"""Names in columns, as coreutils lays them out at a terminal."""

from collections.abc import Sequence

__all__ = ["in_columns"]

#: The least width of a column: a character and the gap behind it.
_LEAST = 3
_GAP = 2
_TAB = 8


def in_columns(names: Sequence[str], width: int, painted: Sequence[str] | None = None) -> str:
    """Return `names`, sorted downwards, in as many columns as `width` characters take.

    `painted` are the names with their colours; gaps are then spaces, as those of ls are.
    """
    if not names:
        return ""
    widths = next(
        found
        for count in range(max(1, min(-(-width // _LEAST), len(names))), 0, -1)
        if sum(found := _widths(names, count)) < width or set(found) == {_LEAST} or count == 1
    )
    rows = -(-len(names) // len(widths))
    if painted is not None:
        return "".join(_painted(names[row::rows], painted[row::rows], widths) + "\n" for row in range(rows))
    return "".join(_row(names[row::rows], widths) + "\n" for row in range(rows))


def _painted(names: Sequence[str], painted: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line with its gaps as spaces."""
    gaps = [" " * (width - len(name)) for name, width in zip(names[:-1], widths, strict=False)]
    return "".join(shown + gap for shown, gap in zip(painted, [*gaps, ""], strict=True))


def _widths(names: Sequence[str], count: int) -> list[int]:
    """Return the widths of `count` columns, each with the gap behind it."""
    rows = -(-len(names) // count)
    widths = [_LEAST] * count
    for index, name in enumerate(names):
        column = index // rows
        widths[column] = max(widths[column], len(name) + (_GAP if column < count - 1 else 0))
    return widths


def _row(names: Sequence[str], widths: Sequence[int]) -> str:
    """Return a line. Gaps are tabs as far as these reach."""
    line, start = "", 0
    for name, width in zip(names[:-1], widths, strict=False):
        line += name
        at, start = start + len(name), start + width
        while at < start:
            tab = start // _TAB > (at + 1) // _TAB
            line += "\t" if tab else " "
            at += _TAB - at % _TAB if tab else 1
    return line + names[-1]
