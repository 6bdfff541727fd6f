"""Reading sed's script letter by letter, and the places that sed's messages name."""

import re
from collections.abc import Sequence

__all__ = ["BLANK", "Reader", "ScriptError"]

BLANK = " \t\r\v\f"


class ScriptError(Exception):
    """A script that sed rejects, with its message and its exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Reader:
    """All scripts as one text: a text of `a` may go on in the next script."""

    def __init__(self, scripts: Sequence[tuple[str, str]]) -> None:
        self._scripts = scripts
        self.text = "\n".join(text for text, _ in scripts)
        self.at = 0

    def error(self, words: str, *, at: int | None = None) -> ScriptError:
        """Return the error at the place that was reached, or at another of the same script."""
        begins = number = 0
        for text, file in self._scripts:
            number += not file
            if self.at <= begins + len(text) or (text, file) == self._scripts[-1]:
                if file:
                    line = self.text.count("\n", begins, self.at) + 1
                    return ScriptError(f"sed: file {file} line {line}: {words}")
                reached = min(self.at, begins + len(text)) - begins
                return ScriptError(f"sed: -e expression #{number}, char {reached if at is None else at}: {words}")
            begins += len(text) + 1
        return ScriptError(f"sed: {words}")

    def peek(self) -> str:
        """Return the next letter; nothing at the end."""
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        """Take the next letter."""
        letter = self.peek()
        self.at += len(letter)
        return letter

    def skip(self, letters: str = BLANK) -> str:
        """Skip blanks; return the next letter, which is not yet taken."""
        while self.peek() and self.peek() in letters:
            self.at += 1
        return self.peek()

    def number(self) -> int | None:
        """Take a number, if there is one."""
        found = re.compile(r"\d+").match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return int(found[0])

    def line(self) -> str:
        """Take the rest of the line."""
        end = self.text.find("\n", self.at)
        end = len(self.text) if end < 0 else end
        text, self.at = self.text[self.at : end], min(end + 1, len(self.text))
        return text

    def end_of_command(self) -> None:
        """Take the end of a command; raise the error for anything else."""
        letter = self.skip()
        if letter in {"\n", ";"}:
            self.at += 1
        elif letter and letter not in "}#":
            self.at += 1
            raise self.error("extra characters after command")

    def until(self, delimiter: str, *, expression: bool) -> str | None:
        """Take the text before the next `delimiter`, and that; return None if there is none on the line."""
        out: list[str] = []
        while (letter := self.take()) not in {"", "\n"}:
            if letter == delimiter:
                return "".join(out)
            if letter == "\\":
                behind = self.take()
                if not behind:
                    break
                plain = behind == delimiter and (expression or behind != "&")
                letter = behind if plain or behind == "\n" else letter + behind
            elif letter == "[" and expression:
                letter += self._bracket(delimiter)
            out.append(letter)
        self.at -= letter == "\n"
        return None

    def _bracket(self, delimiter: str) -> str:
        """Take the rest of a bracket expression, in which the delimiter is a letter like others."""
        inside = re.compile(r"\^?\]?(?:\[([:.=]).*?\1\]|[^\]\n])*\]").match(self.text, self.at)
        if inside is None:
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
            return ""
        self.at = inside.end()
        return inside[0].replace(f"\\{delimiter}", delimiter)

    def label(self, ends: str) -> str:
        """Take a label, which blanks and `ends` end."""
        self.skip()
        begins = self.at
        while self.peek() and self.peek() not in f"{BLANK}\n{ends}":
            self.at += 1
        return self.text[begins : self.at]

    def file(self) -> str:
        """Take the name of a file, which is the rest of the line."""
        self.skip()
        name = self.line()
        if not name:
            raise self.error("missing filename in r/R/w/W commands")
        return name
