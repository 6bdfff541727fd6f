"""Searches: patterns with offsets, wrapping around the text's end."""

import re

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.patterns import Found, Pattern, pattern_end
from lab.cluster.sim.shell.editing.vi.state import Search, Vi
from lab.cluster.sim.shell.editing.vi.words import char_class

__all__ = ["next_match", "next_selection", "search_again", "search_for", "word_search"]

_OFFSET = re.compile(r"[esb]?([+-]?\d*)")


def search_for(vi: Vi, text: str, count: int, *, forward: bool) -> Motion:
    """Carry out the text after `/` or `?`: a pattern, an optional offset, optionally `;` and another search."""
    delimiter = "/" if forward else "?"
    end = pattern_end(text, 0, delimiter, literal_backslash=vi.options.like_vi("l"))
    source, rest = text[:end].replace("\\" + delimiter, delimiter), text[end + 1 :]
    last = vi.last.search
    offset = last.offset if not text else ""
    if end < len(text):
        match = _OFFSET.match(rest)
        offset = match[0] if match else ""
        rest = rest[len(offset) :]
    else:
        rest = ""
    if not source and not last.pattern:
        raise Failure("E35: No previous regular expression")
    vi.last.search = Search(source or last.pattern, forward, offset)
    vi.registers.pattern = vi.last.search.pattern
    motion = search_again(vi, count, forward=forward)
    if rest.startswith(";") and rest[1:2] in {"/", "?"}:
        vi.cursor = motion.to
        return search_for(vi, rest[2:], 1, forward=rest[1] == "/")
    return motion


def search_again(vi: Vi, count: int, *, forward: bool) -> Motion:
    """Repeat the last search, and return the target of its offset."""
    search = vi.last.search
    if not search.pattern:
        raise Failure("E35: No previous regular expression")
    pattern = vi.pattern(search.pattern)
    offset = search.offset
    at = vi.cursor
    if offset and offset[0] not in "esb":
        # The match is a line: the search continues from its end.
        at = Pos(at.row, len(vi.lines[at.row]) if forward else 0)
    found = None
    for _ in range(count):
        found = next_match(vi, pattern, at, forward=forward, to_end=offset.startswith("e"), name=search.pattern)
        at = _last_char(found) if offset.startswith("e") else found.start
    if found is None:
        raise Beep
    return _with_offset(vi, found, offset)


def next_match(
    vi: Vi, pattern: Pattern, at: Pos, *, forward: bool, to_end: bool = False, name: str = "", accept: bool = False
) -> Found:
    """Return the next match after `at`, or before it; with `accept` one that is at it."""
    lines = vi.lines
    rows = range(at.row, len(lines)) if forward else range(at.row, -1, -1)
    for row in rows:
        limit = at if row == at.row else None
        if (
            found := _in_row(pattern, lines, row, limit, forward=forward, to_end=to_end, accept=accept)
        ) is not None:
            return found
    way, edge, other = ("BOTTOM", 0, "TOP") if forward else ("TOP", len(lines) - 1, "BOTTOM")
    if not vi.options.on("wrapscan"):
        code = "E385" if forward else "E384"
        raise Failure(f"{code}: Search hit {way} without match for: {name}")
    for row in range(edge, at.row + (1 if forward else -1), 1 if forward else -1):
        if (found := _in_row(pattern, lines, row, None, forward=forward, to_end=to_end, accept=True)) is not None:
            vi.say(f"search hit {way}, continuing at {other}", "warning", keep=True)
            return found
    raise Failure(f"E486: Pattern not found: {name}")


def _in_row(
    pattern: Pattern, lines: list[str], row: int, limit: Pos | None, *, forward: bool, to_end: bool, accept: bool
) -> Found | None:
    """Return the first match of a line after `limit`, or the last one before it."""
    best = None
    for found in pattern.all(lines, row):
        if found.start.col >= max(len(lines[row]), 1):
            continue
        place = _last_char(found) if to_end else found.start
        if (
            limit is not None
            and not (place > limit if forward else place < limit)
            and not (accept and place == limit)
        ):
            continue
        if forward:
            return found
        best = found
    return best


def _last_char(found: Found) -> Pos:
    if found.end.col == 0:
        return found.start
    return max(Pos(found.end.row, found.end.col - 1), found.start)


def _with_offset(vi: Vi, found: Found, offset: str) -> Motion:
    if not offset:
        return Motion(found.start)
    number = offset.lstrip("esb")
    by = 0 if not number else int(number + "1") if number in "+-" else int(number)
    if offset[0] not in "esb":
        return Motion(Pos(max(min(found.start.row + by, vi.buffer.last), 0), 0), linewise=True)
    at = _last_char(found) if offset[0] == "e" else found.start
    row, col = at.row, at.col + by
    while col >= len(vi.lines[row]) and row < vi.buffer.last and col > 0:
        col -= len(vi.lines[row])
        row += 1
    while col < 0 and row > 0:
        row -= 1
        col += len(vi.lines[row])
    return Motion(Pos(row, max(col, 0)), inclusive=offset[0] == "e")


def next_selection(vi: Vi) -> Motion:
    """Return the next match of the last pattern, or the one at the cursor, as an object."""
    pattern = vi.pattern("")
    here = next((found for found in pattern.all(vi.lines, vi.cursor.row)
                 if found.start <= vi.cursor < found.end), None)  # fmt: skip
    found = here or next_match(vi, pattern, vi.cursor, forward=True, accept=True)
    return Motion(_last_char(found), inclusive=True, start=found.start)


def word_search(vi: Vi, count: int, *, forward: bool, whole: bool) -> Motion:
    """Search for the word at the cursor, or after it in its line."""
    word, start = _word_at(vi)
    keyword = char_class(word[0]) > 1
    source = "".join("\\" + char if char in "\\*.[~^$" + ("/" if forward else "?") else char for char in word)
    if whole and keyword:
        source = f"\\<{source}\\>"
    vi.last.search = Search(source.replace("\\/", "/"), forward)
    vi.registers.pattern = vi.last.search.pattern
    entered = vi.entered["/"]
    entered.append(source)
    vi.cursor = Pos(vi.cursor.row, start)
    return search_again(vi, count, forward=forward)


def _word_at(vi: Vi) -> tuple[str, int]:
    """Return the word at the cursor or after it, or else the signs there, with the column it starts in."""
    line, col = vi.line, vi.cursor.col
    kinds = [char_class(char) for char in line]
    for wanted in (range(2, 1 << 20), range(1, 2)):
        at = next((at for at in range(col, len(line)) if kinds[at] in wanted), None)
        if at is None:
            continue
        start = end = at
        while start > 0 and kinds[start - 1] == kinds[at]:
            start -= 1
        while end < len(line) and kinds[end] == kinds[at]:
            end += 1
        return line[start:end], start
    raise Failure("E348: No string under cursor")
