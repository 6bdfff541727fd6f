"""The grammar of lists, pipelines and simple commands."""

from dataclasses import replace

from lab.cluster.sim.bash.language.compounds import BEGINNINGS, CompoundReader
from lab.cluster.sim.bash.language.errors import Complaint, ShellSyntaxError
from lab.cluster.sim.bash.language.heredocs import delimiter_of
from lab.cluster.sim.bash.language.scanner import Scanner
from lab.cluster.sim.bash.language.tokens import Token, Tokens
from lab.cluster.sim.bash.language.tree import (
    AndOr,
    Assignment,
    Command,
    CommandList,
    Coprocess,
    FunctionDefinition,
    HereDocument,
    Pipeline,
    Redirection,
    SimpleCommand,
    Statement,
    Text,
    Word,
)

__all__ = ["Parser"]

_DECLARATIONS = frozenset({"alias", "declare", "export", "local", "readonly", "typeset", "eval", "let"})
_REDIRECTIONS = frozenset({"<", ">", ">>", ">|", "<>", "<&", ">&", "&>", "&>>", "<<<", "<<", "<<-"})
_NO_STOPS: frozenset[str] = frozenset()


class Parser:
    """Reads commands from a scanner."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.warnings: list[tuple[int, str]] = []
        self.open_heredoc = False
        self.tokens = Tokens(scanner, self.substitution)
        self.compounds = CompoundReader(self)

    # Lists

    def line(self) -> CommandList | None:
        """Read the statements up to the end of a line; return None at the end of the text."""
        tokens = self.tokens
        while tokens.peek(command=True).kind == "newline":
            tokens.take()
        if tokens.peek().kind == "end":
            return None
        statements: list[Statement] = []
        while True:
            statement, separator = self._statement()
            statements.append(statement)
            following = tokens.peek(command=True)
            if separator == "" or following.kind in {"newline", "end"}:
                break
        if following.kind == "newline":
            tokens.take()
        elif following.kind != "end":
            raise tokens.unexpected(following)
        tokens.finish()
        self._note_warnings(tokens)
        return CommandList(tuple(statements))

    def _note_warnings(self, tokens: Tokens) -> None:
        self.warnings.extend(tokens.warnings)
        tokens.warnings.clear()
        self.open_heredoc = self.open_heredoc or tokens.open_heredoc

    def compound_list(self, stops: frozenset[str] = _NO_STOPS, *, empty: bool = False) -> CommandList:
        """Read statements up to a reserved word of `stops`, or an operator such as `)` or `;;`."""
        tokens = self.tokens
        statements: list[Statement] = []
        while True:
            while tokens.peek(command=True).kind == "newline":
                tokens.take()
            ahead = tokens.peek(command=True)
            if ahead.reserved in stops and ahead.reserved:
                break
            if ahead.kind == "end" or (ahead.kind == "operator" and not self._begins_command(ahead)):
                break
            statement, separator = self._statement()
            statements.append(statement)
            if separator == "" and tokens.peek(command=True).kind != "newline":
                break
        if not statements and not empty:
            raise tokens.unexpected(tokens.peek(command=True))
        return CommandList(tuple(statements))

    @staticmethod
    def _begins_command(token: Token) -> bool:
        return token.text == "(" or token.text in _REDIRECTIONS

    def _statement(self) -> tuple[Statement, str]:
        """Read pipelines joined by `&&` and `||`; return them with the separator after them."""
        tokens = self.tokens
        first = self._pipeline()
        rest: list[AndOr] = []
        while (ahead := tokens.peek()).kind == "operator" and ahead.text in {"&&", "||"}:
            tokens.take()
            self.skip_newlines()
            rest.append(AndOr(ahead.text, self._pipeline()))
        separator = ""
        if ahead.kind == "operator" and ahead.text in {";", "&"}:
            separator = ahead.text
            tokens.take()
        return Statement(first, tuple(rest), separator == "&", first.line), separator

    def skip_newlines(self) -> None:
        """Skip newlines before a command."""
        while self.tokens.peek(command=True).kind == "newline":
            self.tokens.take()

    def _pipeline(self) -> Pipeline:
        tokens = self.tokens
        line = tokens.peek(command=True).line
        negated, timed = False, ""
        while (word := tokens.peek(command=True).reserved) in {"!", "time"}:
            tokens.take()
            if word == "!":
                negated = not negated
                continue
            timed = "time"
            while (option := tokens.peek(command=True)).kind == "word" and option.text in {"-p", "--"}:
                timed = "time -p" if option.text == "-p" else timed
                tokens.take()
        ahead = tokens.peek(command=True)
        lone = ahead.kind in {"newline", "end"} or (ahead.kind == "operator" and ahead.text in {";", "&"})
        if (negated or timed) and lone:
            return Pipeline((), line, negated, timed)
        commands = [self.command()]
        while (ahead := tokens.peek()).kind == "operator" and ahead.text in {"|", "|&"}:
            tokens.take()
            if ahead.text == "|&":
                commands[-1] = _with_errors(commands[-1])
            self.skip_newlines()
            commands.append(self.command())
        return Pipeline(tuple(commands), line, negated, timed)

    # Commands

    def command(self) -> Command:
        """Read one command."""
        tokens = self.tokens
        ahead = tokens.peek(command=True)
        if ahead.kind == "operator" and ahead.text == "(":
            return self.compounds.parenthesis()
        if ahead.reserved == "coproc":
            return self._coprocess()
        if ahead.reserved == "function":
            return self._function()
        if ahead.reserved in BEGINNINGS:
            return self.compounds.read(ahead.reserved)
        if ahead.reserved and ahead.reserved != "in":
            raise tokens.unexpected(ahead)
        return self._simple()

    def _simple(self) -> Command:
        tokens = self.tokens
        line = tokens.peek(command=True).line
        assignments: list[Assignment] = []
        words: list[Word | Assignment] = []
        redirections: list[Redirection] = []
        declaring = False
        while True:
            ahead = tokens.peek(command=not words, assignable=declaring)
            if ahead.kind == "assignment" and ahead.assignment is not None:
                tokens.take()
                (words or assignments).append(ahead.assignment)
            elif ahead.kind == "word" and ahead.word is not None:
                tokens.take()
                if not words:
                    if not assignments and not redirections and self._at_parenthesis():
                        return self._function_after(ahead)
                    declaring = ahead.text in _DECLARATIONS
                    line = self._line_of_next(line, assignable=declaring)
                words.append(ahead.word)
            elif (redirection := self.redirection()) is not None:
                redirections.append(redirection)
            else:
                break
        if not assignments and not words and not redirections:
            raise tokens.unexpected(tokens.peek(command=True))
        return SimpleCommand(tuple(assignments), tuple(words), tuple(redirections), line)

    def _line_of_next(self, line: int, *, assignable: bool) -> int:
        """Return the line that bash notes for a simple command, after the token behind the first word."""
        following = self.tokens.peek(assignable=assignable)
        return self.scanner.line() if following.kind in {"word", "assignment"} else line

    def redirection(self) -> Redirection | None:
        """Read a redirection; return None if none begins here."""
        tokens = self.tokens
        ahead = tokens.peek()
        descriptor: int | None = None
        variable: str | None = None
        line = ahead.line
        if ahead.kind == "descriptor":
            tokens.take()
            if ahead.text[0] == "{":
                variable = ahead.text[1:-1]
            else:
                descriptor = int(ahead.text)
            ahead = tokens.peek()
        if ahead.kind != "operator" or ahead.text not in _REDIRECTIONS:
            return None
        tokens.take()
        operand = tokens.peek()
        if operand.word is None:
            raise tokens.unexpected(operand)
        tokens.take()
        if ahead.text in {"<<", "<<-"}:
            delimiter, quoted = delimiter_of(operand.word)
            document = HereDocument(delimiter, quoted, ahead.text == "<<-", line)
            tokens.heredocs.append(document)
            return Redirection(ahead.text, document, line, descriptor, variable)
        return Redirection(ahead.text, operand.word, line, descriptor, variable)

    def redirections(self) -> tuple[Redirection, ...]:
        """Read the redirections behind a compound command."""
        found: list[Redirection] = []
        while (redirection := self.redirection()) is not None:
            found.append(redirection)
        return tuple(found)

    # Functions and coprocesses

    def _at_parenthesis(self) -> bool:
        self.scanner.skip_blanks()
        return self.scanner.char == "("

    def _function_after(self, name: Token) -> FunctionDefinition:
        """Read `name () body` from its first parenthesis."""
        tokens = self.tokens
        tokens.take()
        closing = tokens.take()
        if closing.kind != "operator" or closing.text != ")":
            raise tokens.unexpected(closing)
        return self._function_body(name)

    def _function(self) -> FunctionDefinition:
        """Read `function name [()] body`."""
        tokens = self.tokens
        tokens.take()
        name = tokens.take()
        if name.word is None:
            raise tokens.unexpected(name)
        if self._at_parenthesis():
            tokens.take()
            if tokens.peek().text != ")":
                tokens.put_back()
                tokens.scanner.pos -= 1
            else:
                tokens.take()
        return self._function_body(name)

    def _function_body(self, name: Token) -> FunctionDefinition:
        tokens = self.tokens
        self.skip_newlines()
        ahead = tokens.peek(command=True)
        if ahead.reserved not in BEGINNINGS and ahead.text != "(":
            raise tokens.unexpected(ahead)
        body = self.command()
        source = self.scanner.text[name.start : tokens.last_end]
        return FunctionDefinition(name.text, body, source, name.line)

    def _coprocess(self) -> Coprocess:
        tokens = self.tokens
        line = tokens.take().line
        ahead = tokens.peek(command=True)
        if ahead.kind == "word" and not ahead.reserved and ahead.word is not None:
            tokens.take()
            following = tokens.peek(command=True)
            if following.reserved in BEGINNINGS or following.text == "(":
                return Coprocess(ahead.text, self.command(), line)
            tokens.put_back()
            self.scanner.pos = ahead.start
        return Coprocess("COPROC", self.command(), line)

    # Substitutions

    def substitution(self, scanner: Scanner) -> CommandList:
        """Read the commands of `$(...)` and skip its closing parenthesis."""
        inner = Parser(scanner)
        try:
            body = inner.compound_list(empty=True)
            closing = inner.tokens.peek()
            if closing.kind == "end":
                raise inner.tokens.unexpected(closing)
            if closing.text != ")":
                raise inner.tokens.unexpected(closing)
            inner.tokens.take()
        except ShellSyntaxError as error:
            if error.incomplete and error.complaints[0].text == "syntax error: unexpected end of file":
                complaint = Complaint(scanner.last_line, "unexpected EOF while looking for matching `)'")
                raise ShellSyntaxError((complaint,), incomplete=True) from None
            if not error.incomplete:
                error.effect = "exit"
            raise
        inner.tokens.finish()
        self._note_warnings(inner.tokens)
        return body


def _with_errors(command: Command) -> Command:
    """Return the command with its stderr in the pipe too."""
    line = command.line
    redirection = Redirection(">&", Word((Text("1"),), "1", line), line, 2)
    return replace(command, redirections=(*command.redirections, redirection))
