"""Label selectors as typed: `a=b,c!=d,e in (f,g),h,!i,j>1`, with the API server's messages about wrong ones."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lab.cluster.sim.api.rules.names import key_problems, label_problems
from lab.cluster.sim.api.rules.wording import invalid

__all__ = ["Requirement", "SelectorError", "parsed"]

_TOKEN = re.compile(r"\s*(?:([=!><]+|[(),])|([^\s=!><(),]+))")
_EXPECTED = "in, notin, =, ==, !=, gt, lt"
_OPERATORS = {"=": "in", "==": "in", "in": "in", "!=": "notin", "notin": "notin", ">": ">", "<": "<"}


class SelectorError(ValueError):
    """The selector can't be parsed."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One part of a selector. `operator` is `in`, `notin`, `exists`, `!`, `>` or `<`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fulfil the requirement."""
        value = labels.get(self.key)
        if self.operator in {"in", "notin"}:
            return (value in self.values) == (self.operator == "in")
        if self.operator in {"exists", "!"}:
            return (value is not None) == (self.operator == "exists")
        if value is None or not re.fullmatch(r"[+-]?\d+", value):
            return False
        return int(value) > int(self.values[0]) if self.operator == ">" else int(value) < int(self.values[0])


@functools.lru_cache(maxsize=256)
def parsed(text: str) -> tuple[Requirement, ...]:
    """Return the requirements of a selector, or raise `SelectorError`. A list asks for each of its objects."""
    parser = _Parser(text)
    found = []
    while (word := parser.ahead()) is not None:
        if word != "!" and _special(word):
            raise SelectorError(f"found '{word}', expected: !, identifier, or 'end of string'")
        try:
            found.append(parser.requirement())
        except SelectorError as error:
            raise SelectorError(f"unable to parse requirement: {error}") from None
        separator = parser.take()
        if separator is None:
            break
        if separator != ",":
            raise SelectorError(f"found '{separator}', expected: ',' or 'end of string'")
        after = parser.ahead()
        if after is None or (after != "!" and _special(after)):
            raise SelectorError(f"found '{after or ''}', expected: identifier after ','")
    return tuple(found)


def _special(word: str | None) -> bool:
    return word is None or word[0] in "=!><(),"


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = [special or word for special, word in _TOKEN.findall(text)]
        self._at = 0

    def ahead(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self) -> str | None:
        word = self.ahead()
        self._at += 1
        return word

    def requirement(self) -> Requirement:
        word = self.take()
        absent = word == "!"
        if absent:
            word = self.take()
        if word is None or _special(word):
            raise SelectorError(f"found '{word or ''}', expected: identifier")
        for told in key_problems(word):
            raise SelectorError(invalid("<nil>", word, told))
        if self.ahead() in {None, ","}:
            return Requirement(word, "!" if absent else "exists")
        if absent:
            return Requirement(word, "!")
        operator = self.take() or ""
        if operator not in _OPERATORS:
            raise SelectorError(f"found '{operator}', expected: {_EXPECTED}")
        values = self._values() if operator in {"in", "notin"} else (self._value(),)
        return _checked(Requirement(word, _OPERATORS[operator], values))

    def _value(self) -> str:
        if self.ahead() in {None, ","}:
            return ""
        word = self.take()
        if _special(word):
            raise SelectorError(f"found '{word}', expected: identifier")
        return word or ""

    def _values(self) -> tuple[str, ...]:
        word = self.take()
        if word != "(":
            raise SelectorError(f"found '{word or ''}' expected: '('")
        values, last = [], ","
        while (word := self.take()) != ")":
            if word is None or (word != "," and _special(word)):
                raise SelectorError(f"found '{word or ''}', expected: ',', ')' or identifier")
            if word != ",":
                values.append(word)
            elif last == ",":
                values.append("")
            last = word
        return tuple([*values, ""] if last == "," else values)


def _checked(found: Requirement) -> Requirement:
    for index, value in enumerate(found.values):
        if found.operator in "><" and not re.fullmatch(r"[+-]?\d+", value):
            told = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise SelectorError(invalid(f"values[{index}]", value, told))
        for told in label_problems(value):
            raise SelectorError(invalid(f"values[{index}][{found.key}]", value, told))
    return found
