"""Read assignments: `x=1`, `x+=1`, `a[3]=1`, `a=(1 2 [5]=3)`."""

import re
from typing import Protocol

from lab.cluster.sim.bash.language.errors import Complaint, ShellSyntaxError
from lab.cluster.sim.bash.language.parts import PartList
from lab.cluster.sim.bash.language.scanner import Scanner
from lab.cluster.sim.bash.language.tree import ArrayElement, ArrayValue, Assignment, Part, Word

__all__ = ["AssignmentReader"]

_START = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:(\+?=)|(?=\[))")
_OPERATOR = re.compile(r"\+?=")
_BRACKET = frozenset("]")


class Words(Protocol):
    """The word reader's methods that this module uses."""

    scanner: Scanner

    def word(self) -> Word:
        """Read a word."""

    def unquoted(self, stop: frozenset[str], *, extglob: bool = False, closing: str = "") -> tuple[Part, ...]:
        """Read parts outside of quotes."""


class AssignmentReader:
    """Reads assignments with the help of a word reader."""

    def __init__(self, words: Words) -> None:
        self.words = words

    def read(self) -> Assignment | None:
        """Read an assignment at the current position; if there is none, read nothing and return None."""
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        found = _START.match(scanner.text, start)
        if found is None:
            return None
        scanner.pos = found.end()
        operator, index = found[2], None
        if operator is None:
            index = self._index()
            after = _OPERATOR.match(scanner.text, scanner.pos)
            if index is None or after is None:
                scanner.pos = start
                return None
            operator = after.group()
            scanner.pos = after.end()
        value = self._array() if scanner.char == "(" and index is None else self.words.word()
        source = scanner.text[start : scanner.pos]
        return Assignment(found[1], value, source, line, index, append=operator == "+=")

    def subscripted(self) -> Word | None:
        """Read a word like `name[...]`, whose brackets may hold blanks; return None if there is no bracket."""
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        found = _START.match(scanner.text, start)
        if found is None or found[2] is not None:
            return None
        scanner.pos = found.end() + 1
        inside = self.words.unquoted(_BRACKET, closing="]")
        if scanner.char != "]":
            raise scanner.unmatched("]", line)
        scanner.pos += 1
        parts = PartList()
        parts.text(found[1] + "[")
        parts.extend(inside)
        parts.text("]")
        parts.extend(self.words.word().parts)
        return Word(parts.done(), scanner.text[start : scanner.pos], line)

    def _index(self) -> Word | None:
        """Read `[...]`; return None if it does not end or is empty."""
        scanner = self.words.scanner
        start, line = scanner.pos + 1, scanner.line()
        scanner.pos = start
        try:
            parts = self.words.unquoted(_BRACKET, closing="]")
        except ShellSyntaxError:
            return None
        if scanner.char != "]" or "\n" in scanner.text[start : scanner.pos]:
            return None
        scanner.pos += 1
        return Word(parts, scanner.text[start : scanner.pos - 1], line)

    def _array(self) -> ArrayValue:
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        scanner.pos += 1
        elements: list[ArrayElement] = []
        while True:
            self._skip_space()
            char = scanner.char
            if not char:
                raise scanner.unmatched(")", line, status=1)
            if char == ")":
                break
            if char in ";&|<>(" and not (char in "<>" and scanner.text.startswith("(", scanner.pos + 1)):
                raise self._unexpected()
            elements.append(self._element())
        scanner.pos += 1
        return ArrayValue(tuple(elements), scanner.text[start : scanner.pos])

    def _unexpected(self) -> ShellSyntaxError:
        scanner = self.words.scanner
        line = scanner.line()
        token = scanner.text[scanner.pos : scanner.pos + 2]
        if token not in {"&&", "||", ";;", "<<", ">>"}:
            token = token[0]
        shown = scanner.current_line_text(scanner.pos)
        return ShellSyntaxError(
            (Complaint(line, f"syntax error near unexpected token `{token}'"), Complaint(line, f"`{shown}'")),
            status=1,
        )

    def _element(self) -> ArrayElement:
        scanner = self.words.scanner
        if scanner.char == "[":
            start = scanner.pos
            index = self._index()
            if index is not None and (operator := _OPERATOR.match(scanner.text, scanner.pos)):
                scanner.pos = operator.end()
                return ArrayElement(self.words.word(), index, append=operator.group() == "+=")
            scanner.pos = start
        return ArrayElement(self.words.word())

    def _skip_space(self) -> None:
        """Skip blanks, newlines and comments."""
        scanner = self.words.scanner
        while True:
            scanner.skip_blanks()
            if scanner.char == "\n":
                scanner.pos += 1
            elif scanner.char == "#":
                end = scanner.text.find("\n", scanner.pos)
                scanner.pos = len(scanner.text) if end < 0 else end
            else:
                return
