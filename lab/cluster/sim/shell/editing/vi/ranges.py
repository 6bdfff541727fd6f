"""The lines of an ex command: `5`, `.,$`, `%`, `'a,/x/+1`."""

from dataclasses import dataclass

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Failure
from lab.cluster.sim.shell.editing.vi.marks import find_mark
from lab.cluster.sim.shell.editing.vi.patterns import pattern_end
from lab.cluster.sim.shell.editing.vi.searching import next_match
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["Range", "read_range"]


@dataclass(slots=True)
class Range:
    """Lines by number from 1, and how many addresses were given: none, one or two. Line 0 is before the first."""

    first: int
    last: int
    given: int = 0


def read_range(vi: Vi, text: str) -> tuple[Range, str]:
    """Return the range at the start of `text`, and the rest. Raise `Failure` for an invalid range."""
    reader = _Reader(vi, text)
    found = reader.range()
    return found, text[reader.at :]


class _Reader:
    """Reads addresses one after the other."""

    def __init__(self, vi: Vi, text: str) -> None:
        self._vi = vi
        self._text = text
        self.at = 0
        self._current = vi.cursor.row + 1

    def range(self) -> Range:
        here = self._current
        found = Range(here, here)
        self._blanks()
        if self._peek() == "%":
            self.at += 1
            found = Range(1, len(self._vi.lines), 2)
            self._blanks()
            return found
        if self._peek() == "*" and not self._vi.options.like_vi("*"):
            self.at += 1
            return Range(find_mark(self._vi, "<").row + 1, find_mark(self._vi, ">").row + 1, 2)
        while True:
            address = self._address()
            found.first, found.last = found.last, address if address is not None else self._current
            found.given = min(found.given + 1, 2) if address is not None or found.given else found.given
            self._blanks()
            separator = self._peek()
            if separator not in {",", ";"}:
                break
            self.at += 1
            found.given = max(found.given, 1)
            if separator == ";":
                self._vi.go(Pos(max(min(found.last, len(self._vi.lines)) - 1, 0), self._vi.cursor.col))
                self._current = found.last
            self._blanks()
        if found.given < 2:
            found.first = found.last
        return found

    def _peek(self) -> str:
        return self._text[self.at : self.at + 1]

    def _blanks(self) -> None:
        while self._peek() in {" ", "\t"} or (self._peek() == ":" and not self._text[: self.at].strip(" \t:")):
            self.at += 1

    def _number(self) -> int | None:
        start = self.at
        while self._peek().isdigit():
            self.at += 1
        return int(self._text[start : self.at]) if self.at > start else None

    def _address(self) -> int | None:
        line = self._base()
        while True:
            self._blanks()
            sign = self._peek()
            if sign not in {"+", "-"} and not (line is not None and sign.isdigit()):
                return line
            if sign in {"+", "-"}:
                self.at += 1
            number = self._number()
            line = (self._current if line is None else line) + (-1 if sign == "-" else 1) * (
                1 if number is None else number
            )

    def _base(self) -> int | None:
        """Read the base of an address: a number, `.`, `$`, a mark or a pattern."""
        char = self._peek()
        if char.isdigit():
            return self._number()
        if char in {"/", "?"}:
            return self._pattern(char)
        if char == "\\":
            return self._last_pattern()
        if char == "'":
            name = self._text[self.at + 1 : self.at + 2]
            if not name:
                raise Failure("E20: Mark not set")
            self.at += 2
            return find_mark(self._vi, name).row + 1
        if char in {".", "$"}:
            self.at += 1
            return self._current if char == "." else len(self._vi.lines)
        return None

    def _pattern(self, delimiter: str) -> int:
        vi = self._vi
        start = self.at + 1
        end = pattern_end(self._text, start, delimiter, literal_backslash=vi.options.like_vi("l"))
        source = self._text[start:end].replace("\\" + delimiter, delimiter)
        self.at = min(end + 1, len(self._text))
        forward = delimiter == "/"
        if source:
            vi.last.search.pattern, vi.last.search.offset = source, ""
            vi.registers.pattern = source
        row = self._current - 1
        row = max(min(row, vi.buffer.last), 0)
        start_at = Pos(row, len(vi.lines[row])) if forward else Pos(row, 0)
        found = next_match(vi, vi.pattern(source), start_at, forward=forward, name=vi.last.search.pattern)
        while (following := self._peek()) in {"/", "?"} and following:
            self._current = found.start.row + 1
            return self._pattern(following)
        return found.start.row + 1

    def _last_pattern(self) -> int:
        kind = self._text[self.at + 1 : self.at + 2]
        if kind not in {"/", "?", "&"}:
            raise Failure("E10: \\ should be followed by /, ? or &")
        self.at += 2
        vi = self._vi
        source = vi.last.substitute_pattern if kind == "&" else vi.last.search.pattern
        if not source:
            raise Failure("E35: No previous regular expression")
        row = self._current - 1
        at = Pos(row, 0) if kind == "?" else Pos(row, len(vi.lines[row]))
        return next_match(vi, vi.pattern(source), at, forward=kind != "?", name=source).start.row + 1
