"""Read the contents of `${...}`."""

import re
from dataclasses import replace
from string import printable
from typing import Protocol

from lab.cluster.sim.bash.language.parts import PartList
from lab.cluster.sim.bash.language.scanner import Scanner
from lab.cluster.sim.bash.language.tree import BadSubstitution, DoubleQuoted, Parameter, Part, Word

__all__ = ["ParameterReader"]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9]+")
_SPECIAL = "@*#?-$!"
_OPERATOR = re.compile(r":[-=?+]|[-=?+]|##?|%%?|\^\^?|,,?|~~?|//?|:|@(?=[UuLQEPAKak]\})")
_BRACE = frozenset("}")
_SLASH = frozenset("/}")
_BRACKET = frozenset("]")


class Words(Protocol):
    """The word reader's methods that this module uses."""

    scanner: Scanner
    document: bool

    def unquoted(self, stop: frozenset[str], *, extglob: bool = False, closing: str = "") -> tuple[Part, ...]:
        """Read parts outside of quotes."""

    def special(self, char: str) -> list[Part]:
        """Read a quote, a dollar or a backquote."""

    def dollar(self, *, quoted: bool) -> list[Part]:
        """Read an expansion that begins with a dollar sign."""

    def quoted(self, stop: str, *, escapable: str = '$`"\\', drop: str = "") -> tuple[Part, ...]:
        """Read parts as within double quotes."""

    def bad_substitution(self, start: int) -> BadSubstitution:
        """Skip a bad substitution."""


