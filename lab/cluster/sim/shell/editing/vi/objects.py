"""Text objects: a word, a sentence, a paragraph, text in quotes or brackets."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.brackets import closer_of, enclosing, quoted, unmatched
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.words import Walk, char_class, sentence_back, sentence_forward

__all__ = ["object_of"]

_BLOCKS = {"(": "(", ")": "(", "b": "(", "{": "{", "}": "{", "B": "{", "[": "[", "]": "[", "<": "<", ">": "<"}


def object_of(vi: Vi, key: str, count: int, *, around: bool) -> Motion:
    """Return the selection of `i` or `a` and a key. Raise `Beep` if there is no such object here."""
    if key in "wW":
        return _word(vi, count, big=key == "W", around=around)
    if key in _BLOCKS:
        return _block(vi, _BLOCKS[key], count, around=around)
    if key in "\"'`":
        return _quote(vi, key, count, around=around)
    if key == "p":
        return _paragraph(vi, count, around=around)
    if key == "s":
        return _sentence(vi, count, around=around)
    raise Beep


def _word(vi: Vi, count: int, *, big: bool, around: bool) -> Motion:
    lines = vi.lines
    here = Walk(lines, vi.cursor, big=big)
    if vi.visual is not None and vi.visual.start != vi.cursor:
        return _more_words(vi, count, big=big, around=around)
    _to_start(here)
    start = here.pos
    end = Walk(lines, vi.cursor, big=big)
    on_blank = end.kind == 0
    white_after = False
    for number in range(count):
        if number and not _step(end):
            raise Beep
        if around:
            white_after = _around(end)
        else:
            _to_end(end)
    if around and not on_blank and not white_after:
        # Without a blank after the word, the blank before it is included, unless it is the indent.
        col = start.col
        while col and lines[start.row][col - 1] in " \t":
            col -= 1
        if col:
            start = Pos(start.row, col)
    return Motion(end.pos, inclusive=bool(lines[end.row]), start=start, exact=True)


def _to_start(walk: Walk) -> None:
    kind = walk.kind
    line = walk.lines[walk.row]
    while walk.col and char_class(line[walk.col - 1], big=walk.big) == kind:
        walk.col -= 1


def _to_end(walk: Walk) -> None:
    kind = walk.kind
    line = walk.lines[walk.row]
    while walk.col + 1 < len(line) and char_class(line[walk.col + 1], big=walk.big) == kind:
        walk.col += 1


def _step(walk: Walk) -> bool:
    """Go to the next character, in the next line after a line's last."""
    if walk.col + 1 < len(walk.lines[walk.row]):
        walk.col += 1
        return True
    if walk.row + 1 >= len(walk.lines):
        return False
    walk.row, walk.col = walk.row + 1, 0
    return True


def _around(walk: Walk) -> bool:
    """Go to the end of a word with the blanks after it, or of blanks with the word after them."""
    on_blank = walk.kind == 0
    _to_end(walk)
    line = walk.lines[walk.row]
    if on_blank:
        if not _step(walk):
            raise Beep
        while walk.kind == 0 and walk.lines[walk.row]:
            if not _step(walk):
                raise Beep
        _to_end(walk)
        return True
    if walk.col + 1 < len(line) and line[walk.col + 1] in " \t":
        walk.col += 1
        _to_end(walk)
        return True
    return False


def _more_words(vi: Vi, count: int, *, big: bool, around: bool) -> Motion:
    """Extend the selection by words."""
    walk = Walk(vi.lines, vi.cursor, big=big)
    for _ in range(count):
        if not _step(walk):
            raise Beep
        if around:
            _around(walk)
        else:
            _to_end(walk)
    return Motion(walk.pos, inclusive=True, exact=True)


def _block(vi: Vi, opener: str, count: int, *, around: bool) -> Motion:
    lines = vi.lines
    found = enclosing(lines, vi.cursor, opener, count)
    if found is None:
        # Outside of words, the next one is selected.
        start: Pos | None = vi.cursor
        for _ in range(count):
            start = start and unmatched(lines, start, closer_of(opener), opener, forward=True)
        found = start and enclosing(lines, start, opener, 1)
    if not found:
        raise Beep
    start, end = found
    if vi.visual is not None and vi.visual.start != vi.cursor and not around:
        inner = (_after(lines, start), _before(lines, end))
        if sorted((vi.visual.start, vi.cursor)) == list(inner):
            wider = enclosing(lines, start, opener, count, inside_counts=False)
            start, end = wider or found
    if around:
        return Motion(end, inclusive=True, start=start)
    first = Pos(start.row, start.col + 1)
    if first.col >= len(lines[start.row]) and start.row < end.row:
        first = Pos(start.row + 1, 0)
    if end.row > first.row and not lines[end.row][: end.col].strip(" \t"):
        # The bracket stands alone in its line: the lines between are whole.
        last = end.row - 1
        return Motion(
            Pos(last, max(len(lines[last]) - 1, 0)), inclusive=True, linewise=first.col == 0, start=first
        )
    if first == end:
        return Motion(first, start=first, exact=True)
    return Motion(_before(lines, end), inclusive=True, start=first)


