"""Tokens: operators, newlines, and words with their possible roles."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lab.cluster.sim.bash.language.assignments import AssignmentReader
from lab.cluster.sim.bash.language.errors import Complaint, ShellSyntaxError
from lab.cluster.sim.bash.language.heredocs import read_body
from lab.cluster.sim.bash.language.scanner import Scanner
from lab.cluster.sim.bash.language.tree import Assignment, CommandList, HereDocument, Word
from lab.cluster.sim.bash.language.words import WordReader

__all__ = ["RESERVED", "Token", "Tokens"]

RESERVED = frozenset(
    "if then else elif fi do done case esac while until for select function { } ! [[ ]] time coproc in".split()  # noqa: SIM905
)
_OPERATOR = re.compile(r"&&|\|\||;;&|;;|;&|<<<|<<-|<<|>>|<&|>&|<>|>\||&>>|&>|\|&|[;&|<>()]")
_NUMBER = re.compile(r"([0-9]+|\{[A-Za-z_][A-Za-z0-9_]*\})(?=[<>])")


@dataclass(slots=True)
class Token:
    """One token. `kind` is `word`, `assignment`, `operator`, `descriptor`, `newline` or `end`."""

    kind: str
    text: str
    start: int
    line: int
    word: Word | None = None
    assignment: Assignment | None = None

    @property
    def reserved(self) -> str:
        """The text when it may be a reserved word, else ""."""
        return (
            self.text if self.word is not None and self.text in RESERVED and self.word.literal == self.text else ""
        )


class Tokens:
    """The tokens of a scanner, with a lookahead of one. The parser's state affects how a token is read."""

    def __init__(self, scanner: Scanner, substitution: Callable[[Scanner], CommandList]) -> None:
        self.scanner = scanner
        self.words = WordReader(scanner, substitution)
        self.assignments = AssignmentReader(self.words)
        self.heredocs: list[HereDocument] = []
        self.warnings: list[tuple[int, str]] = []
        self.open_heredoc = False
        self._ahead: Token | None = None
        self._blank_end: int | None = (
            None  # behind an alias that ends in a blank: the next word may be an alias too
        )
        self.last_end = 0

    def peek(self, *, command: bool = False, assignable: bool = False) -> Token:
        """Return the next token and leave it in place.

        `command` says that a command may begin here, so that aliases are expanded. `assignable` says that a word
        like `name=(...)` is an assignment.
        """
        if self._ahead is None:
            self._ahead = self._read(command=command, assignable=assignable or command)
        return self._ahead

    def take(self, *, command: bool = False, assignable: bool = False) -> Token:
        """Return the next token and move past it."""
        token = self.peek(command=command, assignable=assignable)
        self._ahead = None
        self.last_end = self.scanner.pos
        if token.kind == "newline":
            self._read_heredocs()
        return token

    def put_back(self) -> None:
        """Forget the lookahead token. It is read again, perhaps in another way."""
        if self._ahead is not None:
            self.scanner.pos = self._ahead.start
            self._ahead = None

    def unexpected(self, token: Token) -> ShellSyntaxError:
        """Return the error of an unexpected token."""
        if token.kind == "end":
            return ShellSyntaxError(
                (Complaint(self.scanner.last_line, "syntax error: unexpected end of file"),), incomplete=True
            )
        text = "newline" if token.kind == "newline" else token.text
        line = token.line
        shown = self.scanner.current_line_text(token.start)
        return ShellSyntaxError(
            (Complaint(line, f"syntax error near unexpected token `{text}'"), Complaint(line, f"`{shown}'"))
        )

    def _read_heredocs(self) -> None:
        for document in self.heredocs:
            ended = read_body(document, self.words)
            if not ended:
                self.open_heredoc = True
                self._warn_of(document)
        self.heredocs.clear()

    def finish(self) -> None:
        """Read the bodies of here-documents whose line ends the text."""
        if self.heredocs:
            self._read_heredocs()

    def _warn_of(self, document: HereDocument) -> None:
        line = self.scanner.first_line + self.scanner.text.rstrip("\n").count("\n")
        ended = f"delimited by end-of-file (wanted `{document.delimiter}')"
        self.warnings.append((line, f"warning: here-document at line {document.line} {ended}"))

    def _read(self, *, command: bool, assignable: bool) -> Token:  # noqa: PLR0911 -- one for each kind of token
        scanner = self.scanner
        scanner.skip_blanks()
        if scanner.char == "#":
            end = scanner.text.find("\n", scanner.pos)
            scanner.pos = len(scanner.text) if end < 0 else end
        start, line = scanner.pos, scanner.line()
        if start >= len(scanner.text):
            return Token("end", "", start, line)
        if scanner.char == "\n":
            scanner.pos += 1
            return Token("newline", "\n", start, line)
        if not (scanner.char in "<>" and scanner.text.startswith("(", start + 1)) and (
            found := _OPERATOR.match(scanner.text, start)
        ):
            scanner.pos = found.end()
            return Token("operator", found.group(), start, line)
        if found := _NUMBER.match(scanner.text, start):
            scanner.pos = found.end()
            return Token("descriptor", found.group(), start, line)
        if assignable and (assignment := self.assignments.read()) is not None:
            return Token("assignment", assignment.source, start, line, assignment=assignment)
        word = (self.assignments.subscripted() if assignable else None) or self.words.word()
        if self._blank_end is not None and len(scanner.text) - start <= self._blank_end:
            self._blank_end = None
            command = True
        if command and self._expand_alias(word, start):
            return self._read(command=True, assignable=True)
        return Token("word", word.source, start, line, word)

    def _expand_alias(self, word: Word, start: int) -> bool:
        """Replace an alias by its text; return whether there was an alias."""
        scanner = self.scanner
        aliases = scanner.dialect.aliases
        name = word.literal
        if not aliases or name is None or name not in aliases:
            return False
        end, scanner.pos = scanner.pos, start
        if scanner.is_being_expanded(name):
            scanner.pos = end
            return False
        text = aliases[name]
        if text.endswith((" ", "\t")):
            self._blank_end = len(scanner.text) - end
        scanner.splice(end, text, name)
        return True