class ParameterReader:
    """Reads `${...}` with the help of a word reader."""

    __slots__ = ("words",)

    def __init__(self, words: Words) -> None:
        self.words = words

    def braces(self, *, quoted: bool) -> Parameter | BadSubstitution:
        """Read `${...}` from its dollar sign to its closing brace."""
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        scanner.pos += 2
        part = self._inside(quoted=quoted)
        if part is None:
            return self.words.bad_substitution(start)
        if scanner.pos >= len(scanner.text):
            raise scanner.unmatched("}", line)
        if scanner.char != "}":
            return self.words.bad_substitution(start)
        scanner.pos += 1
        return replace(part, source=scanner.text[start : scanner.pos])

    def _inside(self, *, quoted: bool) -> Parameter | None:
        scanner = self.words.scanner
        text, pos = scanner.text, scanner.pos
        following = text[pos + 1 : pos + 2]
        if text.startswith("#", pos) and (length := self._length(following)) is not None:
            return length
        scanner.pos = pos
        indirect = text.startswith("!", pos) and (bool(_NAME.match(text, pos + 1)) or following in {"#", "@", "*"})
        if indirect:
            scanner.pos += 1
        named = self._named()
        if named is None:
            return None
        if indirect and (found := self._keys_or_names(named)) is not None:
            return found
        return self._operated(replace(named, indirect=indirect), quoted=quoted)

    def _length(self, following: str) -> Parameter | None:
        """Read `${#x}`; return None if the `#` is itself the parameter: `${#}`, `${#:-x}`."""
        scanner = self.words.scanner
        scanner.pos += 1
        if not following or following == "}":
            return None
        named = self._named()
        if named is None or scanner.char != "}":
            return None
        return replace(named, operator="length")

    def _named(self) -> Parameter | None:
        """Read a parameter's name and its index."""
        scanner = self.words.scanner
        if found := _NAME.match(scanner.text, scanner.pos):
            scanner.pos = found.end()
            name = found.group()
            if scanner.char == "[" and not name[0].isdigit():
                index = self._index()
                return None if index is None else Parameter(name, index=index)
            return Parameter(name)
        if scanner.char and scanner.char in _SPECIAL:
            scanner.pos += 1
            return Parameter(scanner.text[scanner.pos - 1])
        return None

    def _index(self) -> Word | None:
        scanner = self.words.scanner
        start, line = scanner.pos + 1, scanner.line()
        scanner.pos += 1
        parts = self.words.unquoted(_BRACKET, closing="]")
        if scanner.char != "]" or scanner.pos == start:
            return None
        scanner.pos += 1
        return Word(parts, scanner.text[start : scanner.pos - 1], line)

    def _keys_or_names(self, named: Parameter) -> Parameter | None:
        """Read the end of `${!prefix*}` and `${!array[@]}`."""
        scanner = self.words.scanner
        if named.index is None:
            if scanner.at("*}") or scanner.at("@}"):
                scanner.pos += 1
                if named.name[0].isalpha() or named.name[0] == "_":
                    return replace(named, operator="names" + scanner.text[scanner.pos - 1])
            return None
        if scanner.char == "}" and named.index.source in {"@", "*"}:
            return replace(named, operator="keys")
        return None

    def _operated(self, named: Parameter, *, quoted: bool) -> Parameter | None:  # noqa: PLR0911 -- one for each family of operators
        scanner = self.words.scanner
        if scanner.char == "}":
            return named
        found = _OPERATOR.match(scanner.text, scanner.pos)
        if found is None:
            return None
        operator = found.group()
        if named.name in "#?$!-" and operator[0] in "^,~":
            return None
        scanner.pos = found.end()
        if operator == ":":
            return None if scanner.char == "}" else self._substring(named)
        if operator == "@":
            scanner.pos += 1
            letter = scanner.text[scanner.pos - 1]
            return replace(named, operator="@", argument=Word((), letter))
        if operator[0] == "/":
            return self._substitution(named, operator)
        if operator[-1] in "-=?+":
            return replace(named, operator=operator, argument=self._argument(quoted=quoted))
        return replace(named, operator=operator, argument=self._pattern(_BRACE))

    def _argument(self, *, quoted: bool) -> Word:
        """Read the word of `${x:-word}`."""
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        parts = self._quoted_argument() if quoted else self.words.unquoted(_BRACE)
        return Word(parts, scanner.text[start : scanner.pos], line)

    def _quoted_argument(self) -> tuple[Part, ...]:
        """Read the word of `"${x:-word}"`. Quotes nest in it, even `$'...'` outside of a here-document."""
        scanner = self.words.scanner
        found = PartList()
        while True:
            decoded = not self.words.document and scanner.at("$'")
            if decoded:
                found.extend(self.words.dollar(quoted=False))
                continue
            stop = '"}' if self.words.document else '"}$'
            found.extend(self.words.quoted(stop, escapable='$`"\\}'))
            if scanner.char == "$" and not scanner.at("$'"):
                found.extend(self.words.dollar(quoted=True))
            elif scanner.char == '"':
                scanner.pos += 1
                found.add(DoubleQuoted(self.words.quoted('"', escapable=printable)))
                scanner.pos += 1
            elif scanner.char != "$":
                return found.done()

    def _pattern(self, stop: frozenset[str], *, first: str = "") -> Word:
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        found = PartList()
        if first:
            found.text(first)
            scanner.pos += 1
        found.extend(self.words.unquoted(stop))
        return Word(found.done(), scanner.text[start : scanner.pos], line)

    def _substitution(self, named: Parameter, operator: str) -> Parameter:
        """Read the pattern and the replacement of `${x/pattern/replacement}`."""
        scanner = self.words.scanner
        if operator == "/" and scanner.char and scanner.char in "#%":
            operator += scanner.char
            scanner.pos += 1
        pattern = self._pattern(_SLASH, first="/" if operator == "//" and scanner.at("//") else "")
        if scanner.char != "/":
            return replace(named, operator=operator, argument=pattern)
        scanner.pos += 1
        replacement = self._argument(quoted=False)
        return replace(named, operator=operator, argument=pattern, second=replacement)

    def _substring(self, named: Parameter) -> Parameter:
        """Read the offset and the length of `${x:offset:length}`."""
        scanner = self.words.scanner
        offset = self._arithmetic(split=True)
        if scanner.char != ":":
            return replace(named, operator=":", argument=offset)
        scanner.pos += 1
        return replace(named, operator=":", argument=offset, second=self._arithmetic(split=False))

    def _arithmetic(self, *, split: bool) -> Word:
        scanner = self.words.scanner
        start, line = scanner.pos, scanner.line()
        found = PartList()
        depth = choices = 0
        while scanner.pos < len(scanner.text):
            char = scanner.char
            if char in "$`\\":
                found.extend(self.words.quoted("(){}[]:?\"'") if char != "$" else self.words.dollar(quoted=True))
                continue
            if char == "}" or (char == ":" and split and not depth and not choices):
                break
            depth += (char == "(") - (char == ")")
            choices += (char == "?") - (char == ":")
            if char != '"':
                found.quoted(char)
            scanner.pos += 1
        return Word(found.done(), scanner.text[start : scanner.pos], line)
