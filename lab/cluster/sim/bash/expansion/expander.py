"""Words to fields: the one entry point of expansion."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.expansion.arithmetic import calculate
from lab.cluster.sim.bash.expansion.braces import expand_braces
from lab.cluster.sim.bash.expansion.conditions import Conditions
from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.expansion.globbing import glob
from lab.cluster.sim.bash.expansion.host import Host
from lab.cluster.sim.bash.expansion.patterns import compiled, is_pattern
from lab.cluster.sim.bash.expansion.pieces import Pieces, joined_text
from lab.cluster.sim.bash.expansion.quoting import trace_quote
from lab.cluster.sim.bash.expansion.splitting import (
    QUOTED,
    Field,
    field_pattern,
    field_text,
    read_split,
    split_pieces,
)
from lab.cluster.sim.bash.expansion.tildes import expand_tildes
from lab.cluster.sim.bash.expansion.variables import Element, Variables
from lab.cluster.sim.bash.language.reader import quoted_text
from lab.cluster.sim.bash.language.tree import (
    ArrayValue,
    Assignment,
    Condition,
    DoubleQuoted,
    HereDocument,
    Parameter,
    Part,
    Quoted,
    Text,
    Word,
)

__all__ = ["ArrayArgument", "Expander"]

_ACTIVE = frozenset("*?[{~(")
_BLANKS = " \t\n"


@dataclass(frozen=True, slots=True)
class ArrayArgument:
    """An argument `name=(...)` of a declaration command, with its elements expanded and not yet assigned.

    Builtins hand it to `Variables.assign_array` once they have set the attributes.
    """

    name: str
    elements: tuple[Element, ...]
    append: bool
    source: str


class Expander:
    """Expands words with the variables and the host of one shell. All methods raise `ExpansionError`."""

    def __init__(self, variables: Variables, host: Host) -> None:
        self.variables = variables
        self.host = host
        self.pieces = Pieces(variables, host)
        self.conditions = Conditions(self.pieces)

    # Fields

    async def fields(self, words: Iterable[Word]) -> list[str]:
        """Expand words fully: braces, parameters, splitting, globs. For `for x in ...` and array elements."""
        found: list[str] = []
        for word in words:
            found += await self._word_fields(word)
        return found

    async def _word_fields(self, word: Word) -> list[str]:
        parts = word.parts
        if len(parts) == 1:
            only = parts[0]
            if isinstance(only, Quoted) or (isinstance(only, Text) and _ACTIVE.isdisjoint(only.text)):
                return [only.text]
            if isinstance(only, DoubleQuoted) and (text := self._quoted(only)) is not None:
                return [text]
        found: list[str] = []
        for expanded in expand_braces(parts) if self.host.option("braceexpand") else [parts]:
            found += await self._fields_of(expanded)
        return found

    def _quoted(self, part: DoubleQuoted) -> str | None:
        """Return the text of a string with plain variables at most, such as "$x" and "$x/y"; None for others."""
        texts: list[str] = []
        for each in part.parts:
            if isinstance(each, Quoted):
                texts.append(each.text)
            elif isinstance(each, Parameter) and each.plain and not self.host.option("nounset"):
                texts.append(self.variables.get(each.name) or "")
            else:
                return None
        return "".join(texts)

    async def _fields_of(self, parts: tuple[Part, ...]) -> list[str]:
        pieces = await self.pieces.expand(expand_tildes(parts, self.variables, self.host))
        ifs = self.variables.get("IFS")
        found: list[str] = []
        for field in split_pieces(pieces, _BLANKS if ifs is None else ifs):
            found += self._globbed(field)
        return found

    def _globbed(self, field: Field) -> list[str]:
        """Return the files that a field's pattern matches, or the field itself."""
        text = field_text(field)
        extglob = self.host.shopt("extglob")
        if self.host.option("noglob") or not any(
            kind != QUOTED and is_pattern(part, extglob=extglob) for part, kind in _neighbours(field)
        ):
            return [text]
        files = glob(
            field_pattern(field),
            self.host.files,
            extglob=extglob,
            dotglob=self.host.shopt("dotglob"),
            ignore_case=self.host.shopt("nocaseglob"),
            globstar=self.host.shopt("globstar"),
        )
        if files:
            return files
        if self.host.shopt("failglob"):
            raise ExpansionError(f"no match: {text}")
        return [] if self.host.shopt("nullglob") else [text]

    async def arguments(self, words: Iterable[Word | Assignment]) -> list[str | ArrayArgument]:
        """Expand a simple command's words. Assignments become an unsplit `name=value` or an `ArrayArgument`."""
        found: list[str | ArrayArgument] = []
        for word in words:
            if isinstance(word, Word):
                found += await self._word_fields(word)
            else:
                found.append(await self._argument(word))
        return found

    async def _argument(self, assignment: Assignment) -> str | ArrayArgument:
        if isinstance(assignment.value, ArrayValue):
            elements = await self.array_elements(assignment.value, associative=False)
            return ArrayArgument(assignment.name, elements, assignment.append, assignment.source)
        index = "" if assignment.index is None else f"[{await self.pieces.text(assignment.index)}]"
        operator = "+=" if assignment.append else "="
        return f"{assignment.name}{index}{operator}{await self.assignment_text(assignment.value)}"

    # Single texts

    async def text(self, word: Word) -> str:
        """Expand to one string, without splitting and globs: `case` words, here-strings, `[[ ]]` operands."""
        return await self.pieces.text(word, tilde=True)

    async def assignment_text(self, word: Word) -> str:
        """Expand the value of an assignment: as `text`, and with tildes after `:` too."""
        parts = word.parts
        if len(parts) == 1:
            only = parts[0]
            if isinstance(only, Quoted):
                return only.text
            if isinstance(only, DoubleQuoted) and (text := self._quoted(only)) is not None:
                return text
        parts = expand_tildes(parts, self.variables, self.host, assignment=True)
        return joined_text(await self.pieces.expand(parts, split=False))

    async def redirection_target(self, word: Word) -> str:
        """Expand a redirection's file name. Raise `ExpansionError` with `WORD: ambiguous redirect`."""
        found = await self._word_fields(word)
        if len(found) != 1:
            raise ExpansionError(f"{word.source}: ambiguous redirect", Effect.FAIL)
        return found[0]

    async def here_document(self, document: HereDocument) -> str:
        """Return the text of a here-document."""
        return await self.pieces.text(document.body)

    async def prompt(self, text: str) -> str:
        """Expand `$x`, `$(...)` and `$((...))` in a prompt or `set -x` prefix, as within double quotes."""
        if "$" not in text and "`" not in text and "\\" not in text:
            return text
        return await self.pieces.text(quoted_text(text))

    # Assignments

    async def assign(self, assignment: Assignment, *, shown: bool) -> str:
        """Expand and carry out an assignment. Return the text that `set -x` shows for it, if it is `shown`."""
        name, value = assignment.name, assignment.value
        operator = "+=" if assignment.append else "="
        if isinstance(value, ArrayValue):
            variable = self.variables.find(self.variables.resolve(name))
            associative = variable is not None and variable.associative
            elements = await self.array_elements(value, associative=associative)
            self.variables.assign_array(name, elements, append=assignment.append)
            return f"{name}{operator}{value.source}"
        text = await self.assignment_text(value)
        if assignment.index is None:
            self.variables.set(name, text, append=assignment.append)
            return f"{name}{operator}{trace_quote(text) if text else ''}" if shown else ""
        index = await self.pieces.text(assignment.index)
        self.variables.set_element(name, index, text, append=assignment.append)
        return f"{name}[{assignment.index.source}]{operator}{trace_quote(text) if text else ''}"

    async def array_elements(self, value: ArrayValue, *, associative: bool) -> tuple[Element, ...]:
        """Expand the elements of a compound assignment."""
        del associative  # An index is expanded in the same way and calculated at the assignment.
        found: list[Element] = []
        for element in value.elements:
            if element.index is None:
                found += [(None, field, False) for field in await self._word_fields(element.value)]
            else:
                index = await self.pieces.text(element.index)
                found.append((index, await self.assignment_text(element.value), element.append))
        return tuple(found)

    # Patterns, numbers, conditions

    async def matches(self, word: Word, text: str) -> bool:
        """Return whether the pattern `word` of a `case` clause matches `text`."""
        pattern = await self.pieces.pattern(word)
        extglob, ignore_case = self.host.shopt("extglob"), self.host.shopt("nocasematch")
        return compiled(pattern, extglob=extglob, ignore_case=ignore_case).matches(text)

    async def number(self, word: Word) -> int:
        """Expand and calculate `((...))` or a part of an arithmetic `for`. An empty text is 0.

        An error has the effect FAIL.
        """
        expression = await self.pieces.text(word)
        try:
            return calculate(expression, self.variables, nounset=self.host.option("nounset"))
        except ExpansionError as error:
            if error.effect is Effect.EXIT:
                raise
            prefix = "((: " if "error token" in error.message else ""
            raise ExpansionError(f"{prefix}{error.message}", Effect.FAIL) from None

    async def condition(self, condition: Condition) -> bool:
        """Evaluate `[[ ... ]]`. A malformed regular expression or number raises `ExpansionError` (status 2, 1)."""
        return await self.conditions.answer(condition)

    def ifs_split(
        self, text: str, limit: int | None = None, quoted: frozenset[int] = frozenset()
    ) -> Sequence[str]:
        """Split by $IFS as `read` does: at most `limit` fields; the last one has the rest of the line.

        `quoted` holds the places of characters behind a backslash: they do not separate.
        """
        ifs = self.variables.get("IFS")
        return read_split(text, _BLANKS if ifs is None else ifs, limit, quoted)


def _neighbours(field: Field) -> Field:
    """Return a field with its unquoted pieces joined over quoted ones, so that `["a"]*` is seen as a pattern."""
    plain = "".join("x" if kind == QUOTED else text for text, kind in field)
    kinds = [kind for _, kind in field if kind != QUOTED]
    return [(plain, kinds[0])] if kinds else []
