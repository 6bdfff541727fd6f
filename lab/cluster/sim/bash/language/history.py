"""History expansion: `!!`, `!$`, `!42`, `!-2`, `!str`, `!?str?`, `^a^b`, words and modifiers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.language.history_words import history_words

__all__ = ["Expanded", "HistoryError", "expand_history"]

_NOT_BEFORE = " \t\n\r="
_EVENT_END = frozenset(" \t\n:;&()|<>")
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True, slots=True)
class Expanded:
    """A line after history expansion."""

    text: str
    changed: bool  # a terminal then prints the line
    print_only: bool  # `:p`: print the line and do not run it


class HistoryError(Exception):
    """An event that does not exist. The text is bash's: `!foo: event not found`."""


@dataclass(slots=True)
class _Substitution:
    """The last `:s`, for `:&`."""

    old: str = ""
    new: str = ""


class _Line:
    """The expansion of one line."""

    def __init__(self, line: str, history: Sequence[str], first_number: int) -> None:
        self.line = line
        self.history = history
        self.first_number = first_number
        self.pos = 0
        self.searched = ""  # the last `!?string?`
        self.matched = ""  # the word that it matched, for `:%`
        self.substitution = _Substitution()
        self.changed = False
        self.print_only = False
        self.done: list[str] = []

    def expanded(self) -> Expanded:
        """Return the line with its references replaced."""
        line = self.line
        if line.startswith("^"):
            self.line = line = "!!:s" + line
        quote = ""
        while self.pos < len(line):
            char = line[self.pos]
            if char == "\\" and quote != "'":
                self.done.append(line[self.pos : self.pos + 2])
                self.pos += 2
                continue
            if char == "!" and quote != "'" and self._begins(quote):
                self.done.append(self._reference(quote))
                self.changed = True
                continue
            if char in "'\"" and quote in {"", char}:
                quote = "" if quote else char
            self.done.append(char)
            self.pos += 1
        return Expanded("".join(self.done), self.changed, self.print_only)

    def _begins(self, quote: str) -> bool:
        """Return whether the `!` here is a reference."""
        line, pos = self.line, self.pos
        following = line[pos + 1 : pos + 2]
        if not following or following in _NOT_BEFORE or (quote == '"' and following == '"'):
            return False
        before = line[max(pos - 2, 0) : pos]
        if before.endswith("[") and "]" in line[pos + 1 :]:
            return False
        if before == "${" and "}" in line[pos + 1 :]:
            return False
        return not before.endswith("$")

    def _reference(self, quote: str) -> str:
        """Read one reference and return the text it refers to."""
        line, start = self.line, self.pos
        following = line[start + 1]
        event: str | None
        if following in ":$*%^":
            self.pos += 1
            event = self.history[-1] if self.history else None
        elif following == "#":
            self.pos += 2
            event = "".join(self.done)
        else:
            self.pos += 1
            event = self._event(quote)
        if event is None:
            end = max(self.pos, start + 2) if following in ":$*%^" else self.pos
            raise HistoryError(f"{line[start:end]}: event not found")
        before = self.pos
        words = self._words(event)
        if words is None:
            raise HistoryError(f"{line[before : self.pos]}: bad word specifier")
        return self._modified(words)

    def _event(self, quote: str) -> str | None:
        """Read an event behind its `!`; return None if it is not in the history."""
        line = self.line
        if line.startswith("!", self.pos):
            self.pos += 1
            return self.history[-1] if self.history else None
        if number := _NUMBER.match(line, self.pos):
            self.pos = number.end()
            place = int(number.group())
            place = len(self.history) + place if place < 0 else place - self.first_number
            return self.history[place] if 0 <= place < len(self.history) else None
        if line.startswith("?", self.pos):
            return self._searched()
        start = self.pos
        while self.pos < len(line) and line[self.pos] not in _EVENT_END and line[self.pos] != (quote or None):
            self.pos += 1
        text = line[start : self.pos]
        if not text:
            return None
        return next((event for event in reversed(self.history) if event.startswith(text)), None)

    def _searched(self) -> str | None:
        start = self.pos + 1
        end = self.line.find("?", start)
        self.pos = len(self.line) if end < 0 else end + 1
        text = self.line[start : len(self.line) if end < 0 else end] or self.searched
        self.searched = text
        for event in reversed(self.history):
            if text in event:
                self.matched = next((word for word in history_words(event) if text in word), "")
                return event
        return None

    def _words(self, event: str) -> str | None:
        """Read a word designator; return the whole event if there is none, None if it is out of range."""
        line, pos = self.line, self.pos
        colon = line.startswith(":", pos)
        pos += colon
        char = line[pos : pos + 1]
        if char == "%":
            self.pos = pos + 1
            return self.matched
        if char == "*":
            self.pos = pos + 1
            return _extract(event, 1, None) or ""
        if char == "$":
            self.pos = pos + 1
            return _extract(event, None, None)
        digits = re.compile("[0-9]+").match(line, pos)
        if char == "-":
            first = 0
        elif char == "^":
            first, pos = 1, pos + 1
        elif digits and colon:
            first, pos = int(digits.group()), digits.end()
        else:
            return event
        last, self.pos = self._last(first, pos)
        if last is not None and 0 <= last < first:
            return None
        return _extract(event, first, last)

    def _last(self, first: int, pos: int) -> tuple[int | None, int]:
        """Read the end of a range; None is the last word, -1 the last word but one."""
        line = self.line
        if line[pos : pos + 1] in {"^", "*"}:
            return (1 if line[pos] == "^" else None), pos + 1
        if line[pos : pos + 1] != "-":
            return first, pos
        pos += 1
        if digits := re.compile("[0-9]+").match(line, pos):
            return int(digits.group()), digits.end()
        if line[pos : pos + 1] in {"$", "^"}:
            return (None if line[pos] == "$" else 1), pos + 1
        return -1, pos

    def _modified(self, text: str) -> str:  # noqa: C901 -- one for each letter
        """Read modifiers and apply them."""
        line, start = self.line, self.pos
        quoted = ""
        while line.startswith(":", self.pos):
            letter = line[self.pos + 1 : self.pos + 2]
            everywhere = letter in {"g", "a", "G"} and bool(letter)
            if everywhere:
                self.pos += 1
                letter = line[self.pos + 1 : self.pos + 2]
            self.pos += 2
            match letter:
                case "q" | "x":
                    quoted = letter
                case "p":
                    self.print_only = True
                case "t":
                    text = text.rsplit("/", 1)[-1]
                case "h":
                    text = text.rsplit("/", 1)[0]
                case "r":
                    text = text.rsplit(".", 1)[0]
                case "e":
                    text = "." + text.rsplit(".", 1)[1] if "." in text else text
                case "s" | "&":
                    text = self._substituted(text, letter, start, everywhere=everywhere)
                case _:
                    raise HistoryError(f"{letter}: unrecognized history modifier")
        if quoted == "q":
            return _quoted(text)
        return " ".join(map(_quoted, text.split())) if quoted else text

    def _substituted(self, text: str, letter: str, start: int, *, everywhere: bool) -> str:
        if letter == "s":
            if self.pos >= len(self.line):
                return text
            delimiter = self.line[self.pos]
            self.pos += 1
            old = self._until(delimiter)
            new = self._until(delimiter)
            self.substitution = _Substitution(
                old or self.substitution.old or self.searched, _with_old(new, old or self.substitution.old)
            )
        if not self.substitution.old:
            raise HistoryError(f"{self.line[start : self.pos]}: no previous substitution")
        if self.substitution.old not in text:
            raise HistoryError(f"{self.line[start : self.pos]}: substitution failed")
        return text.replace(self.substitution.old, self.substitution.new, -1 if everywhere else 1)

    def _until(self, delimiter: str) -> str:
        """Read up to a delimiter; a backslash quotes the delimiter."""
        found: list[str] = []
        while self.pos < len(self.line) and self.line[self.pos] != delimiter:
            if self.line.startswith("\\" + delimiter, self.pos):
                self.pos += 1
            if self.line[self.pos] == "\n":
                return "".join(found)
            found.append(self.line[self.pos])
            self.pos += 1
        self.pos = min(self.pos + 1, len(self.line))
        return "".join(found)


def _with_old(new: str, old: str) -> str:
    """Return a replacement with each `&` replaced by the search text."""
    return re.sub(r"\\&|&", lambda found: "&" if found.group() == "\\&" else old, new)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _extract(event: str, first: int | None, last: int | None) -> str | None:
    """Return an event's words from `first` to `last`; None is the last word, -1 the last word but one."""
    words = history_words(event)
    begin = len(words) - 1 if first is None else first
    end = len(words) if last is None else len(words) - 1 if last < 0 else last + 1
    if begin >= len(words) or begin < 0 or end > len(words) or begin > end:
        return None
    return " ".join(words[begin:end])


def expand_history(line: str, history: Sequence[str], *, first_number: int = 1) -> Expanded:
    """Return `line` with its history references replaced. `history[0]` has the number `first_number`.

    Raise `HistoryError`.
    """
    if "!" not in line and not line.startswith("^"):
        return Expanded(line, changed=False, print_only=False)
    return _Line(line, history, first_number).expanded()
