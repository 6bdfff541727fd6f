"""Parameter expansion: `$x`, `${x[3]:-word}`, `${@:2}`, `${!x}`, with all operators."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lab.cluster.sim.bash.expansion.arithmetic import calculate
from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.expansion.host import Host
from lab.cluster.sim.bash.expansion.patterns import compiled
from lab.cluster.sim.bash.expansion.splitting import BREAK, QUOTED, SPLIT, Piece
from lab.cluster.sim.bash.expansion.tildes import expand_tildes
from lab.cluster.sim.bash.expansion.transforms import (
    changed_case,
    declaration,
    keyed,
    removed,
    replaced,
    transformed,
)
from lab.cluster.sim.bash.expansion.variables import Variable, Variables
from lab.cluster.sim.bash.language.tree import Parameter, Part, Text, Word

__all__ = ["ParameterExpansion"]

_TARGET = re.compile(r"([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])(?:\[(.+)\])?", re.DOTALL)
_MESSAGES = {"?": "parameter not set", ":?": "parameter null or not set"}


@dataclass(slots=True)
class Found:
    """The value of a parameter. `listed` is `@` or `*` if it has several values."""

    values: list[str]
    listed: str = ""
    keys: Sequence[int | str] = ()

    @property
    def value(self) -> str | None:
        """The value of a parameter that is not listed; None if it is unset."""
        return self.values[0] if self.values else None


class Words(Protocol):
    """The operations that expand the words within braces."""

    async def expand(
        self, parts: Sequence[Part], *, quoted: bool = False, split: bool = True, literal: int = ...
    ) -> list[Piece]:
        """Return the pieces of parts."""

    async def text(self, word: Word, *, tilde: bool = False) -> str:
        """Return a word as one text."""

    async def pattern(self, word: Word, *, tilde: bool = True) -> str:
        """Return a word as a pattern."""


class ParameterExpansion:
    """Expands parameters with the variables and the host of one shell."""

    def __init__(self, variables: Variables, host: Host, words: Words) -> None:
        self.variables = variables
        self.host = host
        self.words = words

    async def expand(self, part: Parameter, *, quoted: bool, split: bool) -> list[Piece]:  # noqa: PLR0911 -- one for each family of operators
        """Return the pieces of a parameter."""
        if part.indirect:
            target = await self._target(part)
            if isinstance(target, str):
                return [(target, QUOTED if quoted else SPLIT)]
            part = target
        operator = part.operator
        if operator.startswith("names"):
            return self._pieces(Found(self.variables.names(part.name), operator[-1]), quoted=quoted, split=split)
        found = await self._look_up(part)
        if operator == "":
            if not found.values and not found.listed:
                self._check_set(part)
            return self._pieces(found, quoted=quoted, split=split)
        if operator[-1] in "-=?+" and operator.strip(":") in "-=?+":
            return await self._defaulted(part, found, quoted=quoted, split=split)
        if operator == "keys":
            keys = [str(key) for key in found.keys]
            return self._pieces(Found(keys, found.listed), quoted=quoted, split=split)
        if not found.values and not found.listed:
            self._check_set(part)
        if operator == "length":
            length = len(found.values) if found.listed else len(found.value or "")
            return [(str(length), QUOTED if quoted else SPLIT)]
        return self._pieces(await self._operated(part, found), quoted=quoted, split=split)

    # Looking up

    async def _look_up(self, part: Parameter) -> Found:
        name, index = part.name, part.index
        if index is not None:
            return await self._elements(name, index)
        if name == "_":
            value = self.host.special("_")
        elif name[0] == "_" or name[0].isalpha():
            value = self.variables.get(name)
        elif name in {"@", "*"}:
            return Found(list(self.host.positional), name)
        elif name == "0":
            value = self.host.special("0")
        elif name.isdigit():
            number = int(name)
            value = self.host.positional[number - 1] if number <= len(self.host.positional) else None
        elif name == "#":
            value = str(len(self.host.positional))
        else:
            value = self.host.special(name)
        return Found([] if value is None else [value])

    async def _elements(self, name: str, index: Word) -> Found:
        variable = self.variables.find(self.variables.resolve(name))
        if index.source in {"@", "*"}:
            elements = {} if variable is None else variable.elements()
            return Found(list(elements.values()), index.source, list(elements))
        text = await self.words.text(index)
        try:
            if variable is None and calculate(text, self.variables) < 0:  # an error in the index is still reported
                self.host.warn(f"{name}: bad array subscript")
            value = self.variables.element(name, text)
        except ExpansionError as error:
            if "bad array subscript" not in error.message or "token" in error.message:
                raise
            self.host.warn(error.message)
            value = None
        return Found([] if value is None else [value])

    def _check_set(self, part: Parameter) -> None:
        if not self.host.option("nounset"):
            return
        name = f"${part.name}" if part.name.isdigit() or not part.name.isidentifier() else part.name
        if part.index is not None:
            name += f"[{part.index.source}]"
        raise ExpansionError(f"{name}: unbound variable", Effect.EXIT, status=127)

    async def _target(self, part: Parameter) -> Parameter | str:
        """Return the parameter that `${!x}` refers to; for a nameref, the name that it holds."""
        if part.name.isidentifier() and part.index is None:
            variable = self.variables.find(part.name)
            if variable is not None and variable.reference and not part.operator:
                return variable.value if isinstance(variable.value, str) else ""
        found = await self._look_up(replace(part, indirect=False))
        if found.listed:
            raise ExpansionError(f"{' '.join(found.values)}: invalid variable name")
        if found.value is None:
            raise ExpansionError(f"{part.name}: invalid indirect expansion")
        target = _TARGET.fullmatch(found.value)
        if target is None:
            raise ExpansionError(f"{found.value}: invalid variable name")
        index = None if target[2] is None else Word((Text(target[2]),), target[2])
        return replace(part, name=target[1], index=index, indirect=False)

    # Pieces

    def _pieces(self, found: Found, *, quoted: bool, split: bool) -> list[Piece]:
        kind = QUOTED if quoted else SPLIT
        if not found.listed:
            return [(found.values[0], kind)] if found.values else [("", kind)]
        if found.listed == "*" and (quoted or not split):
            ifs = self.variables.get("IFS")
            return [((" " if ifs is None else ifs[:1]).join(found.values), kind)]
        pieces: list[Piece] = []
        for value in found.values:
            if pieces:
                pieces.append(("", BREAK))
            pieces.append((value, kind))
        return pieces

    async def _defaulted(self, part: Parameter, found: Found, *, quoted: bool, split: bool) -> list[Piece]:
        """Expand `${x:-word}` and its kind."""
        operator, argument = part.operator, part.argument or Word((), "")
        missing = not found.values
        if operator[0] == ":" and not missing:
            missing = not any(found.values) and (len(found.values) == 1 or found.listed == "*")
        if operator[-1] == "+":
            if missing:
                return self._pieces(Found([], found.listed), quoted=quoted, split=split)
        elif not missing:
            return self._pieces(found, quoted=quoted, split=split)
        if operator[-1] == "=":
            value = await self._assigned(part, argument)
            return [(value, QUOTED if quoted else SPLIT)]
        if operator[-1] == "?":
            message = await self.words.text(argument, tilde=True) if argument.parts else _MESSAGES[operator]
            name = part.name if part.index is None else f"{part.name}[{part.index.source}]"
            raise ExpansionError(f"{name}: {message}", Effect.EXIT, status=127)
        parts = argument.parts if quoted else expand_tildes(argument.parts, self.variables, self.host)
        pieces = await self.words.expand(parts, quoted=quoted, split=split, literal=SPLIT)
        return pieces or [("", QUOTED if quoted else SPLIT)]

    async def _assigned(self, part: Parameter, argument: Word) -> str:
        if not part.name.isidentifier():
            raise ExpansionError(f"${part.name}: cannot assign in this way")
        value = await self.words.text(argument, tilde=True)
        if part.index is None:
            self.variables.set(part.name, value)
            return self.variables.text(part.name)
        index = await self.words.text(part.index)
        self.variables.set_element(part.name, index, value)
        return self.variables.element(part.name, index) or ""

    # Operators

    async def _operated(self, part: Parameter, found: Found) -> Found:  # noqa: PLR0911 -- one for each family of operators
        operator, argument = part.operator, part.argument or Word((), "")
        if operator == ":":
            return await self._substring(part, found)
        if operator == "@":
            return self._transformed(part, found, argument.source)
        if not found.values:
            return found
        extglob = self.host.shopt("extglob")
        ignore_case = operator[0] == "/" and self.host.shopt("nocasematch")
        text = await self.words.pattern(argument)
        pattern = compiled(text, extglob=extglob, ignore_case=ignore_case)
        if operator[0] in "#%":
            return replace(found, values=[removed(value, pattern, operator) for value in found.values])
        if operator[0] == "/":
            ampersand = self.host.shopt("patsub_replacement")
            replacement = await self._replacement(part.second, ampersand=ampersand)
            if not text and operator in {"/", "//"}:
                return found
            return replace(
                found,
                values=[
                    replaced(value, pattern, operator, replacement, ampersand=ampersand) for value in found.values
                ],
            )
        chosen = pattern if text else None
        return replace(found, values=[changed_case(value, chosen, operator) for value in found.values])

    async def _replacement(self, word: Word | None, *, ampersand: bool) -> str:
        if word is None:
            return ""
        parts = expand_tildes(word.parts, self.variables, self.host)
        pieces = await self.words.expand(parts, split=False)
        if not ampersand:
            return "".join(" " if kind == BREAK else text for text, kind in pieces)
        return "".join(_kept(text) if kind == QUOTED else " " if kind == BREAK else text for text, kind in pieces)

    async def _substring(self, part: Parameter, found: Found) -> Found:
        nounset = self.host.option("nounset")
        offset_text = await self.words.text(part.argument or Word((), ""))
        offset = calculate(offset_text, self.variables, nounset=nounset)
        length: int | None = None
        length_text = ""
        if part.second is not None:
            length_text = await self.words.text(part.second)
            length = calculate(length_text, self.variables, nounset=nounset)
        if not found.listed and found.value is None:
            return Found([""])
        if not found.listed:
            return Found([_cut(found.value or "", offset, length, length_text)])
        if length is not None and length < 0:
            raise ExpansionError(f"{length_text}: substring expression < 0")
        if part.index is None:
            values = [self.host.special("0") or "", *found.values]
            if offset < 0:
                offset += len(values)
            start = offset
            if offset < 0:
                return replace(found, values=[])
            chosen = values[start:] if start else values
            return replace(found, values=chosen if length is None else chosen[:length])
        # The elements of an associative array count from 1 here, in bash too.
        keys = [key if isinstance(key, int) else place for place, key in enumerate(found.keys, 1)]
        if offset < 0:
            offset += max(keys, default=-1) + 1
            if offset < 0:
                return replace(found, values=[])
        chosen = [value for key, value in zip(keys, found.values, strict=True) if key >= offset]
        return replace(found, values=chosen if length is None else chosen[:length])

    def _transformed(self, part: Parameter, found: Found, letter: str) -> Found:
        variable = self.variables.find(self.variables.resolve(part.name)) if part.name.isidentifier() else None
        if letter == "a":
            letters = "" if variable is None else variable.letters
            values = [letters] * (len(found.values) if found.listed else 1)
            return replace(found, values=values)
        if letter == "A":
            return self._declared(part, found, variable)
        if letter in "Kk" and found.listed and variable is not None and variable.elements():
            if letter == "K":
                return Found([keyed(variable)])
            pairs = [text for key, value in variable.elements().items() for text in (str(key), value)]
            return replace(found, values=pairs)
        return replace(found, values=[transformed(value, letter) for value in found.values])

    def _declared(self, part: Parameter, found: Found, variable: Variable | None) -> Found:
        if variable is None:
            if part.name in {"@", "*"}:
                return Found(["set -- " + " ".join(transformed(value, "Q") for value in found.values)])
            return found if found.listed else Found([])
        name = self.variables.resolve(part.name)
        return Found([declaration(name, variable, found.value, whole=bool(found.listed))])


def _kept(text: str) -> str:
    """Return quoted text of a replacement, with `&` escaped."""
    return text.replace("\\", "\\\\").replace("&", "\\&")


def _cut(value: str, offset: int, length: int | None, length_text: str) -> str:
    """Return `${x:offset:length}` of a text."""
    if offset < 0:
        offset += len(value)
        if offset < 0:
            return ""
    if offset > len(value):
        return ""
    if length is None:
        return value[offset:]
    end = len(value) + length if length < 0 else offset + length
    if end < offset:
        raise ExpansionError(f"{length_text}: substring expression < 0")
    return value[offset:end]
