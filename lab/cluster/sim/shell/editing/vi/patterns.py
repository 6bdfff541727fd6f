"""Vim's patterns, translated to Python's."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Failure
from lab.cluster.sim.text.bounded_regex import EndlessSearchError, Regex

__all__ = ["Found", "Pattern", "compile_pattern", "pattern_end"]

_CLASSES = {
    "s": r"[ \t]", "S": r"[^ \t\n]", "d": r"[0-9]", "D": r"[^0-9\n]", "w": r"[0-9A-Za-z_]",
    "W": r"[^0-9A-Za-z_\n]",
    "a": r"[A-Za-z]", "A": r"[^A-Za-z\n]", "l": r"[a-z]", "L": r"[^a-z\n]", "u": r"[A-Z]", "U": r"[^A-Z\n]",
    "x": r"[0-9A-Fa-f]", "X": r"[^0-9A-Fa-f\n]", "o": r"[0-7]", "O": r"[^0-7\n]", "h": r"[A-Za-z_]",
    "H": r"[^A-Za-z_\n]", "i": r"[0-9A-Za-z_\u00c0-\u00ff]", "I": r"[A-Za-z_\u00c0-\u00ff]",
    "k": r"\w", "K": r"(?![0-9])\w", "f": r"[\w/.\-+,#$%~=]", "F": r"(?![0-9])[\w/.\-+,#$%~=]",
    "p": r"[^\x00-\x1f\x7f]", "P": r"(?![0-9])[^\x00-\x1f\x7f]",
}  # fmt: skip
_ESCAPES = {"e": "\x1b", "t": "\t", "r": "\r", "b": "\b"}
_POSIX = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "0-9A-Za-z", "lower": "a-z", "upper": "A-Z",
    "punct": r"!-/:-@\[-`{-~", "space": r" \t-\r", "blank": r" \t", "xdigit": "0-9A-Fa-f",
    "cntrl": r"\x00-\x1f\x7f", "print": r" -~", "graph": "!-~", "return": r"\r", "tab": r"\t",
    "escape": r"\x1b", "backspace": r"\x08",
}  # fmt: skip
_LOOKS = {"=": "(?=", "!": "(?!", "<=": "(?<=", "<!": "(?<!", ">": "(?>"}


@dataclass(frozen=True, slots=True)
class Found:
    """A match: its start, the place behind it, and its groups."""

    start: Pos
    end: Pos
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern."""

    regex: Regex
    #: Whether it can match the end of a line.
    spans: bool
    #: Whether it matches only in the first line.
    first_line: bool

    def search(self, lines: Sequence[str], row: int, col: int = 0) -> Found | None:
        """Return the first match in a line that starts at `col` or after."""
        if self.first_line and row:
            return None
        text = "\n".join([*lines[row:], ""]) if self.spans else lines[row]
        while col <= len(lines[row]):
            try:
                match = self.regex.search(text, col)
            except EndlessSearchError as error:
                raise Failure(str(error)) from error
            if match is None:
                return None
            start, end = _bounds(match)
            if start > len(lines[row]):
                return None
            if start >= col:
                return Found(_place(text, start, row), _place(text, end, row), (text[start:end], *_groups(match)))
            col = max(match.start(), col) + 1
        return None

    def all(self, lines: Sequence[str], row: int) -> Iterator[Found]:
        """Yield the matches that start in a line, one after the other."""
        col = 0
        while (found := self.search(lines, row, col)) is not None:
            yield found
            if found.end.row > row:
                return
            col = max(found.end.col, found.start.col + 1)


def _bounds(match: re.Match[str]) -> tuple[int, int]:
    named = match.re.groupindex
    start = match.start("zs") if "zs" in named and match["zs"] is not None else match.start()
    end = match.start("ze") if "ze" in named and match["ze"] is not None else match.end()
    return start, max(start, end)


def _groups(match: re.Match[str]) -> tuple[str, ...]:
    marks = set(match.re.groupindex.values())
    return tuple(text or "" for number, text in enumerate(match.groups(), 1) if number not in marks)


def _place(text: str, offset: int, row: int) -> Pos:
    below = text.count("\n", 0, offset)
    return Pos(row + below, offset - (text.rfind("\n", 0, offset) + 1))


def pattern_end(text: str, start: int, delimiter: str, *, literal_backslash: bool = True) -> int:
    """Return the end of the pattern that starts at `start`: at the delimiter, or at the end of `text`."""
    at = start
    magic = True
    while at < len(text) and text[at] != delimiter:
        if text[at] == "\\" and at + 1 < len(text):
            at += 2
            if text[at - 1] in "MV":
                magic = False
            elif text[at - 1] in "mv":
                magic = True
        elif text[at] == "[" and magic:
            at = _collection_end(text, at, literal_backslash=literal_backslash) or len(text)
        else:
            at += 1
    return min(at, len(text))


