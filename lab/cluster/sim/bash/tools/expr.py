"""expr: arithmetic, comparisons and strings."""

import re
from collections.abc import Callable

from lab.cluster.sim.bash.expansion.posix_regex import RegexError, translate
from lab.cluster.sim.bash.language.octets import encode
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.tools.options import UsageError
from lab.cluster.sim.text.bounded_regex import Regex

__all__ = ["expr"]

_COMPARE: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0, "=": lambda sign: sign == 0,
    "==": lambda sign: sign == 0, "!=": lambda sign: sign != 0, ">=": lambda sign: sign >= 0,
    ">": lambda sign: sign > 0,
}  # fmt: skip
_TROUBLE = 2


async def expr(call: Call) -> int:
    """Print the value of an expression: return 1 if it is empty or zero, 2 if the expression is invalid."""
    words = call.argv[1:] if call.argv[:1] == ["--"] else call.argv
    try:
        if not words:
            raise UsageError("expr: missing operand\nTry 'expr --help' for more information.", _TROUBLE)
        reader = _Reader(words)
        value = reader.either()
        reader.end()
    except UsageError as error:
        return await call.fail(error.message, error.code)
    await call.out(encode(f"{value}\n"))
    return int(_false(value))


def _false(value: str) -> bool:
    return value in {"", "0"} or re.fullmatch(r"-?0+", value) is not None


def _number(value: str) -> int:
    if re.fullmatch(r"-?\d+", value) is None:
        raise UsageError("expr: non-integer argument", _TROUBLE)
    return int(value)


class _Reader:
    """Reads an expression: `|` binds least, `:` binds most."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0

    def _peek(self) -> str | None:
        return self._words[self._at] if self._at < len(self._words) else None

    def _take(self, *operators: str) -> str:
        word = self._peek()
        if word in operators:
            self._at += 1
            return word or ""
        return ""

    def end(self) -> None:
        """Reject remaining words."""
        word = self._peek()
        if word is not None:
            raise UsageError(f"expr: syntax error: unexpected argument ‘{word}’", _TROUBLE)

    def either(self) -> str:
        """Read `a | b`."""
        left = self._both()
        while self._take("|"):
            right = self._both()
            left = left if not _false(left) else right if not _false(right) else "0"
        return left

    def _both(self) -> str:
        left = self._compared()
        while self._take("&"):
            right = self._compared()
            left = left if not _false(left) and not _false(right) else "0"
        return left

    def _compared(self) -> str:
        left = self._sum()
        while operator := self._take(*_COMPARE):
            right = self._sum()
            both = re.compile(r"-?\d+")
            if both.fullmatch(left) and both.fullmatch(right):
                sign = (int(left) > int(right)) - (int(left) < int(right))
            else:
                sign = (left > right) - (left < right)
            left = str(int(_COMPARE[operator](sign)))
        return left

    def _sum(self) -> str:
        left = self._product()
        while operator := self._take("+", "-"):
            right = _number(self._product())
            left = str(_number(left) + (right if operator == "+" else -right))
        return left

    def _product(self) -> str:
        left = self._matched()
        while operator := self._take("*", "/", "%"):
            first, second = _number(left), _number(self._matched())
            if operator == "*":
                left = str(first * second)
                continue
            if not second:
                raise UsageError("expr: division by zero", _TROUBLE)
            quotient = abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
            left = str(quotient if operator == "/" else first - quotient * second)
        return left

    def _matched(self) -> str:
        left = self._word()
        while self._take(":"):
            left = _match(left, self._word())
        return left

    def _word(self) -> str:
        word = self._peek()
        if word is None:
            last = self._words[self._at - 1]
            raise UsageError(f"expr: syntax error: missing argument after ‘{last}’", _TROUBLE)
        self._at += 1
        if word == "(":
            value = self.either()
            if not self._take(")"):
                last = self._words[self._at - 1]
                raise UsageError(f"expr: syntax error: expecting ')' after ‘{last}’", _TROUBLE)
            return value
        if word == ")":
            raise UsageError("expr: syntax error: unexpected ')'", _TROUBLE)
        if word == "+":
            self._at += 1
            return self._words[self._at - 1] if self._at <= len(self._words) else "+"
        return self._named(word)

    def _named(self, word: str) -> str:
        following = self._peek()
        if following is None:
            return word
        match word:
            case "length":
                return str(len(self._word()))
            case "match":
                return _match(self._word(), self._word())
            case "index":
                text, letters = self._word(), self._word()
                return str(next((at for at, letter in enumerate(text, 1) if letter in letters), 0))
            case "substr":
                text, start, length = self._word(), _number(self._word()), _number(self._word())
                return text[start - 1 : start - 1 + length] if start > 0 and length > 0 else ""
        return word


def _match(text: str, pattern: str) -> str:
    try:
        translation = translate(pattern, extended=False)
    except RegexError as error:
        raise UsageError(f"expr: {error}", _TROUBLE) from None
    found = Regex(translation.pattern).match(text)
    if translation.groups:
        return (found[1] or "") if found is not None else ""
    return str(len(found[0]) if found is not None else 0)
