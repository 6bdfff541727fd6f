"""POSIX regular expressions, basic and extended, with GNU's additions, as patterns of Python's `re`."""

import re
from dataclasses import dataclass

__all__ = ["RegexError", "Translation", "bracket", "translate"]

_CLASSES = {
    "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9", "upper": "A-Z", "lower": "a-z",
    "space": r" \t\n\r\f\v", "blank": r" \t", "punct": r"!-/:-@\[-`{-~", "print": " -~", "graph": "!-~",
    "cntrl": r"\x00-\x1f\x7f", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_GNU = {"w": r"[\w]", "W": r"[^\w]", "s": r"\s", "S": r"\S", "b": r"\b", "B": r"\B", "<": r"\b(?=\w)",
        ">": r"\b(?<=\w)", "`": r"\A", "'": r"\Z"}  # fmt: skip
#: Any character: a byte that is not a character does not match.
_NO_CHARACTER = "\udc80-\udcff"
_ANY = "[^\udc80-\udcff]"


class RegexError(Exception):
    """A regular expression that the C library refuses, with its message."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A pattern for Python's `re`, and grep's warnings about it."""

    pattern: str
    warnings: tuple[str, ...] = ()
    groups: int = 0


def translate(text: str, *, extended: bool, end: str = "$") -> Translation:
    """Translate a POSIX regular expression; raise `RegexError` where the C library would.

    `end` is what `$` becomes: Python's own also matches before a newline at the end.
    """
    return _Reader(text, extended=extended, end=end).read()


def bracket(text: str, at: int) -> tuple[str, int]:
    """Translate the bracket expression that begins at `at`; return it and the place behind it."""
    at += 1
    if at >= len(text):
        raise RegexError("Invalid regular expression")
    negated = at < len(text) and text[at] == "^"
    at += negated
    parts: list[str] = []
    first = True
    while True:
        if at >= len(text):
            raise RegexError("Unmatched [, [^, [:, [., or [=")
        if text[at] == "]" and not first:
            break
        part, low, at = _member(text, at)
        first = False
        if low is not None and text[at : at + 1] == "-" and text[at + 1 : at + 2] not in {"]", ""}:
            _, high, at = _member(text, at + 1)
            if high is None or low > high:
                raise RegexError("Invalid range end")
            part = f"{_literal(low)}-{_literal(high)}"
        parts.append(part)
    return f"[{'^' if negated else ''}{''.join(parts)}{_NO_CHARACTER if negated else ''}]", at + 1


def _member(text: str, at: int) -> tuple[str, str | None, int]:
    """Return one member of a bracket expression, its character if it has one, and the place behind it."""
    for opening, closing in (("[:", ":]"), ("[=", "=]"), ("[.", ".]")):
        if text.startswith(opening, at):
            end = text.find(closing, at + 2)
            if end < 0:
                raise RegexError("Unmatched [, [^, [:, [., or [=")
            name = text[at + 2 : end]
            if opening == "[:":
                if name not in _CLASSES:
                    raise RegexError("Invalid character class name")
                return _CLASSES[name], None, end + 2
            if len(name) != 1:
                raise RegexError("Invalid collation character")
            return _literal(name), name, end + 2
    return _literal(text[at]), text[at], at + 1


def _literal(letter: str) -> str:
    return "\\" + letter if letter in r"\]^-[&~|" else letter


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, text: str, *, extended: bool, end: str) -> None:
        self._text = text
        self._extended = extended
        self._end_mark = end
        self._at = 0
        self._out: list[str] = []
        self._open: list[int] = []
        self._groups = 0
        self._closed: set[int] = set()
        self._warnings: list[str] = []
        #: Start of the last whole atom in `_out`; None if there is nothing to repeat.
        self._atom: int | None = None

    def read(self) -> Translation:
        while self._at < len(self._text):
            letter = self._text[self._at]
            self._at += 1
            if letter == "\\":
                self._escape()
            elif letter == "[":
                part, self._at = bracket(self._text, self._at - 1)
                self._add(part)
            elif letter == ".":
                self._add(_ANY)
            elif letter == "^":
                self._caret()
            elif letter == "$":
                self._dollar()
            elif letter == "*":
                self._repeat("*")
            elif self._extended and letter in "+?{|()":
                self._operator(letter)
            else:
                self._add(re.escape(letter))
        if self._open:
            raise RegexError("Unmatched ( or \\(")
        return Translation("".join(self._out), tuple(self._warnings), self._groups)

    def _add(self, part: str) -> None:
        self._atom = len(self._out)
        self._out.append(part)

    def _mark(self, part: str) -> None:
        """Add an anchor or an opening, which can't be repeated."""
        self._out.append(part)
        self._atom = None

    def _caret(self) -> None:
        if self._extended or not self._out or self._out[-1] in {"(", "|"}:
            self._mark("^")
        else:
            self._add(r"\^")

    def _dollar(self) -> None:
        rest = self._text[self._at :]
        if self._extended or not rest or rest.startswith((r"\)", r"\|")):
            self._mark(self._end_mark)
        else:
            self._add(r"\$")

    def _operator(self, letter: str) -> None:
        if letter in "+?":
            self._repeat(letter)
        elif letter == "{":
            self._interval("}")
        elif letter == "|":
            self._mark("|")
        elif letter == "(":
            self._begin()
        elif not self._open:
            self._add(r"\)")
        else:
            self._end()

    def _escape(self) -> None:  # noqa: C901 -- one case after the other
        if self._at >= len(self._text):
            raise RegexError("Trailing backslash")
        letter = self._text[self._at]
        self._at += 1
        if not self._extended and letter in "(){|+?":
            if letter == "(":
                self._begin()
            elif letter == ")":
                if not self._open:
                    raise RegexError("Unmatched ) or \\)")
                self._end()
            elif letter == "{":
                self._interval(r"\}")
            elif letter == "|":
                self._mark("|")
            else:
                self._repeat(letter)
        elif letter in _GNU:
            self._add(_GNU[letter])
        elif letter.isdigit() and letter != "0":
            if int(letter) not in self._closed:
                raise RegexError("Invalid back reference")
            self._add(f"(?:\\{letter})")
        else:
            self._add(re.escape(letter))

    def _begin(self) -> None:
        self._groups += 1
        self._open.append(self._groups)
        self._open.append(len(self._out))
        self._mark("(")

    def _end(self) -> None:
        start = self._open.pop()
        self._closed.add(self._open.pop())
        if self._out[-1] == "|":
            self._out.append("")
        self._out.append(")")
        self._out[start:] = ["".join(self._out[start:])]
        self._atom = start

    def _repeat(self, how: str) -> None:
        if self._atom is None:
            # At the beginning, `*` is a plain character in basic expressions; extended ones ignore it.
            if not self._extended and how == "*":
                self._add(r"\*")
            elif not self._extended:
                self._add(re.escape(how))
            else:
                self._warnings.append(f"{how} at start of expression")
            return
        self._out[self._atom :] = [f"(?:{''.join(self._out[self._atom :])}){how}"]

    def _interval(self, closing: str) -> None:
        found = re.compile(r"(\d*)(,?)(\d*)" + re.escape(closing)).match(self._text, self._at)
        if found is None or not (found[1] or found[2]):
            if self._extended:
                self._add(r"\{")
                return
            if self._text.find(closing, self._at) < 0:
                raise RegexError("Unmatched { or \\{" if self._extended else "Unmatched \\{")
            raise RegexError("Invalid content of \\{\\}")
        low, comma, high = found[1] or "0", found[2], found[3]
        if comma and high and int(low) > int(high):
            raise RegexError("Invalid content of \\{\\}")
        if max(int(low), int(high or 0)) > 32767:
            raise RegexError("Regular expression too big")
        self._at = found.end()
        if self._atom is None:
            if self._extended:
                self._warnings.append("{...} at start of expression")
                return
            raise RegexError("Invalid preceding regular expression")
        self._out[self._atom :] = [f"(?:{''.join(self._out[self._atom :])}){{{low}{comma}{high}}}"]