def _collection_end(text: str, at: int, *, literal_backslash: bool) -> int:
    """Return the place behind a collection's bracket; 0 if it is not closed."""
    look = at + 1
    if text[look : look + 1] == "^":
        look += 1
    if text[look : look + 1] in {"]", "-"}:
        look += 1
    while look < len(text) and text[look] != "]":
        if text[look] == "\\" and (text[look + 1 : look + 2] in {"]", "\\", "^"} or not literal_backslash):
            look += 1
        elif text.startswith("[:", look) and (close := text.find(":]", look)) > 0:
            look = close + 1
        look += 1
    return look + 1 if look < len(text) else 0


@lru_cache(maxsize=256)
def compile_pattern(source: str, *, ignore_case: bool, literal_backslash: bool, last: str) -> Pattern:
    """Return Vim's pattern `source`; `last` stands for `~`. Raise `Failure` if it is invalid."""
    translator = _Translator(source, literal_backslash=literal_backslash, last=last)
    text = translator.translate()
    if translator.case is not None:
        ignore_case = not translator.case
    try:
        regex = Regex(text, re.IGNORECASE if ignore_case else 0)
    except (re.error, OverflowError) as error:
        raise Failure(f"E383: Invalid search string: {source}") from error
    return Pattern(regex, translator.spans, translator.first_line)


