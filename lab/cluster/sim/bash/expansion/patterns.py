"""Shell patterns: `*`, `?`, `[...]`, extended patterns."""

import re
from dataclasses import dataclass
from functools import lru_cache

from lab.cluster.sim.bash.expansion.regexes import ExpansionRegex

__all__ = ["Pattern", "compiled", "escape", "is_pattern", "pattern_regex"]

_CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "print": r" -~",
    "graph": r"!-~",
    "cntrl": r"\x00-\x1f\x7f",
    "xdigit": "A-Fa-f0-9",
    "word": "A-Za-z0-9_",
}
_CLASS = re.compile(r"\[:([a-z]+):\]")
_GLOB = re.compile(r"[*?]|\[.*\]", re.DOTALL)
_EXTENDED = re.compile(r"[?*@+!]\(")
_SPECIAL = re.compile(r"[*?\[\]\\()|!+@^-]")
_NEGATED = "!("


@dataclass(frozen=True, slots=True)
class Pattern:
    """A compiled pattern.

    `choices` says that the pattern has alternatives. Then Python's first match may differ from bash's longest
    match.
    """

    greedy: ExpansionRegex
    lazy: ExpansionRegex
    choices: bool
    negated: "_Negation | None" = None

    def matches(self, text: str, start: int = 0, end: int | None = None) -> bool:
        """Return whether the pattern matches the whole text, or its part from `start` to `end`."""
        end = len(text) if end is None else end
        if self.negated is not None:
            return self.negated.matches(text[start:end])
        return self.greedy.fullmatch(text, start, end) is not None

    def prefix(self, text: str, start: int = 0, *, longest: bool) -> int | None:
        """Return the end of the shortest or longest match that begins at `start`."""
        if not self.choices and self.negated is None:
            found = (self.greedy if longest else self.lazy).match(text, start)
            return None if found is None else found.end()
        ends = range(len(text), start - 1, -1) if longest else range(start, len(text) + 1)
        return next((end for end in ends if self.matches(text, start, end)), None)

    def suffix(self, text: str, *, longest: bool) -> int | None:
        """Return the start of the shortest or longest match at the text's end."""
        starts = range(len(text) + 1) if longest else range(len(text), -1, -1)
        return next((start for start in starts if self.matches(text, start)), None)


@lru_cache(maxsize=512)
def compiled(pattern: str, *, extglob: bool = True, ignore_case: bool = False) -> Pattern:
    r"""Compile a pattern. A backslash in it quotes the next character."""
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    choices = extglob and bool(_EXTENDED.search(pattern))
    negation = _Negation(pattern, ignore_case=ignore_case) if choices and _NEGATED in pattern else None
    source = _Translation(pattern, extglob=extglob).read()
    greedy = ExpansionRegex(source.replace("\0", ""), flags)
    return Pattern(greedy, ExpansionRegex(source.replace("\0", "?"), flags), choices, negation)


def pattern_regex(pattern: str, *, extglob: bool = True, ignore_case: bool = False) -> ExpansionRegex:
    """Return a pattern without negations as a regular expression for `fullmatch`."""
    return compiled(pattern, extglob=extglob, ignore_case=ignore_case).greedy


def escape(text: str) -> str:
    """Return `text` as a pattern that matches only itself."""
    return _SPECIAL.sub(lambda found: "\\" + found.group(), text)


def is_pattern(text: str, *, extglob: bool) -> bool:
    """Return whether a text has active glob characters."""
    if "*" not in text and "?" not in text and "[" not in text and not extglob:
        return False
    plain = re.sub(r"\\.", "", text, flags=re.DOTALL)
    return bool(_GLOB.search(plain)) or (extglob and bool(_EXTENDED.search(plain)))


