"""Pairs: matching brackets, blocks, quotes and tags."""

from collections.abc import Sequence

from lab.cluster.sim.shell.editing.positions import Pos

__all__ = ["closer_of", "enclosing", "match_of", "quoted", "unmatched"]

_PAIRS = {"(": ")", "[": "]", "{": "}"}
_OPENERS = {close: start for start, close in _PAIRS.items()}


def match_of(lines: Sequence[str], at: Pos, *, like_vi: bool) -> Pos | None:
    """Return the bracket matching the first one at or after `at` in its line; `like_vi` searches within quotes."""
    line = lines[at.row]
    col = next((col for col in range(at.col, len(line)) if line[col] in "([{)]}"), None)
    if col is None:
        return None
    char = line[col]
    here = Pos(at.row, col)
    if like_vi:
        return _partner(lines, here, char, quotes=False)
    return _partner(lines, here, char, quotes=_even_quotes(line, col))


def _even_quotes(line: str, col: int) -> bool:
    """Whether quotes around brackets count in this line: they come in pairs, and `col` is outside of them."""
    quotes = [at for at, char in enumerate(line) if char == '"' and (not at or line[at - 1] != "\\")]
    return len(quotes) % 2 == 0 and sum(at < col for at in quotes) % 2 == 0


def _partner(lines: Sequence[str], at: Pos, char: str, *, quotes: bool) -> Pos | None:
    forward = char in _PAIRS
    other = _PAIRS[char] if forward else _OPENERS[char]
    depth = 0
    for pos, found in _Chars(lines, at, forward=forward):
        if found not in {char, other} or (quotes and _in_quotes(lines[pos.row], pos.col)):
            continue
        depth += 1 if found == char else -1
        if depth == 0:
            return pos
    return None


def _in_quotes(line: str, col: int) -> bool:
    return sum(char == '"' and (not at or line[at - 1] != "\\") for at, char in enumerate(line[:col])) % 2 == 1


class _Chars:
    """The characters of a text, forward or backward from a place."""

    def __init__(self, lines: Sequence[str], at: Pos, *, forward: bool) -> None:
        self._lines = lines
        self._row, self._col = at
        self._forward = forward
        self._first = True

    def __iter__(self) -> "_Chars":
        return self

    def __next__(self) -> tuple[Pos, str]:
        if not self._first:
            self._col += 1 if self._forward else -1
        self._first = False
        while not 0 <= self._col < len(self._lines[self._row]):
            self._row += 1 if self._forward else -1
            if not 0 <= self._row < len(self._lines):
                raise StopIteration
            self._col = 0 if self._forward else len(self._lines[self._row]) - 1
        return Pos(self._row, self._col), self._lines[self._row][self._col]


def closer_of(opener: str) -> str:
    """Return the closing bracket of an opening one."""
    return ">" if opener == "<" else _PAIRS[opener]


def enclosing(
    lines: Sequence[str], at: Pos, opener: str, count: int, *, inside_counts: bool = True
) -> tuple[Pos, Pos] | None:
    """Return the brackets around `at`, the `count`th pair from inside; a bracket at `at` counts too."""
    closer = closer_of(opener)
    start: Pos | None = at
    here = lines[at.row][at.col : at.col + 1]
    if not (inside_counts and here == opener):
        start = unmatched(lines, at, opener, closer, forward=False)
    for _ in range(count - 1):
        start = start and unmatched(lines, start, opener, closer, forward=False)
    if start is None:
        return None
    end = unmatched(lines, start, opener, closer, forward=True)
    return None if end is None else (start, end)


def unmatched(lines: Sequence[str], at: Pos, opener: str, closer: str, *, forward: bool) -> Pos | None:
    """Return the next unmatched bracket; None if there is none."""
    depth = 0
    wanted, against = (closer, opener) if forward else (opener, closer)
    for pos, char in _Chars(lines, at, forward=forward):
        if pos == at:
            continue
        if char == against:
            depth += 1
        elif char == wanted:
            if not depth:
                return pos
            depth -= 1
    return None


def quoted(line: str, col: int, quote: str) -> tuple[int, int] | None:
    """Return the columns of the quotes around `col` in a line, or of the next pair."""
    places = [at for at, char in enumerate(line) if char == quote and (not at or line[at - 1] != "\\")]
    if col < len(line) and line[col] == quote:
        index = places.index(col) if col in places else None
        if index is None:
            return None
        first = index - index % 2
        return (places[first], places[first + 1]) if first + 1 < len(places) else None
    before = [at for at in places if at < col]
    after = [at for at in places if at > col]
    if before and after:
        return before[-1], after[0]
    return (after[0], after[1]) if not before and len(after) > 1 else None
