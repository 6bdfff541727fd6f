"""The output formats of diff: its own form, unified, with context, side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.tools.edit_script import Block

__all__ = ["Side", "context", "normal", "side_by_side", "unified"]

_NO_END = b"\\ No newline at end of file\n"
_WIDTH = 130
_TAB = 8


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two files: its name, its date as shown, its lines with their ends."""

    name: str
    date: str
    lines: Sequence[bytes]


def _line(mark: bytes, line: bytes) -> bytes:
    return mark + line if line.endswith(b"\n") else mark + line + b"\n" + _NO_END


def _range(start: int, end: int) -> str:
    """Return a range in diff's own form: `3`, `3,5`; an empty range is the line before it."""
    if end - start == 1:
        return str(end)
    return str(start) if start == end else f"{start + 1},{end}"


def normal(left: Side, right: Side, found: Sequence[Block]) -> bytes:
    """Return changes as `2c2`, `3d2`, `4a5`."""
    out = bytearray()
    for block in found:
        gone, new = block.left_end > block.left_start, block.right_end > block.right_start
        letter = "c" if gone and new else "d" if gone else "a"
        first, second = _range(block.left_start, block.left_end), _range(block.right_start, block.right_end)
        out += f"{first}{letter}{second}\n".encode()
        for line in left.lines[block.left_start : block.left_end]:
            out += _line(b"< ", line)
        if gone and new:
            out += b"---\n"
        for line in right.lines[block.right_start : block.right_end]:
            out += _line(b"> ", line)
    return bytes(out)


def _hunks(found: Sequence[Block], around: int) -> Iterator[list[Block]]:
    hunk: list[Block] = []
    for block in found:
        if hunk and block.left_start - hunk[-1].left_end > 2 * around:
            yield hunk
            hunk = []
        hunk.append(block)
    if hunk:
        yield hunk


def _unified_range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return str(end)
    return f"{start if count == 0 else start + 1},{count}"


def unified(left: Side, right: Side, found: Sequence[Block], around: int) -> bytes:
    """Return changes with `+` and `-` before lines."""
    out = bytearray(encode(f"--- {left.name}{left.date}\n+++ {right.name}{right.date}\n"))
    for hunk in _hunks(found, around):
        start_x, start_y = max(hunk[0].left_start - around, 0), max(hunk[0].right_start - around, 0)
        end_x = min(hunk[-1].left_end + around, len(left.lines))
        end_y = min(hunk[-1].right_end + around, len(right.lines))
        out += f"@@ -{_unified_range(start_x, end_x)} +{_unified_range(start_y, end_y)} @@\n".encode()
        x = start_x
        for block in hunk:
            for line in left.lines[x : block.left_start]:
                out += _line(b" ", line)
            for line in left.lines[block.left_start : block.left_end]:
                out += _line(b"-", line)
            for line in right.lines[block.right_start : block.right_end]:
                out += _line(b"+", line)
            x = block.left_end
        for line in left.lines[x:end_x]:
            out += _line(b" ", line)
    return bytes(out)


def context(left: Side, right: Side, found: Sequence[Block], around: int) -> bytes:
    """Return changes with both versions, one after the other."""
    out = bytearray(encode(f"*** {left.name}{left.date}\n--- {right.name}{right.date}\n"))
    for hunk in _hunks(found, around):
        out += b"***************\n"
        start, end = max(hunk[0].left_start - around, 0), min(hunk[-1].left_end + around, len(left.lines))
        out += f"*** {_context_range(start, end)} ****\n".encode()
        if any(block.left_end > block.left_start for block in hunk):
            changed = [(each.left_start, each.left_end, each.right_end > each.right_start) for each in hunk]
            out += _marked(left.lines, start, end, changed, b"- ")
        start, end = max(hunk[0].right_start - around, 0), min(hunk[-1].right_end + around, len(right.lines))
        out += f"--- {_context_range(start, end)} ----\n".encode()
        if any(block.right_end > block.right_start for block in hunk):
            changed = [(each.right_start, each.right_end, each.left_end > each.left_start) for each in hunk]
            out += _marked(right.lines, start, end, changed, b"+ ")
    return bytes(out)


def _context_range(start: int, end: int) -> str:
    return str(end) if end - start <= 1 else f"{start + 1},{end}"


def _marked(
    lines: Sequence[bytes], start: int, end: int, changed: Sequence[tuple[int, int, bool]], mark: bytes
) -> bytes:
    out = bytearray()
    for at in range(start, end):
        block = next((each for each in changed if each[0] <= at < each[1]), None)
        out += _line(b"  " if block is None else b"! " if block[2] else mark, lines[at])
    return bytes(out)


def side_by_side(
    left: Side, right: Side, found: Sequence[Block], width: int = _WIDTH, *, common: bool = True
) -> bytes:
    """Return both files in two columns."""
    half = (width - 3) // 2 + 1
    half = ((width - 3) // 2 + _TAB) // _TAB * _TAB
    half = half if half * 2 <= width + _TAB else half - _TAB
    column = max(half - 3, 1)
    out = bytearray()
    x = y = 0
    for block in [*found, Block(len(left.lines), len(left.lines), len(right.lines), len(right.lines))]:
        for line in left.lines[x : block.left_start] if common else ():
            out += _row(line, b" ", line, column, half)
        gone = left.lines[block.left_start : block.left_end]
        new = right.lines[block.right_start : block.right_end]
        for at in range(max(len(gone), len(new))):
            old = gone[at] if at < len(gone) else None
            fresh = new[at] if at < len(new) else None
            mark = b"|" if old is not None and fresh is not None else b"<" if fresh is None else b">"
            out += _row(old, mark, fresh, column, half)
        x, y = block.left_end, block.right_end
    del y
    return bytes(out)


def _row(old: bytes | None, mark: bytes, fresh: bytes | None, column: int, half: int) -> bytes:
    text = (old or b"").rstrip(b"\n").expandtabs(_TAB)[:column]
    at = len(text)
    out = bytearray(text)
    if mark == b" ":
        out += _to(at, half)
    elif mark == b"<":
        return bytes(out + _to(at, half - 2) + b"<\n")
    else:
        out += _to(at, half - 2) + mark
        out += b"\t" if (half - 1) // _TAB < half // _TAB else b" " * (half - (half - 2) - 1)
    return bytes(out + (fresh or b"").rstrip(b"\n")[:column] + b"\n")


def _to(at: int, column: int) -> bytes:
    """Return the tabs and blanks from one column to another."""
    out = b""
    while at // _TAB * _TAB + _TAB <= column:
        out += b"\t"
        at = at // _TAB * _TAB + _TAB
    return out + b" " * (column - at)