class _Translation:
    """Translates one pattern to a regular expression. A NUL follows each star in it."""

    def __init__(self, pattern: str, *, extglob: bool) -> None:
        self.pattern = pattern
        self.extglob = extglob
        self.pos = 0

    def read(self, stop: str = "") -> str:
        """Translate up to a character of `stop`."""
        found: list[str] = []
        while self.pos < len(self.pattern):
            char = self.pattern[self.pos]
            if char in stop:
                break
            if self.extglob and char in "?*@+!" and self.pattern.startswith("(", self.pos + 1):
                group = self._group(char)
                if group is not None:
                    found.append(group)
                    continue
            self.pos += 1
            if char == "*":
                if not found or found[-1] != ".*\0":
                    found.append(".*\0")
            elif char == "?":
                found.append(".")
            elif char == "[":
                found.append(self._bracket())
            elif char == "\\" and self.pos < len(self.pattern):
                found.append(re.escape(self.pattern[self.pos]))
                self.pos += 1
            else:
                found.append(re.escape(char))
        return "".join(found)

    def _group(self, kind: str) -> str | None:
        """Translate `@(a|b)`; return None if the group does not end."""
        start = self.pos
        self.pos += 2
        choices = [self.read("|)")]
        while self.pattern.startswith("|", self.pos):
            self.pos += 1
            choices.append(self.read("|)"))
        if not self.pattern.startswith(")", self.pos):
            self.pos = start
            return None
        self.pos += 1
        inner = "(?:" + "|".join(choices) + ")"
        if kind == "!":
            return "(?:.*)"  # `_Negation` matches patterns with a negation
        return inner + {"?": "?", "*": "*", "+": "+", "@": ""}[kind]

    def _bracket(self) -> str:
        """Translate `[...]`, whose bracket is already read; an unclosed bracket is a plain character."""
        pattern, pos = self.pattern, self.pos
        negated = pattern.startswith(("!", "^"), pos)
        pos += negated
        members: list[str] = []
        first = True
        while pos < len(pattern) and (first or pattern[pos] != "]"):
            first = False
            if found := _CLASS.match(pattern, pos):
                members.append(_CLASSES.get(found[1], ""))
                pos = found.end()
                continue
            low, pos = self._member(pos)
            if pattern.startswith("-", pos) and pos + 1 < len(pattern) and pattern[pos + 1] != "]":
                high, pos = self._member(pos + 1)
                if low <= high:
                    members.append(f"{_member_escape(low)}-{_member_escape(high)}")
            else:
                members.append(_member_escape(low))
        if pos >= len(pattern):
            return r"\["
        self.pos = pos + 1
        inside = "".join(members)
        if not inside:
            return "." if negated else "(?!)"
        return f"[{'^' if negated else ''}{inside}]"

    def _member(self, pos: int) -> tuple[str, int]:
        if self.pattern[pos] == "\\" and pos + 1 < len(self.pattern):
            pos += 1
        if self.pattern.startswith(("[.", "[="), pos) and self.pattern[pos + 3 : pos + 5] in {".]", "=]"}:
            return self.pattern[pos + 2], pos + 5
        return self.pattern[pos], pos + 1


def _member_escape(char: str) -> str:
    return "\\" + char if char in "\\]^-[&~|" else char


class _Negation:
    """Matches a pattern with `!(...)` by trying every length of the text for each negation."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        self.ignore_case = ignore_case
        start = self._outer(pattern)
        self.before = pattern[:start]
        end = self._closing(pattern, start + 1)
        self.denied = pattern[start + 2 : end]
        self.after = pattern[end + 1 :]

    @staticmethod
    def _outer(pattern: str) -> int:
        """Return the place of the first negation outside of other groups; else of the first negation."""
        depth = 0
        pos = 0
        while pos < len(pattern):
            if pattern[pos] == "\\":
                pos += 1
            elif not depth and pattern.startswith(_NEGATED, pos):
                return pos
            else:
                depth += (pattern[pos] == "(") - (pattern[pos] == ")")
            pos += 1
        return pattern.index(_NEGATED)

    @staticmethod
    def _closing(pattern: str, pos: int) -> int:
        depth = 0
        while pos < len(pattern):
            if pattern[pos] == "\\":
                pos += 1
            else:
                depth += (pattern[pos] == "(") - (pattern[pos] == ")")
                if not depth:
                    return pos
            pos += 1
        return len(pattern)

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches."""
        before = compiled(self.before, ignore_case=self.ignore_case)
        denied = compiled(f"@({self.denied})", ignore_case=self.ignore_case)
        after = compiled(self.after, ignore_case=self.ignore_case)
        return any(
            before.matches(text, 0, start)
            and any(
                not denied.matches(text, start, end) and after.matches(text, end)
                for end in range(start, len(text) + 1)
            )
            for start in range(len(text) + 1)
        )