class _Translator:
    """One pass over a pattern."""

    def __init__(self, source: str, *, literal_backslash: bool, last: str) -> None:
        self.source = source
        self.at = 0
        self.level = "m"
        #: Whether case matters, if the pattern says so.
        self.case: bool | None = None
        self.spans = self.first_line = False
        self._literal_backslash = literal_backslash
        self._last = last
        self._out: list[str] = []
        #: The start of the last atom, if it can be repeated.
        self._atom: int | None = None
        #: The starts of open groups and of the present branch.
        self._open: list[tuple[int, int]] = []
        self._branch = 0

    def translate(self) -> str:
        while self.at < len(self.source):
            self._token(*self._next())
        if self._open:
            raise Failure("E53: Unmatched \\%(" if self._out[self._open[-1][0]] == "(?:" else "E54: Unmatched \\(")
        return "".join(self._out)

    def _next(self) -> tuple[str, bool]:
        """Return the next character, and whether it has its special meaning."""
        char = self.source[self.at]
        self.at += 1
        if char != "\\":
            special = {"v": not (char.isalnum() or char == "_"), "m": char in "*.[~^$", "M": char in "^$"}
            return char, special.get(self.level, False)
        if self.at >= len(self.source):
            return "\\", False
        char = self.source[self.at]
        self.at += 1
        if self.level == "v":
            return char, char.isalnum() or char == "_"
        plain = {"m": "*.[~^$\\", "M": "^$\\", "V": "\\"}[self.level]
        return char, char not in plain and (char.isalnum() or char in "_*.[~^$(){}|&+=?<>@%")

    def _token(self, char: str, special: bool) -> None:  # noqa: FBT001 -- as `_next` returns it
        if not special:
            self._add(re.escape(char))
            return
        for chars, take in (
            ("vmMV", self._set_level), ("cC", self._set_case), ("(%", self._group), (")", self._close),
            ("|&", self._alternative), ("*+=?{@", self._repeat), ("^$", self._anchor), ("<>", self._word_edge),
            ("[", self._collection), ("_", self._with_line_end), ("z", self._match_edge),
        ):  # fmt: skip
            if char in chars:
                take(char)
                return
        self._simple(char)

    def _set_level(self, char: str) -> None:
        self.level = char

    def _set_case(self, char: str) -> None:
        self.case = char == "C"

    def _word_edge(self, char: str) -> None:
        self._add(r"(?<!\w)(?=\w)" if char == "<" else r"(?<=\w)(?!\w)")

    def _match_edge(self, _: str) -> None:
        r"""`\zs` and `\ze`: where the match starts and ends."""
        self._out.append("(?P<zs>)" if self.source[self.at : self.at + 1] == "s" else "(?P<ze>)")
        self.at += 1

    def _simple(self, char: str) -> None:
        if char == ".":
            self._add("[^\n]")
        elif char == "~":
            self._add(f"(?:{re.escape(self._last)})")
        elif char == "n":
            self.spans = True
            self._add("\n")
        elif char in _CLASSES:
            self._add(_CLASSES[char])
        elif char in _ESCAPES:
            self._add(re.escape(_ESCAPES[char]))
        elif char.isdigit() and char != "0":
            self._add(f"(?:\\{char})")
        else:
            self._add(re.escape(char))

    def _add(self, atom: str) -> None:
        self._atom = len(self._out)
        self._out.append(atom)

    def _group(self, char: str) -> None:
        if char == "%":
            follows = self.source[self.at : self.at + 1]
            self.at += 1
            if follows == "^":
                self.first_line = True
                self._add(r"\A")
                return
            if follows == "$":
                self.spans = True
                self._add(r"\Z")
                return
            if follows in {"d", "x", "u"}:
                self._character(follows)
                return
            if follows != "(":
                raise Failure("E71: Invalid character after " + ("%" if self.level == "v" else "\\%"))
        self._open.append((len(self._out), self._branch))
        self._out.append("(?:" if char == "%" else "(")
        self._branch = len(self._out)
        self._atom = None

    def _character(self, base: str) -> None:
        digits = re.compile("[0-9]+" if base == "d" else "[0-9A-Fa-f]+").match(self.source, self.at)
        if digits is None:
            raise Failure("E678: Invalid character after \\%[dxouU]")
        self.at = digits.end()
        self._add(re.escape(chr(int(digits[0], 10 if base == "d" else 16))))

    def _close(self, _: str) -> None:
        if not self._open:
            raise Failure("E55: Unmatched \\)")
        start, self._branch = self._open.pop()
        self._out.append(")")
        self._atom = start

    def _alternative(self, char: str) -> None:
        if char == "&":
            self._out.insert(self._branch, "(?=")
            self._out.append(")")
        else:
            self._out.append("|")
        self._branch = len(self._out)
        self._atom = None

    def _repeat(self, char: str) -> None:
        if self._atom is None:
            if char == "*":
                self._add(r"\*")
                return
            raise Failure(f"E64: {char} follows nothing")
        body = "".join(self._out[self._atom :])
        del self._out[self._atom :]
        if char == "@":
            self._look(body)
            return
        self._out.append(f"(?:{body}){self._bounds() if char == '{' else {'=': '?'}.get(char, char)}")

    def _bounds(self) -> str:
        match = re.compile(r"(-?)(\d*)(,?)(\d*)\\?\}").match(self.source, self.at)
        if match is None:
            raise Failure("E554: Syntax error in \\{...}")
        self.at = match.end()
        lazy, low, comma, high = match.groups()
        if not low and not high:
            return "*?" if lazy else "*"
        bounds = f"{{{low}}}" if not comma else f"{{{low or 0},{high}}}"
        return bounds + ("?" if lazy else "")

    def _look(self, body: str) -> None:
        sign = next((sign for sign in ("<=", "<!", "=", "!", ">") if self.source.startswith(sign, self.at)), None)
        if sign is None:
            raise Failure("E59: Invalid character after \\@")
        self.at += len(sign)
        self._out.append(f"{_LOOKS[sign]}{body})")

    def _anchor(self, char: str) -> None:
        if char == "^":
            if self.level == "v" or len(self._out) == self._branch or self.source[self.at - 2 : self.at] == "\\^":
                self._out.append(r"(?<![^\n])")
                self._atom = None
            else:
                self._add(r"\^")
            return
        rest = self.source[self.at :]
        ends = not rest or rest.startswith(("\\|", "\\&", "\\)", "\\n", "\\z")) or (
            self.level == "v" and rest[0] in "|&)")  # fmt: skip
        if ends or self.level == "v":
            self._out.append(r"(?![^\n])")
            self._atom = None
        else:
            self._add(r"\$")

    def _with_line_end(self, _: str) -> None:
        char = self.source[self.at : self.at + 1]
        self.at += 1
        if char in {"^", "$"}:
            self._out.append(r"(?<![^\n])" if char == "^" else r"(?![^\n])")
            self.spans = self.spans or char == "^"
            return
        self.spans = True
        if char == "[":
            start = len(self._out)
            self._collection(char)
            body = "".join(self._out[start:])
            del self._out[start:]
            self._add(f"(?:{body}|\n)")
        else:
            atom = "[^\n]" if char == "." else _CLASSES.get(char, re.escape(char))
            self._add(f"(?:{atom}|\n)")

    def _collection(self, _: str) -> None:
        start = self.at - 1
        end = _collection_end(self.source, start, literal_backslash=self._literal_backslash)
        if not end:
            self._add(r"\[")
            return
        body = self.source[start + 1 : end - 1]
        self.at = end
        negative = body.startswith("^")
        inside = self._members(body[1:] if negative else body)
        self._add(f"[^{inside}\n]" if negative else f"[{inside}]")

    def _members(self, body: str) -> str:
        out, at = [], 0
        while at < len(body):
            char = body[at]
            if char == "\\" and at + 1 < len(body):
                follows = body[at + 1]
                if follows in "]\\^-" or (not self._literal_backslash and follows in "etrbn"):
                    out.append(re.escape({**_ESCAPES, "n": "\n"}.get(follows, follows)))
                    self.spans = self.spans or follows == "n"
                    at += 2
                    continue
            if match := re.compile(r"\[:(\w+):\]").match(body, at):
                out.append(_POSIX.get(match[1], ""))
                at = match.end()
                continue
            out.append("-" if char == "-" and 0 < at < len(body) - 1 else re.escape(char))
            at += 1
        return "".join(out)
