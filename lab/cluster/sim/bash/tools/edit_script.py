"""The shortest way from one list of lines to another (Myers' algorithm), as blocks of changes."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

__all__ = ["Block", "blocks"]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines `left_start:left_end` of the first list become `right_start:right_end` of the second; both from 0."""

    left_start: int
    left_end: int
    right_start: int
    right_end: int


def blocks(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[Block]:
    """Return the changes from `left` to `right`, in order."""
    lead = 0
    while lead < len(left) and lead < len(right) and left[lead] == right[lead]:
        lead += 1
    tail = 0
    while tail < min(len(left), len(right)) - lead and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    inner_left, inner_right = left[lead : len(left) - tail], right[lead : len(right) - tail]
    removed, added = _marks(inner_left, inner_right)
    gone = [False] * lead + removed + [False] * tail
    new = [False] * lead + added + [False] * tail
    _shift(left, gone)
    _shift(right, new)
    return _joined(gone, new)


def _marks(left: Sequence[Hashable], right: Sequence[Hashable]) -> tuple[list[bool], list[bool]]:
    """Return the removed lines and the added lines."""
    removed, added = [True] * len(left), [True] * len(right)
    if not left or not right:
        return removed, added
    x, y = len(left), len(right)
    for depth, reach in reversed(list(enumerate(_traces(left, right)))):
        k = x - y
        down = k == -depth or (k != depth and reach.get(k - 1, -1) < reach.get(k + 1, -1))
        before = k + 1 if down else k - 1
        start = reach.get(before, 0)
        end_x, end_y = start, start - before
        while x > end_x and y > end_y and x > 0 and y > 0 and (x, y) != (end_x + (not down), end_y + down):
            x, y = x - 1, y - 1
            removed[x] = added[y] = False
        if depth == 0:
            while x > 0 and y > 0:
                x, y = x - 1, y - 1
                removed[x] = added[y] = False
            break
        x, y = end_x, end_y
    return removed, added


def _traces(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[dict[int, int]]:
    """Return the furthest point for each number of changes, by diagonal."""
    reach = {1: 0}
    traces = []
    for depth in range(len(left) + len(right) + 1):
        traces.append(dict(reach))
        for k in range(-depth, depth + 1, 2):
            down = k == -depth or (k != depth and reach[k - 1] < reach[k + 1])
            x = reach[k + 1] if down else reach[k - 1] + 1
            y = x - k
            while x < len(left) and y < len(right) and left[x] == right[y]:
                x, y = x + 1, y + 1
            reach[k] = x
            if x >= len(left) and y >= len(right):
                return traces
    return traces


def _shift(lines: Sequence[Hashable], marked: list[bool]) -> None:
    """Move each block of changes down as far as possible, as GNU's diff does."""
    at = 0
    while at < len(lines):
        if not marked[at]:
            at += 1
            continue
        start = at
        while at < len(lines) and marked[at]:
            at += 1
        while at < len(lines) and not marked[at] and lines[start] == lines[at]:
            marked[start], marked[at] = False, True
            start += 1
            at += 1
            while at < len(lines) and marked[at]:
                at += 1


def _joined(gone: list[bool], new: list[bool]) -> list[Block]:
    found = []
    x = y = 0
    while x < len(gone) or y < len(new):
        if (x < len(gone) and gone[x]) or (y < len(new) and new[y]):
            start_x, start_y = x, y
            while x < len(gone) and gone[x]:
                x += 1
            while y < len(new) and new[y]:
                y += 1
            found.append(Block(start_x, x, start_y, y))
        else:
            x, y = x + 1, y + 1
    return found
