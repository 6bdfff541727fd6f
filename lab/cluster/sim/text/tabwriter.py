"""Tabs to columns, as Go's text/tabwriter does it for kubectl's descriptions."""

__all__ = ["aligned"]


def aligned(text: str, padding: int = 2) -> str:
    """Return `text` with its tab-terminated cells under each other, in blocks of adjacent lines."""
    lines = [line.split("\t") for line in text.split("\n")]
    widths: list[list[int]] = [[0] * (len(cells) - 1) for cells in lines]
    _measure(lines, widths, 0, len(lines), 0, padding)
    return "\n".join(
        "".join([*(cell.ljust(width) for cell, width in zip(cells[:-1], line, strict=True)), cells[-1]])
        for cells, line in zip(lines, widths, strict=True)
    )


def _measure(  # noqa: PLR0917 -- the parts of one call
    lines: list[list[str]], widths: list[list[int]], first: int, last: int, column: int, padding: int
) -> None:
    """Find the width of each cell of a column: that of the longest in its run of adjacent lines."""
    line = first
    while line < last:
        if column >= len(lines[line]) - 1:
            line += 1
            continue
        end = line
        while end < last and column < len(lines[end]) - 1:
            end += 1
        width = max(len(cells[column]) for cells in lines[line:end]) + padding
        for each in range(line, end):
            widths[each][column] = width
        _measure(lines, widths, line, end, column + 1, padding)
        line = end
