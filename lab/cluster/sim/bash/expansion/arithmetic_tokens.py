"""The tokens of arithmetic: numbers in any base, names with an index, operators.

Errors name the token as bash does.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from lab.cluster.sim.bash.expansion.errors import ExpansionError

__all__ = ["Kind", "Lexer", "Numbers", "wrap"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9][A-Za-z0-9_#@]*")
_OPERATOR = re.compile(r"<<=|>>=|==|!=|<=|>=|&&|\|\||<<|>>|\*\*(?!=)|\+\+|--|[*/%+\-&^|]=|[=+\-*/%<>&|^!~?:,()]")
_ASSIGNMENTS = frozenset({"=", "*=", "/=", "%=", "+=", "-=", "<<=", ">>=", "&=", "^=", "|="})
_ASSIGNED = re.compile(r"[ \t\n\r]*=(?!=)")
_BASE = 64
_SMALL_BASE = 36
_WORD = 1 << 64


class Numbers(Protocol):
    """The variables that an expression reads and assigns."""

    def get(self, name: str) -> str | None:
        """Return `$name`; None if it is unset."""

    def element(self, name: str, index: str) -> str | None:
        """Return `${name[index]}`; None if it is unset."""

    def set(self, name: str, value: str) -> None:
        """Assign `name=value`."""

    def set_element(self, name: str, index: str, value: str) -> None:
        """Assign `name[index]=value`."""


def wrap(value: int) -> int:
    """Return the value as a signed 64-bit integer."""
    value &= _WORD - 1
    return value - _WORD if value >> 63 else value


class Kind(Enum):
    """The kinds of tokens."""

    START = "start"
    END = "end"
    NUMBER = "number"
    NAME = "name"
    OPERATOR = "operator"


class Lexer:
    """The tokens of one expression, read in order."""

    __slots__ = (
        "expression",
        "incremented",
        "index",
        "kind",
        "last_kind",
        "last_text",
        "look_up",
        "name",
        "number",
        "place",
        "pos",
        "skipping",
        "text",
    )

    def __init__(self, expression: str, look_up: Callable[[str, str | None], int]) -> None:
        self.expression = expression
        self.look_up = look_up
        self.pos = 0
        self.place = 0  # start of the last token, for errors
        self.kind = Kind.START
        self.last_kind = Kind.START
        self.text = self.last_text = ""
        self.number = 0
        self.name = ""
        self.index: str | None = None
        self.incremented = False  # behind `++x`, to which nothing can be assigned
        self.skipping = 0  # within the branch that is not taken: no assignments

    def error(self, problem: str, *, place: int | None = None) -> ExpansionError:
        """Return an error with bash's text, which quotes the expression from a token to its end."""
        shown = self.expression.lstrip(" \t\n")
        token = self.expression[self.place if place is None else place :]
        if place is not None:
            token = token.lstrip(" \t\n")
        return ExpansionError(f'{shown}: {problem} (error token is "{token}")')

    @property
    def ended(self) -> bool:
        """Whether the whole expression is read."""
        return self.kind is Kind.END

    def is_operator(self, text: str) -> bool:
        """Return whether the current token is this operator."""
        return self.kind is Kind.OPERATOR and self.text == text

    def is_assignment(self) -> bool:
        """Return whether the current operator assigns."""
        return self.text in _ASSIGNMENTS

    def advance(self) -> None:
        """Read the next token."""
        expression = self.expression
        while self.pos < len(expression) and expression[self.pos] in " \t\n\r":
            self.pos += 1
        self.last_text, last = self.text, self.kind
        if self.pos >= len(expression):
            self.last_kind, self.kind, self.text = last, Kind.END, ""
            return
        self.place = self.pos
        if found := _NAME.match(expression, self.pos):
            self._read_name(found.group())
        elif found := _NUMBER.match(expression, self.pos):
            self.pos = found.end()
            self.text = found.group()
            self.number = self._converted(self.text)
            self.last_kind, self.kind = last, Kind.NUMBER
        else:
            self._read_operator()

    def _read_name(self, name: str) -> None:
        last = self.kind
        self.pos += len(name)
        self.name, self.index = name, None
        if self.expression.startswith("[", self.pos):
            self.index = self._subscript()
        self.text = name
        assigned = _ASSIGNED.match(self.expression, self.pos) and self.last_text not in {"pre++", "pre--"}
        self.number = 0 if assigned or self.skipping else self.look_up(name, self.index)
        self.last_kind, self.kind = last, Kind.NAME

    def _subscript(self) -> str:
        start = self.pos + 1
        depth = 0
        for place in range(self.pos, len(self.expression)):
            depth += (self.expression[place] == "[") - (self.expression[place] == "]")
            if not depth:
                self.pos = place + 1
                return self.expression[start:place]
        raise self.error("bad array subscript")

    def _read_operator(self) -> None:
        last = self.kind
        found = _OPERATOR.match(self.expression, self.pos)
        if found is None:
            expected = last in {Kind.START, Kind.OPERATOR}
            if expected and self.text == ")":
                expected = False
            raise self.error(
                "syntax error: operand expected" if expected else "syntax error: invalid arithmetic operator"
            )
        text = found.group()
        self.pos = found.end()
        if text in {"++", "--"}:
            if last is Kind.NAME:
                text = "post" + text
            elif self.incremented:
                raise self.error(f"{text}: assignment requires lvalue")
            elif _NAME.match(self.expression[self.pos :].lstrip(" \t\n\r")):
                text = "pre" + text
            else:
                text = text[0]
                self.pos -= 1
        self.text = text
        self.last_kind, self.kind = last, Kind.OPERATOR

    def _converted(self, text: str) -> int:
        """Return a constant's value: decimal, octal, hexadecimal, `base#digits`."""
        base, digits = 10, text
        if "#" in text:
            prefix, digits = text.split("#", 1)
            if not prefix.isdigit() or prefix[0] == "0":
                raise self.error("invalid number" if prefix[0] != "0" else "invalid arithmetic base")
            base = int(prefix)
            if not 2 <= base <= _BASE:
                raise self.error("invalid arithmetic base")
            if not digits:
                raise self.error("invalid integer constant")
        elif text[0] == "0" and len(text) > 1:
            base, digits = (16, text[2:]) if text[1] in "xX" else (8, text[1:])
        value = 0
        for digit in digits:
            number = _digit(digit, base)
            if number >= base:
                raise self.error("value too great for base" if digit != "#" else "invalid number")
            value = wrap(value * base + number)
        return value


def _digit(digit: str, base: int) -> int:
    """Return a digit's value. Up to base 36 case does not matter; above, small letters come first."""
    if digit.isdigit():
        return int(digit)
    if digit.islower():
        return ord(digit) - ord("a") + 10
    if digit.isupper():
        return ord(digit) - ord("A") + (10 if base <= _SMALL_BASE else 36)
    if digit == "@":
        return 62
    return 63 if digit == "_" else _BASE
