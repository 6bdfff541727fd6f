"""The evaluation of `[[ ... ]]`."""

import re
from functools import lru_cache

from lab.cluster.sim.bash.expansion.arithmetic import calculate
from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.expansion.patterns import compiled
from lab.cluster.sim.bash.expansion.pieces import Pieces
from lab.cluster.sim.bash.expansion.posix_regex import RegexError, translate
from lab.cluster.sim.bash.expansion.regexes import ExpansionRegex
from lab.cluster.sim.bash.expansion.splitting import BREAK, QUOTED
from lab.cluster.sim.bash.language.tree import (
    CondAnd,
    CondBinary,
    CondGroup,
    Condition,
    CondNot,
    CondOr,
    CondUnary,
    CondWord,
    Word,
)

__all__ = ["Conditions"]

_ELEMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\[(.*)\]", re.DOTALL)
_NOTHING_REPEATED = re.compile(r"^[*+?{]|(?<!\\)[(|][*+?{]")
_REGEX_SPECIAL = re.compile(r"[\[\]\\.*^$+?(){}|]")


@lru_cache(maxsize=256)
def _regex(text: str, *, ignore_case: bool) -> ExpansionRegex:
    """Return a compiled extended regular expression; raise `ExpansionError` if the C library would refuse it."""
    if _NOTHING_REPEATED.search(text):
        raise ExpansionError("", Effect.FAIL, status=2)
    try:
        return ExpansionRegex(translate(text, extended=True).pattern, re.IGNORECASE if ignore_case else 0)
    except (RegexError, re.error):
        raise ExpansionError("", Effect.FAIL, status=2) from None


class Conditions:
    """Evaluates conditions with the expansion of one shell."""

    def __init__(self, pieces: Pieces) -> None:
        self.pieces = pieces
        self.variables = pieces.variables
        self.host = pieces.host

    async def answer(self, condition: Condition) -> bool:  # noqa: PLR0911 -- one for each kind
        """Return whether a condition holds."""
        match condition:
            case CondWord(word):
                text = await self.pieces.text(word, tilde=True)
                await self._trace(f"-n {_traced(text)}")
                return bool(text)
            case CondGroup(inner):
                return await self.answer(inner)
            case CondNot(inner):
                return not await self.answer(inner)
            case CondAnd(left, right):
                return await self.answer(left) and await self.answer(right)
            case CondOr(left, right):
                return await self.answer(left) or await self.answer(right)
            case CondUnary(operator, word):
                text = await self.pieces.text(word, tilde=True)
                await self._trace(f"{operator} {_traced(text)}")
                return self._unary(operator, text)
            case CondBinary(operator, left, right):
                return await self._binary(operator, left, right)

    async def _trace(self, text: str) -> None:
        if self.host.option("xtrace"):
            await self.host.trace(f"[[ {text} ]]")

    def _unary(self, operator: str, text: str) -> bool:
        match operator:
            case "-z":
                return not text
            case "-n":
                return bool(text)
            case "-v":
                return self.is_set(text)
            case "-R":
                found = self.variables.find(text)
                return found is not None and found.reference and found.is_set
            case "-o":
                return self.host.option(text)
            case _:
                return self.host.files.test(operator, text)

    def is_set(self, text: str) -> bool:
        """Return whether a name or `name[index]` is set (`-v`)."""
        if element := _ELEMENT.fullmatch(text):
            if element[2] in {"@", "*"}:
                variable = self.variables.find(self.variables.resolve(element[1]))
                return variable is not None and bool(variable.elements())
            return self.variables.element(element[1], element[2]) is not None
        if text.isdigit():
            return 0 < int(text) <= len(self.host.positional) or text == "0"
        return self.variables.get(text) is not None

    async def _binary(self, operator: str, left: Word, right: Word) -> bool:
        text = await self.pieces.text(left, tilde=True)
        if operator in {"=", "==", "!="}:
            pattern = await self.pieces.pattern(right)
            await self._trace(f"{_traced(text)} {operator} {pattern or _traced(pattern)}")
            found = compiled(pattern, extglob=True, ignore_case=self.host.shopt("nocasematch")).matches(text)
            return found == (operator != "!=")
        if operator == "=~":
            return await self._regex_match(text, right)
        other = await self.pieces.text(right, tilde=True)
        await self._trace(f"{_traced(text)} {operator} {_traced(other)}")
        match operator:
            case "<":
                return text < other
            case ">":
                return text > other
            case "-nt" | "-ot" | "-ef":
                return self.host.files.compare(operator, text, other)
            case _:
                return self._compared(operator, text, other)

    def _compared(self, operator: str, left: str, right: str) -> bool:
        nounset = self.host.option("nounset")
        try:
            first = calculate(left, self.variables, nounset=nounset)
            second = calculate(right, self.variables, nounset=nounset)
        except ExpansionError as error:
            if error.effect is Effect.EXIT:
                raise
            raise ExpansionError(f"[[: {error.message}", Effect.FAIL) from None
        return {
            "-eq": first == second,
            "-ne": first != second,
            "-lt": first < second,
            "-le": first <= second,
            "-gt": first > second,
            "-ge": first >= second,
        }[operator]

    async def _regex_match(self, text: str, word: Word) -> bool:
        pieces = await self.pieces.expand(word.parts, split=False)
        source = "".join(
            _REGEX_SPECIAL.sub(lambda found: "\\" + found.group(), piece)
            if kind == QUOTED
            else " "
            if kind == BREAK
            else piece
            for piece, kind in pieces
        )
        await self._trace(f"{_traced(text)} =~ {source or _traced(source)}")
        found = _regex(source, ignore_case=self.host.shopt("nocasematch")).search(text)
        groups = [] if found is None else [found.group(), *(group or "" for group in found.groups())]
        self.variables.set_array("BASH_REMATCH", groups)
        return found is not None


def _traced(text: str) -> str:
    """Return an operand as `set -x` shows it within `[[ ]]`."""
    return text or "''"
