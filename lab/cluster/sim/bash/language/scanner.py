"""The text being read, the current position, and its lines."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.cluster.sim.bash.language.errors import Complaint, ShellSyntaxError

__all__ = ["Dialect", "Scanner"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The options that change how text is read. The shell may provide another dialect before each command."""

    aliases: Mapping[str, str] | None = None  # None: aliases are not expanded (as in scripts)
    extglob: bool = False
    posix: bool = False


class Scanner:
    """A text with a position. Lines are counted from `first_line`."""

    __slots__ = ("_counted", "_line", "aliased", "dialect", "first_line", "pos", "text")

    def __init__(self, text: str, dialect: Dialect, first_line: int = 1) -> None:
        self.text = text
        self.pos = 0
        self.dialect = dialect
        self.first_line = first_line
        self.aliased: list[
            tuple[str, int]
        ] = []  # aliases under expansion, and how much text is left at their ends
        self._counted = 0
        self._line = first_line

    def line(self) -> int:
        """Return the line of the current position."""
        if self.pos >= self._counted:
            self._line += self.text.count("\n", self._counted, self.pos)
        else:
            self._line -= self.text.count("\n", self.pos, self._counted)
        self._counted = self.pos
        return self._line

    def line_of(self, pos: int) -> int:
        """Return the line of another position."""
        if pos >= self.pos:
            return self.line() + self.text.count("\n", self.pos, pos)
        return self.line() - self.text.count("\n", pos, self.pos)

    @property
    def last_line(self) -> int:
        """The line on which bash reports the end of the text: one past the last line with text."""
        return self.first_line + self.text.count("\n")

    def current_line_text(self, pos: int) -> str:
        """Return the whole line around a position, for the second line of an error."""
        start = self.text.rfind("\n", 0, pos) + 1
        end = self.text.find("\n", pos)
        return self.text[start:] if end < 0 else self.text[start:end]

    def at(self, what: str) -> bool:
        """Return whether `what` stands at the current position."""
        return self.text.startswith(what, self.pos)

    @property
    def char(self) -> str:
        """The current character, "" at the end."""
        return self.text[self.pos : self.pos + 1]

    def unmatched(self, quote: str, line: int, *, status: int = 2) -> ShellSyntaxError:
        """Return the error of a quote or parenthesis without an end."""
        return ShellSyntaxError(
            (Complaint(line, f"unexpected EOF while looking for matching `{quote}'"),),
            incomplete=True,
            status=status,
        )

    def skip_blanks(self) -> None:
        """Skip blanks, and newlines behind a backslash."""
        text, pos = self.text, self.pos
        while True:
            if text.startswith((" ", "\t"), pos):
                pos += 1
            elif text.startswith("\\\n", pos):
                pos += 2
            else:
                break
        self.pos = pos

    def splice(self, end: int, replacement: str, name: str) -> None:
        """Replace an alias' name, which ends at `end`, by the alias' text."""
        self.aliased = [(held, left) for held, left in self.aliased if len(self.text) - self.pos > left]
        self.aliased.append((name, len(self.text) - end))
        self.text = self.text[: self.pos] + replacement + self.text[end:]
        lines = replacement.count("\n")  # they are not lines of the script
        self.line()
        self._line -= lines
        self.first_line -= lines

    def is_being_expanded(self, name: str) -> bool:
        """Return whether the current position is within the text of the alias `name`."""
        left = len(self.text) - self.pos
        return any(held == name and left > rest for held, rest in self.aliased)
