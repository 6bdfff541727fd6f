"""Read a script one complete command at a time, as bash does."""

from lab.cluster.sim.bash.language.errors import ShellSyntaxError
from lab.cluster.sim.bash.language.parser import Parser
from lab.cluster.sim.bash.language.scanner import Dialect, Scanner
from lab.cluster.sim.bash.language.tree import CommandList, Statement, Word
from lab.cluster.sim.bash.language.words import WordReader

__all__ = ["Dialect", "ScriptReader", "parse", "quoted_text", "wants_more"]

_PLAIN = Dialect()
#: A cache of parsed commands: the same scripts run again and again, and trees never change. The key has everything
#: that affects the parse. The value is the command and the place behind it.
_read: dict[tuple[str, int, int, bool, bool], tuple[CommandList | None, int]] = {}
_MOST_READ, _MOST_TEXT = 1000, 10_000


class ScriptReader:
    """A script. Each call of `next` reads the next complete command, up to the end of its line."""

    def __init__(self, text: str, dialect: Dialect | None = None, *, first_line: int = 1) -> None:
        ended = text if not text or text.endswith("\n") or _ends_in_backslash(text) else text + "\n"
        self._scanner = Scanner(ended, dialect or _PLAIN, first_line)
        self._parser = Parser(self._scanner)
        self._start = 0

    def next(self, dialect: Dialect | None = None) -> CommandList | None:
        """Return the next line's statements, or None at the end. Raise `ShellSyntaxError`.

        Blank lines and comments are skipped. `dialect` replaces the previous one: an alias or `shopt -s extglob`
        takes effect on the next line.
        """
        if dialect is not None:
            self._scanner.dialect = dialect
        self._parser.warnings.clear()
        self._start = self._scanner.pos
        dialect = self._scanner.dialect
        if dialect.aliases or len(self._scanner.text) > _MOST_TEXT:
            return self._parser.line()
        key = self._scanner.text, self._start, self._scanner.first_line, dialect.extglob, dialect.posix
        if key in _read:
            self._parser.tokens.put_back()
            found, self._scanner.pos = _read[key]
            return found
        found = self._parser.line()
        if not self._parser.warnings and not self._parser.open_heredoc:
            if len(_read) >= _MOST_READ:
                del _read[next(iter(_read))]
            _read[key] = found, self._scanner.pos
        return found

    @property
    def warnings(self) -> list[tuple[int, str]]:
        """Warnings of the last command read, with their lines (a here-document ended by the end of the file)."""
        return list(self._parser.warnings)

    @property
    def waits_for_document(self) -> bool:
        """Whether the text ended within a here-document, for which more input may come."""
        return self._parser.open_heredoc

    @property
    def source(self) -> str:
        """The text of the last command read, as typed (for `set -v` and history)."""
        return self._scanner.text[self._start : self._scanner.pos]


def parse(text: str, dialect: Dialect | None = None, *, first_line: int = 1) -> CommandList:
    """Return the tree of a whole text. Raise `ShellSyntaxError` for any error in it."""
    reader = ScriptReader(text, dialect, first_line=first_line)
    statements: list[Statement] = []
    while (found := reader.next()) is not None:
        statements.extend(found.statements)
    return CommandList(tuple(statements))


def quoted_text(text: str, line: int = 1) -> Word:
    """Return a text as if within double quotes: prompts, `set -x` prefixes. Double quotes in it are plain text."""
    scanner = Scanner(text, _PLAIN, line)
    return WordReader(scanner, Parser(scanner).substitution).within_quotes()


def _ends_in_backslash(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def wants_more(text: str, dialect: Dialect | None = None) -> bool:
    """Return whether `text` ends within a command: a terminal then shows its second prompt."""
    if _ends_in_backslash(text.removesuffix("\n")):
        return True
    reader = ScriptReader(text, dialect)
    try:
        while reader.next() is not None:
            pass
    except ShellSyntaxError as error:
        return error.incomplete
    return reader.waits_for_document
