"""The grammar of compound commands: loops, `if`, `case`, groups, arithmetic, `[[ ]]`."""

from typing import Protocol

from lab.cluster.sim.bash.language.conditions import ConditionReader
from lab.cluster.sim.bash.language.errors import Complaint, ShellSyntaxError
from lab.cluster.sim.bash.language.scanner import Scanner
from lab.cluster.sim.bash.language.tokens import Token, Tokens
from lab.cluster.sim.bash.language.tree import (
    ArithmeticCommand,
    ArithmeticFor,
    Case,
    CaseClause,
    Command,
    CommandList,
    Conditional,
    For,
    Group,
    If,
    Redirection,
    Select,
    Subshell,
    While,
    Word,
)

__all__ = ["BEGINNINGS", "CompoundReader"]

BEGINNINGS = frozenset({"if", "while", "until", "for", "select", "case", "{", "[["})
_FOR_PARTS = 3


class Grammar(Protocol):
    """The parser's methods that this module uses."""

    scanner: Scanner
    tokens: Tokens

    def compound_list(self, stops: frozenset[str] = frozenset(), *, empty: bool = False) -> CommandList:
        """Read statements up to a reserved word."""

    def redirections(self) -> tuple[Redirection, ...]:
        """Read redirections."""

    def skip_newlines(self) -> None:
        """Skip newlines before a command."""


