"""Regular expressions and replacements of sed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lab.cluster.sim.bash.expansion.posix_regex import translate
from lab.cluster.sim.bash.language.octets import decode
from lab.cluster.sim.text import bounded_regex

__all__ = ["NO_REGEX", "Regex", "Replacement", "escaped", "regex", "replacement"]

_SIMPLE = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
#: Letter -> the base of the number that follows, and its most digits.
_NUMBERS = {"d": (10, 3), "o": (8, 3), "x": (16, 2)}
_SPECIAL = r"\.*[]^$/+?(){}|&"
_BACKSLASH = "\\"


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression; without a pattern, the one that was used last."""

    pattern: bounded_regex.Regex | None
    groups: int = 0


#: The expression that was used last.
NO_REGEX = Regex(None)


def regex(text: str, *, extended: bool, ignore_case: bool = False, by_line: bool = False) -> Regex:
    """Return the expression `text`; raise `RegexError` where the C library would."""
    if not text:
        return NO_REGEX
    found = translate("".join(_plain(text)), extended=extended, end="$" if by_line else r"\Z")
    flags = (re.IGNORECASE if ignore_case else 0) | (re.MULTILINE if by_line else 0)
    return Regex(bounded_regex.Regex(found.pattern, flags), found.groups)


def _plain(text: str) -> Iterator[str]:
    """Yield the parts of an expression, with the characters that sed's own escapes stand for."""
    at = 0
    while at < len(text):
        if text[at] != _BACKSLASH or at + 1 == len(text):
            yield text[at]
            at += 1
            continue
        character, after = escaped(text, at + 1)
        if character is None:
            yield text[at : at + 2]
            at += 2
        else:
            numbered = text[at + 1] in "cdox"
            yield f"\\{character}" if numbered and character in _SPECIAL else character
            at = after


def escaped(text: str, at: int) -> tuple[str | None, int]:
    """Return the character that the escape at `at`, behind its backslash, stands for, and the place behind it."""
    letter = text[at]
    if letter in _SIMPLE:
        return _SIMPLE[letter], at + 1
    if letter == "c" and at + 1 < len(text):
        return chr(ord(text[at + 1].upper()) ^ 0x40), at + 2
    if letter in _NUMBERS:
        base, most = _NUMBERS[letter]
        digits = re.compile({10: "[0-9]", 8: "[0-7]", 16: "[0-9A-Fa-f]"}[base] + f"{{1,{most}}}").match(
            text, at + 1
        )
        if digits:
            return _byte(int(digits[0], base) & 0xFF), digits.end()
    return None, at


def _byte(number: int) -> str:
    return decode(bytes([number]))


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands for a match: texts, numbers of groups, and the letters that change the case."""

    parts: tuple[str | int | tuple[str], ...]

    @property
    def most(self) -> int:
        """The highest group that it names."""
        return max((part for part in self.parts if isinstance(part, int)), default=0)

    def of(self, match: re.Match[str]) -> str:
        """Return the text for a match."""
        out: list[str] = []
        whole: Callable[[str], str] = str
        once: Callable[[str], str] | None = None
        for part in self.parts:
            if isinstance(part, tuple):
                letter = part[0]
                if letter in "UL":
                    whole = str.upper if letter == "U" else str.lower
                elif letter == "E":
                    whole = str
                else:
                    once = str.upper if letter == "u" else str.lower
                continue
            text = (match[part] or "") if isinstance(part, int) else part
            if text:
                shown = whole(text)
                out.append(once(text[0]) + shown[1:] if once else shown)
                once = None
        return "".join(out)


def replacement(text: str) -> Replacement:
    """Return the replacement that `text` describes."""
    parts: list[str | int | tuple[str]] = []
    at = 0
    while at < len(text):
        letter = text[at]
        at += 1
        if letter == "&":
            parts.append(0)
        elif letter != _BACKSLASH or at == len(text):
            parts.append(letter)
        elif text[at].isdigit():
            parts.append(int(text[at]))
            at += 1
        elif text[at] in "LUElu":
            parts.append((text[at],))
            at += 1
        else:
            character, after = escaped(text, at)
            parts.append(text[at] if character is None else character)
            at = at + 1 if character is None else after
    return Replacement(tuple(_joined(parts)))


def _joined(parts: list[str | int | tuple[str]]) -> Iterator[str | int | tuple[str]]:
    """Yield the parts with neighbouring texts as one."""
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
            continue
        if text:
            yield text
            text = ""
        yield part
    if text:
        yield text
