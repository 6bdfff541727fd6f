"""Pieces of expanded words, and how they become fields."""

import re
from functools import lru_cache

from lab.cluster.sim.bash.expansion.patterns import escape

__all__ = [
    "BREAK",
    "LITERAL",
    "QUOTED",
    "SPLIT",
    "Field",
    "Piece",
    "field_pattern",
    "field_text",
    "read_split",
    "split_pieces",
]

QUOTED = 0  # neither split nor matched against files
LITERAL = 1  # not split; glob characters are active
SPLIT = 2  # the result of an expansion outside of quotes: split, glob characters active
BREAK = 3  # a field ends here: between the elements of "$@"

# A piece of expanded text, and its kind.
Piece = tuple[str, int]

# The pieces of one field.
Field = list[Piece]

_BLANKS = " \t\n"


@lru_cache(maxsize=64)
def _separators(ifs: str) -> re.Pattern[str] | None:
    """Return the pattern of separators: blanks of $IFS, or one other character of $IFS with blanks around it."""
    if not ifs:
        return None
    blanks = "".join(char for char in ifs if char in _BLANKS)
    others = "".join(char for char in ifs if char not in _BLANKS)
    blank = f"[{re.escape(blanks)}]" if blanks else ""
    if not others:
        return re.compile(f"{blank}+")
    other = f"[{re.escape(others)}]"
    if not blank:
        return re.compile(f"(?P<hard>{other})")
    return re.compile(f"{blank}*(?P<hard>{other}){blank}*|{blank}+")


def split_pieces(pieces: list[Piece], ifs: str) -> list[Field]:  # noqa: C901 -- one pass with its cases
    """Split pieces into fields."""
    separators = _separators(ifs)
    hard = separators is not None and "hard" in separators.groupindex
    fields: list[Field] = []
    current: Field | None = None
    for text, kind in pieces:
        if kind == BREAK:
            if current is not None:
                fields.append(current)
            current = None
            continue
        if kind != SPLIT or separators is None:
            if text or kind == QUOTED:
                current = [] if current is None else current
                current.append((text, kind))
            continue
        place = 0
        for found in separators.finditer(text):
            if found.start() > place:
                current = [] if current is None else current
                current.append((text[place : found.start()], SPLIT))
            place = found.end()
            if current is not None or (hard and found["hard"] is not None):
                fields.append(current or [])
                current = None
        if place < len(text):
            current = [] if current is None else current
            current.append((text[place:], SPLIT))
    if current is not None:
        fields.append(current)
    return fields


def field_text(field: Field) -> str:
    """Return a field's text."""
    return "".join(text for text, _ in field)


def field_pattern(field: Field) -> str:
    """Return a field as a pattern: its quoted parts match only themselves."""
    return "".join(escape(text) if kind == QUOTED else text for text, kind in field)


def read_split(text: str, ifs: str, limit: int | None, quoted: frozenset[int] = frozenset()) -> list[str]:
    """Split a line as `read` does: at most `limit` fields; the last one has the rest of the line.

    Characters at the places in `quoted` (behind a backslash) do not separate.
    """
    blanks = {char for char in ifs if char in _BLANKS}
    fields: list[str] = []
    pos, end = 0, len(text)
    while pos < end and text[pos] in blanks and pos not in quoted:
        pos += 1
    while pos < end:
        if limit is not None and len(fields) == limit - 1:
            fields.append(_rest(text, pos, ifs, quoted))
            return fields
        start = pos
        while pos < end and (text[pos] not in ifs or pos in quoted):
            pos += 1
        fields.append(text[start:pos])
        while pos < end and text[pos] in blanks and pos not in quoted:
            pos += 1
        if pos < end and text[pos] in ifs and text[pos] not in blanks and pos not in quoted:
            pos += 1
            while pos < end and text[pos] in blanks and pos not in quoted:
                pos += 1
    return fields


def _rest(text: str, pos: int, ifs: str, quoted: frozenset[int]) -> str:
    """Return the last field: the rest, without blanks and without a single separator at its end."""
    end = len(text)
    while end > pos and text[end - 1] in ifs and text[end - 1] in _BLANKS and end - 1 not in quoted:
        end -= 1
    rest = text[pos:end]
    if rest and rest[-1] in ifs and rest[-1] not in _BLANKS and end - 1 not in quoted:
        others = [char for place, char in enumerate(rest[:-1], pos) if char in ifs and place not in quoted]
        if not others:
            rest = rest[:-1].rstrip("".join(char for char in ifs if char in _BLANKS))
    return rest