class CompoundReader:
    """Reads compound commands with the help of a parser."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self.conditions = ConditionReader(grammar.tokens)

    @property
    def tokens(self) -> Tokens:
        """The parser's tokens."""
        return self.grammar.tokens

    def read(self, beginning: str) -> Command:  # noqa: PLR0911 -- one for each word
        """Read the command that begins with this reserved word."""
        token = self.tokens.take(command=True)
        match beginning:
            case "if":
                return self._if(token)
            case "while" | "until":
                return self._while(token)
            case "for":
                return self._for(token)
            case "select":
                return self._select(token)
            case "case":
                return self._case(token)
            case "[[":
                condition = self.conditions.read(token)
                return Conditional(condition, self.grammar.redirections(), token.line)
            case _:
                body = self.grammar.compound_list(frozenset("}"))
                self._expect("}")
                return Group(body, self.grammar.redirections(), token.line)

    def _expect(self, word: str) -> None:
        token = self.tokens.take(command=True)
        if token.reserved != word:
            raise self.tokens.unexpected(token)

    def parenthesis(self) -> Command:
        """Read `( ... )` or `(( ... ))`."""
        token = self.tokens.take()
        scanner = self.grammar.scanner
        if scanner.text.startswith("((", token.start):
            end = self.tokens.words.closing_parenthesis(token.start + 1)
            if end is None:
                raise scanner.unmatched(")", token.line)
            if scanner.text.startswith(")", end + 1):
                expression = self._arithmetic(token, end)
                return ArithmeticCommand(expression, self.grammar.redirections(), token.line)
        body = self.grammar.compound_list()
        closing = self.tokens.take()
        if closing.text != ")" or closing.kind != "operator":
            raise self.tokens.unexpected(closing)
        return Subshell(body, self.grammar.redirections(), token.line)

    def _arithmetic(self, token: Token, end: int) -> Word:
        """Return the text of `((...))`; it begins at the token, and its last two parentheses are at `end`."""
        scanner = self.grammar.scanner
        inside = scanner.text[token.start + 2 : end]
        scanner.pos = end + 2
        return self.tokens.words.arithmetic_word(inside, token.line)

    def _if(self, token: Token) -> If:
        branches: list[tuple[CommandList, CommandList]] = []
        otherwise: CommandList | None = None
        while True:
            condition = self.grammar.compound_list(frozenset({"then"}))
            self._expect("then")
            body = self.grammar.compound_list(frozenset({"elif", "else", "fi"}))
            branches.append((condition, body))
            following = self.tokens.take(command=True)
            if following.reserved == "elif":
                continue
            if following.reserved == "else":
                otherwise = self.grammar.compound_list(frozenset({"fi"}))
                following = self.tokens.take(command=True)
            if following.reserved != "fi":
                raise self.tokens.unexpected(following)
            return If(tuple(branches), otherwise, self.grammar.redirections(), token.line)

    def _while(self, token: Token) -> While:
        condition = self.grammar.compound_list(frozenset({"do"}))
        body = self._do()
        return While(condition, body, token.text == "until", self.grammar.redirections(), token.line)

    def _do(self) -> CommandList:
        self._expect("do")
        body = self.grammar.compound_list(frozenset({"done"}))
        self._expect("done")
        return body

    def _loop_body(self) -> CommandList:
        """Read `do ... done`, or the braces that `for` accepts too."""
        self.grammar.skip_newlines()
        if self.tokens.peek(command=True).reserved == "{":
            self.tokens.take()
            body = self.grammar.compound_list(frozenset("}"))
            self._expect("}")
            return body
        return self._do()

    def _for(self, token: Token) -> For | ArithmeticFor:
        ahead = self.tokens.peek()
        if ahead.kind == "operator" and ahead.text == "(" and self.grammar.scanner.char == "(":
            return self._arithmetic_for(token)
        name, words, body = self._named_loop()
        return For(name, words, body, self.grammar.redirections(), token.line)

    def _select(self, token: Token) -> Select:
        name, words, body = self._named_loop()
        return Select(name, words, body, self.grammar.redirections(), token.line)

    def _named_loop(self) -> tuple[str, tuple[Word, ...] | None, CommandList]:
        """Read `name [in words]; do ... done`."""
        tokens = self.tokens
        name = tokens.take()
        if name.word is None:
            raise tokens.unexpected(name)
        words: list[Word] | None = None
        newlines = False
        while tokens.peek().kind == "newline":
            tokens.take()
            newlines = True
        if tokens.peek().reserved == "in":
            tokens.take()
            words = []
            while (ahead := tokens.peek()).word is not None:
                tokens.take()
                words.append(ahead.word)
            if ahead.kind != "newline" and ahead.text != ";":
                raise tokens.unexpected(ahead)
            tokens.take()
        elif not newlines and tokens.peek().text == ";":
            tokens.take()
        else:
            tokens.put_back()
        return name.text, None if words is None else tuple(words), self._loop_body()

    def _arithmetic_for(self, token: Token) -> ArithmeticFor:
        tokens, scanner = self.tokens, self.grammar.scanner
        opening = tokens.take()
        end = tokens.words.closing_parenthesis(opening.start + 1)
        if end is None:
            raise scanner.unmatched(")", opening.line)
        inside = scanner.text[opening.start + 2 : end]
        parts = inside.split(";")
        if len(parts) != _FOR_PARTS:
            text = "expression required" if len(parts) < _FOR_PARTS else "unexpected"
            first = f"syntax error: arithmetic {text}" if len(parts) < _FOR_PARTS else f"syntax error: `;' {text}"
            raise ShellSyntaxError(
                (Complaint(opening.line, first), Complaint(opening.line, f"syntax error: `(({inside}))'"))
            )
        scanner.pos = end + 2
        initial, condition, step = (tokens.words.arithmetic_word(part, opening.line) for part in parts)
        if tokens.peek(command=True).text == ";":
            tokens.take()
        body = self._loop_body()
        return ArithmeticFor(initial, condition, step, body, self.grammar.redirections(), token.line)

    def _case(self, token: Token) -> Case:
        tokens = self.tokens
        subject = tokens.take()
        if subject.word is None:
            raise tokens.unexpected(subject)
        self._skip_newlines_in_case()
        keyword = tokens.take()
        if keyword.reserved != "in":
            raise tokens.unexpected(keyword)
        clauses: list[CaseClause] = []
        while True:
            self._skip_newlines_in_case()
            if tokens.peek().reserved == "esac":
                tokens.take()
                break
            clause, last = self._clause()
            clauses.append(clause)
            if last:
                self._expect("esac")
                break
        return Case(subject.word, tuple(clauses), self.grammar.redirections(), token.line)

    def _skip_newlines_in_case(self) -> None:
        while self.tokens.peek().kind == "newline":
            self.tokens.take()

    def _clause(self) -> tuple[CaseClause, bool]:
        """Read one clause; return whether it is the last one, without `;;`."""
        tokens = self.tokens
        if tokens.peek().text == "(":
            tokens.take()
        patterns: list[Word] = []
        while True:
            pattern = tokens.take()
            if pattern.word is None:
                raise tokens.unexpected(pattern)
            patterns.append(pattern.word)
            after = tokens.take()
            if after.text == ")":
                break
            if after.text != "|" or after.kind != "operator":
                raise tokens.unexpected(after)
        body = self.grammar.compound_list(frozenset({"esac"}), empty=True)
        end = tokens.peek(command=True)
        if end.kind == "operator" and end.text in {";;", ";&", ";;&"}:
            tokens.take()
            return CaseClause(tuple(patterns), body, end.text), False
        return CaseClause(tuple(patterns), body, ";;"), True