def _after(lines: list[str], pos: Pos) -> Pos:
    return Pos(pos.row, pos.col + 1) if pos.col + 1 < len(lines[pos.row]) else Pos(pos.row + 1, 0)


def _before(lines: list[str], pos: Pos) -> Pos:
    return Pos(pos.row, pos.col - 1) if pos.col else Pos(pos.row - 1, max(len(lines[pos.row - 1]) - 1, 0))


def _quote(vi: Vi, quote: str, count: int, *, around: bool) -> Motion:
    row = vi.cursor.row
    line = vi.lines[row]
    found = quoted(line, vi.cursor.col, quote)
    if found is None:
        raise Beep
    start, end = found
    if not around and count > 1:
        return Motion(Pos(row, end), inclusive=True, start=Pos(row, start))
    if not around:
        if end == start + 1:
            return Motion(Pos(row, end), start=Pos(row, end), exact=True)
        return Motion(Pos(row, end - 1), inclusive=True, start=Pos(row, start + 1))
    last = end
    while last + 1 < len(line) and line[last + 1] in " \t":
        last += 1
    if last == end:
        while start and line[start - 1] in " \t":
            start -= 1
    return Motion(Pos(row, last), inclusive=True, start=Pos(row, start))


def _paragraph(vi: Vi, count: int, *, around: bool) -> Motion:
    lines = vi.lines

    def blank(at: int) -> bool:
        return not lines[at].strip(" \t")

    def block_end(at: int) -> int:
        """Return the last row of the lines like the one at `at`: blank ones, or others."""
        if at > vi.buffer.last:
            raise Beep
        while at < vi.buffer.last and blank(at + 1) == blank(at):
            at += 1
        return at

    start, end = _paragraph_start(vi, blank)
    for _ in range(count):
        end = block_end(end + 1)
        if not around:
            continue
        if end < vi.buffer.last:
            end = block_end(end + 1)
            continue
        if blank(end):
            raise Beep
        # Without blank lines after the last paragraph, those before it are included.
        while start and blank(start - 1):
            start -= 1
    return Motion(Pos(end, 0), linewise=True, start=Pos(start, 0))


def _paragraph_start(vi: Vi, blank: Callable[[int], bool]) -> tuple[int, int]:
    """Return the first row of a paragraph, and the last selected row or the one before."""
    row = vi.cursor.row
    if vi.visual is not None and vi.visual.start.row != row:
        return vi.visual.start.row, row
    start = row
    while start and blank(start - 1) == blank(row):
        start -= 1
    return start, row - 1


def _sentence(vi: Vi, count: int, *, around: bool) -> Motion:
    """Select sentences with the blanks after them; for `is` both count."""
    lines, two_spaces = vi.lines, vi.options.like_vi("J")
    last = Pos(vi.buffer.last, len(lines[-1]))

    def next_start(at: Pos) -> Pos:
        after = sentence_forward(lines, at, two_spaces=two_spaces)
        return last if after is None or after == (last.row, last.col - 1) else after

    start = sentence_back(lines, Pos(vi.cursor.row, vi.cursor.col + 1), two_spaces=two_spaces) or Pos(0, 0)
    after = next_start(vi.cursor)
    blanks = _white_before(lines, after)
    #: The ends of the following sentences and blanks, in turn.
    on_blanks = blanks <= vi.cursor < after
    if on_blanks:
        start, ends = blanks, [after]
    else:
        ends = [blanks, after] if blanks != after or around else [after]
    wanted = count * 2 if around else count
    while len(ends) < wanted and ends[-1] < last:
        following = next_start(ends[-1])
        blanks = _white_before(lines, following)
        ends += [blanks, following] if blanks != following or around else [following]
    end = ends[min(wanted, len(ends)) - 1]
    if around and not on_blanks and end == _white_before(lines, end):
        start = _white_before(lines, start)
    return Motion(end, start=start)


def _white_before(lines: list[str], pos: Pos) -> Pos:
    """Return where the blanks before a place start."""
    col = pos.col
    line = lines[pos.row]
    while col and line[col - 1] in " \t":
        col -= 1
    return Pos(pos.row, col)
