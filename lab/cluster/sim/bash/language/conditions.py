"""The grammar within `[[ ]]`."""

from lab.cluster.sim.bash.language.errors import Complaint, ShellSyntaxError
from lab.cluster.sim.bash.language.parts import PartList
from lab.cluster.sim.bash.language.tokens import Token, Tokens
from lab.cluster.sim.bash.language.tree import (
    CondAnd,
    CondBinary,
    CondGroup,
    Condition,
    CondNot,
    CondOr,
    CondUnary,
    CondWord,
    Word,
)

__all__ = ["ConditionReader"]

_UNARY = frozenset(f"-{letter}" for letter in "abcdefghknoprstuvwxzGLNORS")
_BINARY = frozenset({"=", "==", "!=", "=~", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"})
_BLANK = frozenset(" \t\n")
_PATTERN_END = frozenset(" \t\n;&|<>()")


class ConditionReader:
    """Reads conditions with the help of the parser's tokens."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens

    def read(self, opening: Token) -> Condition:
        """Read from behind `[[` to behind `]]`."""
        condition = self._or(opening)
        closing = self._take()
        if closing.text != "]]":
            if closing.kind == "end":
                raise self._unfinished(opening)
            token = f": unexpected token `{closing.text}'" if closing.word is None else ""
            raise self._error(closing, f"syntax error in conditional expression{token}")
        return condition

    def _error(self, token: Token, text: str) -> ShellSyntaxError:
        return ShellSyntaxError((Complaint(token.line, text),), status=None)

    def _unfinished(self, opening: Token) -> ShellSyntaxError:
        return ShellSyntaxError(
            (Complaint(opening.line, "unexpected EOF while looking for `]]'"),), incomplete=True
        )

    def _peek(self) -> Token:
        while self.tokens.peek().kind == "newline":
            self.tokens.take()
        return self.tokens.peek()

    def _take(self) -> Token:
        token = self._peek()
        self.tokens.take()
        return token

    def _or(self, opening: Token) -> Condition:
        left = self._and(opening)
        while self._peek().text == "||":
            self._take()
            left = CondOr(left, self._and(opening))
        return left

    def _and(self, opening: Token) -> Condition:
        left = self._term(opening)
        while self._peek().text == "&&":
            self._take()
            left = CondAnd(left, self._term(opening))
        return left

    def _term(self, opening: Token) -> Condition:
        token = self._take()
        if token.kind == "end":
            raise self._unfinished(opening)
        if token.text == "]]":
            complaint = Complaint(token.line, "syntax error near unexpected token `]]'")
            raise ShellSyntaxError((complaint,), status=None, silent=True)
        if token.kind == "operator" and token.text == "(":
            return self._group(opening)
        if token.word is None:
            raise self._error(token, f"unexpected token `{token.text}' in conditional command")
        if token.text == "!":
            return CondNot(self._term(opening))
        if token.text in _UNARY:
            return self._unary(token, opening)
        return self._binary(token, token.word, opening)

    def _group(self, opening: Token) -> CondGroup:
        """Read the condition within parentheses; on an error, each enclosing pair complains too."""
        try:
            inner = self._or(opening)
        except ShellSyntaxError as error:
            if error.status is None and not error.silent:
                line = error.complaints[0].line
                error.complaints = (*error.complaints, Complaint(line, "expected `)'"))
            raise
        closing = self._take()
        if closing.text != ")":
            if closing.kind == "end":
                raise self._unfinished(opening)
            named = closing.word is None or closing.text == "]]"
            raise self._error(
                closing, f"unexpected token `{closing.text}', expected `)'" if named else "expected `)'"
            )
        return CondGroup(inner)

    def _unary(self, token: Token, opening: Token) -> Condition:
        operand = self._peek()
        if operand.text in _BINARY and token.word is not None:
            self._take()
            following = self._peek()
            if following.word is not None and following.text != "]]":
                return self._right(operand.text, token.word, opening)
            return CondUnary(token.text, operand.word or token.word)
        if operand.kind == "end":
            raise self._unfinished(opening)
        if operand.word is None or operand.text == "]]":
            raise self._error(operand, f"unexpected argument `{operand.text}' to conditional unary operator")
        self._take()
        return CondUnary(token.text, operand.word)

    def _binary(self, token: Token, word: Word, opening: Token) -> Condition:
        operator = self._peek()
        if operator.text in _BINARY or (operator.kind == "operator" and operator.text in {"<", ">"}):
            self.tokens.take()
            return self._right(operator.text, word, opening)
        if operator.text in {"]]", "&&", "||", ")"}:
            return CondWord(word)
        if operator.kind == "end":
            raise self._unfinished(opening)
        if operator.word is None:
            raise self._error(
                operator, f"unexpected token `{operator.text}', conditional binary operator expected"
            )
        raise self._error(token, "conditional binary operator expected")

    def _right(self, operator: str, left: Word, opening: Token) -> Condition:
        """Read the right operand of a binary operator."""
        tokens = self.tokens
        tokens.put_back()
        scanner = tokens.scanner
        scanner.skip_blanks()
        if scanner.pos >= len(scanner.text):
            raise self._unfinished(opening)
        line = scanner.line()
        if operator == "=~":
            word = self._regex()
        else:
            word = tokens.words.word(extglob=operator in {"=", "==", "!="} or None)
        if not word.source or word.source == "]]":
            text = word.source or scanner.char.replace("\n", "newline")
            raise ShellSyntaxError(
                (Complaint(line, f"unexpected argument `{text}' to conditional binary operator"),),
                status=2 if text == "newline" else None,
            )
        return CondBinary(operator, left, word)

    def _regex(self) -> Word:
        """Read a regular expression, which may contain parentheses and bars."""
        tokens = self.tokens
        scanner = tokens.scanner
        start, line = scanner.pos, scanner.line()
        found = PartList()
        depth = 0
        while scanner.pos < len(scanner.text):
            char = scanner.char
            if char == "(":
                depth += 1
            elif char == ")":
                if not depth:
                    break
                depth -= 1
            elif (
                (char in _BLANK and not depth)
                or (char in "&;<>" and not depth)
                or (char == "|" and scanner.at("||") and not depth)
            ):
                break
            else:
                if char in _PATTERN_END:
                    found.text(char)
                    scanner.pos += 1
                else:
                    found.extend(tokens.words.unquoted(_PATTERN_END))
                continue
            found.text(char)
            scanner.pos += 1
        if depth:
            raise scanner.unmatched(")", line)
        return Word(found.done(), scanner.text[start : scanner.pos], line)
