"""test and [: conditions, evaluated by the number of words as POSIX specifies."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from lab.cluster.sim.bash.builtins.usage import BuiltinError
from lab.cluster.sim.bash.builtins.words import strings

if TYPE_CHECKING:
    from lab.cluster.sim.bash.expansion.variables import Variables
    from lab.cluster.sim.bash.running.process import Process
    from lab.cluster.sim.bash.running.shell import Argument, Shell
    from lab.cluster.sim.bash.running.shell_files import ShellFiles

__all__ = ["Asked", "answer", "bracket", "test"]

_FILES = set("abcdefghkprsuwxGLNOS")
_UNARY = {f"-{letter}" for letter in _FILES | set("tnzovR")}
_NUMBERS = {"-eq", "-ne", "-lt", "-le", "-gt", "-ge"}
_TIMES = {"-nt", "-ot", "-ef"}
_BINARY = {"=", "==", "!=", "<", ">"} | _NUMBERS | _TIMES
_INTEGER = re.compile(r"\s*[+-]?\d+\s*")


async def test(shell: "Shell", arguments: "list[Argument]") -> int:
    """Evaluate a condition: 0 for true, 1 for false, 2 for an invalid condition."""
    return answer(shell, strings(arguments))


async def bracket(shell: "Shell", arguments: "list[Argument]") -> int:
    """Evaluate a condition that ends in `]`."""
    words = strings(arguments)
    if not words or words[-1] != "]":
        raise BuiltinError("missing `]'", 2)
    return answer(shell, words[:-1], "]")


def answer(asked: "Asked", words: Sequence[str], closing: str = "") -> int:
    """Return the exit code of a condition; raise `BuiltinError` for an invalid one."""
    return int(not _Condition(asked, words, closing).whole())


class Asked(Protocol):
    """The source of a condition's facts: a shell, or the process of /usr/bin/test."""

    process: "Process"

    @property
    def files(self) -> "ShellFiles":
        """The files."""

    def option(self, name: str) -> bool:
        """Return whether an option of `set -o` is on."""

    @property
    def positional(self) -> Sequence[str]:
        """The positional parameters."""

    variables: "Variables"


class _Condition:
    """One condition, read from left to right."""

    def __init__(self, shell: Asked, words: Sequence[str], closing: str) -> None:
        self._shell = shell
        #: The word that ends the condition: `]`, or nothing.
        self._closing = closing
        self._words = list(words)
        self._at = 0

    def whole(self) -> bool:
        return self._counted(self._words)

    def _counted(self, words: Sequence[str]) -> bool:  # noqa: PLR0911 -- a case for each number of words
        """Evaluate the condition by the number of words."""
        match len(words):
            case 0:
                return False
            case 1:
                return bool(words[0])
            case 2:
                if words[0] == "!":
                    return not words[1]
                if words[0] in _UNARY:
                    return self._unary(words[0], words[1])
                raise BuiltinError(f"{words[0]}: unary operator expected", 2)
            case 3:
                return self._three(words)
            case 4:
                if words[0] == "!":
                    return not self._three(words[1:])
                if words[0] == "(" and words[3] == ")":
                    return self._counted(words[1:3])
        return self._parsed()

    def _three(self, words: Sequence[str]) -> bool:
        left, operator, right = words
        if operator in _BINARY:
            return self._binary(left, operator, right)
        if operator == "-a":
            return bool(left) and bool(right)
        if operator == "-o":
            return bool(left) or bool(right)
        if left == "!":
            return not self._counted(words[1:])
        if left == "(" and right == ")":
            return bool(operator)
        raise BuiltinError(f"{operator}: binary operator expected", 2)

    # More words form an expression with a grammar of its own

    def _parsed(self) -> bool:
        found = self._either()
        if self._at < len(self._words):
            raise BuiltinError("too many arguments", 2)
        return found

    def _peek(self, ahead: int = 0) -> str | None:
        at = self._at + ahead
        return self._words[at] if at < len(self._words) else None

    def _either(self) -> bool:
        found = self._both()
        while self._peek() == "-o":
            self._at += 1
            found = self._both() or found
        return found

    def _both(self) -> bool:
        found = self._term()
        while self._peek() == "-a":
            self._at += 1
            found = self._term() and found
        return found

    def _term(self) -> bool:
        word = self._peek()
        if word is None:
            raise BuiltinError("argument expected", 2)
        if word == "!":
            self._at += 1
            return not self._term()
        if word == "(":
            self._at += 1
            found = self._either()
            if self._peek() != ")":
                found_word = self._peek() or self._closing
                raise BuiltinError(f"`)' expected, found {found_word}" if found_word else "`)' expected", 2)
            self._at += 1
            return found
        following = self._peek(1)
        if following in _BINARY and self._peek(2) is not None:
            self._at += 3
            return self._binary(word, following or "", self._words[self._at - 1])
        if word in _UNARY and following is not None:
            self._at += 2
            return self._unary(word, following)
        self._at += 1
        return bool(word)

    # Evaluation

    def _unary(self, operator: str, word: str) -> bool:  # noqa: PLR0911 -- one case after the other
        shell = self._shell
        match operator:
            case "-n":
                return bool(word)
            case "-z":
                return not word
            case "-o":
                return shell.option(word)
            case "-v":
                return _is_set(shell, word)
            case "-R":
                found = shell.variables.find(word)
                return found is not None and found.reference
            case "-t":
                return self._terminal(word)
        return shell.files.test(operator, word)

    def _terminal(self, word: str) -> bool:
        if not word.lstrip("-").isdigit():
            return False
        file = self._shell.process.descriptors.get(int(word))
        return file is not None and file.terminal

    def _binary(self, left: str, operator: str, right: str) -> bool:
        if operator in _TIMES:
            return self._shell.files.compare(operator, left, right)
        if operator in _NUMBERS:
            return _compare(operator, _number(left), _number(right))
        match operator:
            case "=" | "==":
                return left == right
            case "!=":
                return left != right
            case "<":
                return left < right
        return left > right


def _is_set(shell: Asked, word: str) -> bool:
    if word.endswith("]") and "[" in word:
        name, index = word[:-1].split("[", 1)
        found = shell.variables.find(shell.variables.resolve(name))
        if index in {"@", "*"} and found is not None and not found.associative:
            return bool(found.elements())
        return shell.variables.element(name, index) is not None
    if word.isdigit():
        return int(word) == 0 or int(word) <= len(shell.positional)
    return shell.variables.get(word) is not None


def _number(text: str) -> int:
    if _INTEGER.fullmatch(text) is None:
        raise BuiltinError(f"{text}: integer expression expected", 2)
    return int(text)


def _compare(operator: str, left: int, right: int) -> bool:
    return {
        "-eq": left == right, "-ne": left != right, "-lt": left < right, "-le": left <= right, "-gt": left > right,
        "-ge": left >= right,
    }[operator]  # fmt: skip
