"""Read words: quotes, `$...`, backquotes, process substitutions, extended patterns."""

import re
from collections.abc import Callable
from dataclasses import replace

from lab.cluster.sim.bash.language import escapes
from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.parameters import ParameterReader
from lab.cluster.sim.bash.language.parts import PartList
from lab.cluster.sim.bash.language.scanner import Scanner
from lab.cluster.sim.bash.language.tree import (
    Arithmetic,
    BadSubstitution,
    CommandList,
    CommandSubstitution,
    DoubleQuoted,
    Parameter,
    Part,
    ProcessSubstitution,
    Quoted,
    Text,
    Word,
)

__all__ = ["WordReader"]

_PLAIN = re.compile(r"[^\s;&|<>()\\'\"$`?*@+!]+")
_PLAIN_QUOTED = re.compile(r'[^\\"$`]+')
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPECIAL = "@*#?-$!0123456789"
_META = frozenset(" \t\n;&|<>()")


class WordReader:
    """Reads words at a scanner's position. `substitution` reads the commands of `$(...)` up to the parenthesis."""

    __slots__ = ("bad", "document", "parameters", "scanner", "substitution")

    def __init__(
        self, scanner: Scanner, substitution: Callable[[Scanner], CommandList], *, document: bool = False
    ) -> None:
        self.scanner = scanner
        self.document = document  # the text of a here-document
        self.bad = False  # whether there was a bad substitution
        self.substitution = substitution
        self.parameters = ParameterReader(self)

    def word(self, *, extglob: bool | None = None, stop: frozenset[str] = _META) -> Word:
        """Read a word up to a character of `stop`. It may be empty."""
        scanner = self.scanner
        start = scanner.pos
        line = scanner.line()
        parts = self.unquoted(stop, extglob=scanner.dialect.extglob if extglob is None else extglob)
        source = scanner.text[start : scanner.pos]
        return Word(_named(parts, source) if self.bad else parts, source, line)

    def unquoted(self, stop: frozenset[str], *, extglob: bool = False, closing: str = "") -> tuple[Part, ...]:
        """Read parts outside of quotes.

        `closing` is the bracket that ends the word; nested brackets of its kind are counted.
        """
        scanner = self.scanner
        text = scanner.text
        parts = PartList()
        opening = {"]": "[", ")": "("}.get(closing, "")
        depth = 0
        while scanner.pos < len(text):
            pos = scanner.pos
            if (run := _PLAIN.match(text, pos)) and not closing and stop is _META:
                parts.text(run.group())
                scanner.pos = run.end()
                continue
            char = text[pos]
            if char in stop and not (closing and depth and char == closing):
                if char in "<>" and text.startswith("(", pos + 1):
                    parts.add(self._process_substitution())
                    continue
                break
            if char == "\\":
                self._escaped(parts)
            elif char in "'\"$`":
                parts.extend(self.special(char))
            elif extglob and char in "?*@+!" and text.startswith("(", pos + 1):
                self._extended_pattern(parts)
            else:
                depth += (char == opening) - (bool(closing) and char == closing)
                parts.text(char)
                scanner.pos += 1
        return parts.done()

    def special(self, char: str) -> list[Part]:
        """Read a quote, a dollar or a backquote, outside of double quotes."""
        scanner = self.scanner
        if char == "'":
            line, start = scanner.line(), scanner.pos + 1
            end = scanner.text.find("'", start)
            if end < 0:
                raise scanner.unmatched("'", line)
            scanner.pos = end + 1
            return [Quoted(scanner.text[start:end])]
        if char == '"':
            return [self._double_quoted()]
        if char == "`":
            return [self._backquoted(quoted=False)]
        return self.dollar(quoted=False)

    def _escaped(self, parts: PartList) -> None:
        scanner = self.scanner
        following = scanner.text[scanner.pos + 1 : scanner.pos + 2]
        scanner.pos += 2 if following else 1
        if following != "\n":
            parts.add(Quoted(following or "\\"))

    def _extended_pattern(self, parts: PartList) -> None:
        """Read `@(a|b c)`, with everything up to the closing parenthesis."""
        scanner = self.scanner
        line = scanner.line()
        parts.text(scanner.text[scanner.pos : scanner.pos + 2])
        scanner.pos += 2
        inner = self.unquoted(frozenset(")"), extglob=True, closing=")")
        if scanner.char != ")":
            raise scanner.unmatched(")", line)
        scanner.pos += 1
        parts.extend(inner)
        parts.text(")")

    def _double_quoted(self) -> DoubleQuoted:
        scanner = self.scanner
        line = scanner.line()
        scanner.pos += 1
        start = scanner.pos
        parts = self.quoted('"')
        if scanner.char != '"':
            raise scanner.unmatched('"', line)
        scanner.pos += 1
        return DoubleQuoted(_named(parts, scanner.text[start : scanner.pos - 1]) if self.bad else parts)

    def quoted(self, stop: str, *, escapable: str = '$`"\\', drop: str = "") -> tuple[Part, ...]:
        """Read parts as within double quotes, up to a character of `stop` or the end.

        Characters of `drop` are left out: double quotes in arithmetic.
        """
        scanner = self.scanner
        text = scanner.text
        parts = PartList()
        while scanner.pos < len(text):
            if not stop.strip('"') and (run := _PLAIN_QUOTED.match(text, scanner.pos)):
                parts.quoted(run.group())
                scanner.pos = run.end()
                continue
            char = text[scanner.pos]
            if char in stop:
                break
            if char == "\\":
                following = text[scanner.pos + 1 : scanner.pos + 2]
                scanner.pos += 2
                if following and following in escapable:
                    parts.quoted(following)
                elif following != "\n":
                    parts.quoted("\\" + following)
            elif char == "`":
                parts.add(self._backquoted(quoted=True))
            elif char == "$":
                parts.extend(self.dollar(quoted=True))
            else:
                if char not in drop:
                    parts.quoted(char)
                scanner.pos += 1
        scanner.pos = min(scanner.pos, len(text))
        return parts.done()

    def dollar(self, *, quoted: bool) -> list[Part]:  # noqa: PLR0911 -- one for each kind
        """Read an expansion that begins with a dollar sign."""
        scanner = self.scanner
        text, pos = scanner.text, scanner.pos
        following = text[pos + 1 : pos + 2]
        if following == "{":
            return [self.parameters.braces(quoted=quoted)]
        if following == "(":
            if text.startswith("((", pos + 1) and (found := self._arithmetic()) is not None:
                return [found]
            return [self._command_substitution()]
        if following == "[":
            return [self._old_arithmetic()]
        if name := _NAME.match(text, pos + 1):
            scanner.pos = name.end()
            return [Parameter(name.group(), source="$" + name.group())]
        if following and following in _SPECIAL:
            scanner.pos += 2
            return [Parameter(following, source="$" + following)]
        if following == "'" and not quoted:
            scanner.pos += 1
            return [Quoted(self._decoded())]
        if following == '"' and not quoted:
            scanner.pos += 1
            return [self._double_quoted()]
        scanner.pos += 1
        return [Quoted("$") if quoted else Text("$")]

    def _decoded(self) -> str:
        """Read the `'...'` of `$'...'` with its escapes."""
        scanner = self.scanner
        line, start = scanner.line(), scanner.pos + 1
        end = start
        while end < len(scanner.text) and scanner.text[end] != "'":
            end += 2 if scanner.text[end] == "\\" else 1
        if end >= len(scanner.text):
            raise scanner.unmatched("'", line)
        scanner.pos = end + 1
        return escapes.decode(scanner.text[start:end])

    def _command_substitution(self) -> CommandSubstitution:
        scanner = self.scanner
        line = scanner.line()
        scanner.pos += 2
        start = scanner.pos
        body = self.substitution(scanner)
        return CommandSubstitution(scanner.text[start : scanner.pos - 1], body, line)

    def _process_substitution(self) -> ProcessSubstitution:
        scanner = self.scanner
        line, direction = scanner.line(), scanner.char
        scanner.pos += 2
        start = scanner.pos
        body = self.substitution(scanner)
        return ProcessSubstitution(direction, scanner.text[start : scanner.pos - 1], body, line)

    def _arithmetic(self) -> Arithmetic | None:
        """Read `$((...))`; return None if it is a command substitution that begins with a subshell."""
        scanner = self.scanner
        start = scanner.pos
        line = scanner.line()
        end = self.closing_parenthesis(start + 2)
        if end is None:
            raise scanner.unmatched(")", line)
        if not scanner.text.startswith(")", end + 1):
            if not scanner.text[end + 1 :].strip():
                raise scanner.unmatched(")", line)
            return None
        inside = scanner.text[start + 3 : end]
        scanner.pos = end + 2
        return Arithmetic(self.arithmetic_word(inside, line), inside)

    def closing_parenthesis(self, pos: int) -> int | None:
        """Return the place of the parenthesis that closes the one at `pos`, outside of quotes, or None."""
        text = self.scanner.text
        depth = 0
        while pos < len(text):
            char = text[pos]
            if char == "\\":
                pos += 1
            elif char in "'\"`":
                pos = self._end_of_quote(pos, char)
                if pos >= len(text):
                    raise self.scanner.unmatched(char, self.scanner.line())
            elif char == "(":
                depth += 1
            elif char == ")":
                depth -= 1
                if not depth:
                    return pos
            pos += 1
        return None

    def _end_of_quote(self, pos: int, quote: str) -> int:
        text = self.scanner.text
        pos += 1
        while pos < len(text) and text[pos] != quote:
            pos += 2 if text[pos] == "\\" and quote != "'" else 1
        return pos

    def _old_arithmetic(self) -> Arithmetic:
        """Read `$[...]`."""
        scanner = self.scanner
        line = scanner.line()
        end = scanner.text.find("]", scanner.pos)
        if end < 0:
            raise scanner.unmatched("]", line)
        inside = scanner.text[scanner.pos + 2 : end]
        scanner.pos = end + 1
        return Arithmetic(self.arithmetic_word(inside, line), inside)

    def arithmetic_word(self, text: str, line: int) -> Word:
        """Return an arithmetic expression's text as a word."""
        return self.inner(text, line).within_quotes(drop='"')

    def inner(self, text: str, line: int, *, document: bool = False) -> "WordReader":
        """Return a reader of a part of the script."""
        return WordReader(Scanner(text, self.scanner.dialect, line), self.substitution, document=document)

    def within_quotes(self, *, escapable: str = '$`"\\', drop: str = "") -> Word:
        """Read the whole text as within double quotes: here-documents, arithmetic, prompts."""
        return Word(self.quoted("", escapable=escapable, drop=drop), self.scanner.text, self.scanner.first_line)

    def _backquoted(self, *, quoted: bool) -> CommandSubstitution:
        scanner = self.scanner
        text, line = scanner.text, scanner.line()
        pos = scanner.pos + 1
        inside: list[str] = []
        escapable = '`\\$"' if quoted else "`\\$"
        while pos < len(text) and text[pos] != "`":
            if text[pos] == "\\" and text[pos + 1 : pos + 2] and text[pos + 1] in escapable:
                pos += 1
            inside.append(text[pos])
            pos += 1
        if pos >= len(text):
            raise scanner.unmatched("`", line)
        scanner.pos = pos + 1
        return CommandSubstitution("".join(inside), None, line, backquoted=True)

    def bad_substitution(self, start: int) -> BadSubstitution:
        """Skip the brace that ends the bad substitution at `start`."""
        scanner = self.scanner
        line = scanner.line_of(start)
        scanner.pos = start + 2
        try:
            self.unquoted(frozenset("}"))
        except ShellSyntaxError:
            scanner.pos = len(scanner.text)
        if scanner.char != "}":
            raise scanner.unmatched("}", line)
        scanner.pos += 1
        self.bad = True
        return BadSubstitution(scanner.text[start : scanner.pos])


def _named(parts: tuple[Part, ...], whole: str) -> tuple[Part, ...]:
    """Return parts whose bad substitutions know the text around them."""
    return tuple(replace(part, whole=whole) if isinstance(part, BadSubstitution) else part for part in parts)
