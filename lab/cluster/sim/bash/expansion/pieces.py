"""Parts of words become pieces: every step of expansion except splitting and globbing."""

import re
from collections.abc import Sequence

from lab.cluster.sim.bash.expansion.arithmetic import calculate
from lab.cluster.sim.bash.expansion.errors import Effect, ExpansionError
from lab.cluster.sim.bash.expansion.host import Host
from lab.cluster.sim.bash.expansion.parameters import ParameterExpansion
from lab.cluster.sim.bash.expansion.splitting import (
    BREAK,
    LITERAL,
    QUOTED,
    SPLIT,
    Piece,
    field_pattern,
    field_text,
)
from lab.cluster.sim.bash.expansion.tildes import expand_tildes
from lab.cluster.sim.bash.expansion.variables import Variables
from lab.cluster.sim.bash.language.tree import (
    Arithmetic,
    BadSubstitution,
    CommandSubstitution,
    DoubleQuoted,
    Parameter,
    Part,
    ProcessSubstitution,
    Quoted,
    Text,
    Word,
)

__all__ = ["Pieces", "joined_text"]

_TRANSFORMATION = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?@")  # a letter that bash does not know


class Pieces:
    """Expands parts with the variables and the host of one shell."""

    def __init__(self, variables: Variables, host: Host) -> None:
        self.variables = variables
        self.host = host
        self.parameters = ParameterExpansion(variables, host, self)

    async def expand(
        self, parts: Sequence[Part], *, quoted: bool = False, split: bool = True, literal: int = LITERAL
    ) -> list[Piece]:
        """Return the pieces of these parts.

        `split` says whether the pieces will be split into fields. Only then does "$@" give several fields.
        `literal` is the kind of pieces for plain text.
        """
        found: list[Piece] = []
        for part in parts:
            if isinstance(part, Text):
                found.append((part.text, literal))
            elif isinstance(part, Quoted):
                found.append((part.text, QUOTED))
            elif isinstance(part, Parameter):
                found += await self.parameters.expand(part, quoted=quoted, split=split)
            elif isinstance(part, DoubleQuoted):
                found += await self._double_quoted(part, split=split)
            else:
                found.append((await self._text(part), QUOTED if quoted else SPLIT))
        return found

    async def _double_quoted(self, part: DoubleQuoted, *, split: bool) -> list[Piece]:
        """Expand a string in double quotes; a string with only an empty "$@" gives no field."""
        inner = await self.expand(part.parts, quoted=True, split=split)
        listed = any(isinstance(found, Parameter) and _is_listed(found) for found in part.parts)
        if listed and not any(text or kind == BREAK for text, kind in inner):
            return inner if any(found == ("", QUOTED) for found in inner) and len(part.parts) == 1 else []
        return inner or [("", QUOTED)]

    async def _text(self, part: Part) -> str:
        """Return the text of a part that has a single text."""
        if isinstance(part, CommandSubstitution):
            output = await self.host.command_substitution(part)
            if "\0" in output:
                self.host.warn("warning: command substitution: ignored null byte in input")
                output = output.replace("\0", "")
            return output.rstrip("\n")
        if isinstance(part, Arithmetic):
            expression = await self.text(part.expression)
            return str(calculate(expression, self.variables, nounset=self.host.option("nounset")))
        if isinstance(part, ProcessSubstitution):
            return await self.host.process_substitution(part)
        if isinstance(part, BadSubstitution):
            effect = Effect.EXIT if _TRANSFORMATION.match(part.source) else Effect.DISCARD
            raise ExpansionError(
                f"{part.whole or part.source}: bad substitution",
                effect,
                status=127 if effect is Effect.EXIT else 1,
            )
        raise TypeError(part)

    async def text(self, word: Word, *, tilde: bool = False) -> str:
        """Return a word as one text: no splitting, no globs."""
        parts = word.parts
        if len(parts) == 1 and isinstance(parts[0], Quoted):
            return parts[0].text
        if tilde:
            parts = expand_tildes(parts, self.variables, self.host)
        if len(parts) == 1 and isinstance(parts[0], Text):
            return parts[0].text
        return joined_text(await self.expand(parts, split=False))

    async def pattern(self, word: Word, *, tilde: bool = True) -> str:
        """Return a word as a pattern: its quoted characters match only themselves."""
        parts = expand_tildes(word.parts, self.variables, self.host) if tilde else word.parts
        pieces = await self.expand(parts, split=False)
        return field_pattern([(" ", QUOTED) if kind == BREAK else (text, kind) for text, kind in pieces])


def joined_text(pieces: list[Piece]) -> str:
    """Return pieces as one text, with spaces between the elements of "$@"."""
    return field_text([(" ", QUOTED) if kind == BREAK else (text, kind) for text, kind in pieces])


def _is_listed(part: Parameter) -> bool:
    """Return whether a parameter is "$@" or "${array[@]}"."""
    return part.name == "@" or (part.index is not None and part.index.source == "@")
