"""sed's script: its commands with their addresses, and sed's error messages about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.cluster.sim.bash.expansion.posix_regex import RegexError
from lab.cluster.sim.bash.tools.sed_reader import BLANK, Reader, ScriptError
from lab.cluster.sim.bash.tools.sed_regex import NO_REGEX, Regex, Replacement, escaped, regex, replacement

__all__ = ["Address", "Command", "Substitution", "parse"]

_TEXTS = frozenset("aic")
_FILES = frozenset("rRwW")
_NUMBERED = frozenset("lqQL")
_PLAIN = frozenset("=dDFgGhHnNpPxz")
_ONE_ADDRESS = frozenset("qQ")


@dataclass(frozen=True, slots=True)
class Address:
    """An address. Its kind: `line`, `step` (first~step), `last`, `regex`, `plus` (+N), `multiple` (~N)."""

    kind: str
    number: int = 0
    step: int = 0
    regex: Regex = NO_REGEX


@dataclass(frozen=True, slots=True)
class Substitution:
    """The `s` command."""

    regex: Regex
    by: Replacement
    every: bool = False
    #: The first match that is replaced.
    number: int = 1
    prints: bool = False
    runs: bool = False
    file: str = ""


@dataclass(slots=True)
class Command:
    """A command, and how far its range has got."""

    letter: str
    first: Address | None = None
    second: Address | None = None
    negated: bool = False
    text: str = ""
    number: int | None = None
    #: Where a branch, or a block that is not entered, goes on.
    to: int = 0
    substitution: Substitution | None = None
    table: dict[int, int] = field(default_factory=dict)
    active: bool = False
    end: int = 0


def parse(scripts: Sequence[tuple[str, str]], *, extended: bool, sandbox: bool = False) -> list[Command]:
    """Return the commands of the scripts, each with the file that it is from (empty: from the command line)."""
    return _Parser(scripts, extended=extended, sandbox=sandbox).all()


class _Parser(Reader):
    """Parses the commands."""

    def __init__(self, scripts: Sequence[tuple[str, str]], *, extended: bool, sandbox: bool) -> None:
        super().__init__(scripts)
        self._extended = extended
        self._sandbox = sandbox
        self._commands: list[Command] = []
        self._open: list[int] = []
        self._labels: dict[str, int] = {}

    def all(self) -> list[Command]:
        while self.skip(f"{BLANK}\n;"):
            self._one()
        if self._open:
            raise self.error("unmatched `{'", at=0)
        for command in self._commands:
            if command.letter in "btT":
                if command.text and command.text not in self._labels:
                    raise ScriptError(f"sed: can't find label for jump to `{command.text}'", 4)
                command.to = self._labels.get(command.text, len(self._commands))
        return self._commands

    # --- commands ---

    def _one(self) -> None:
        command = Command("")
        self._addresses(command)
        letter = command.letter = self.take()
        if letter in {"", "\n", ";"} and command.first:
            raise self.error("missing command")
        if command.second and letter in _ONE_ADDRESS:
            raise self.error("command only uses one address")
        if letter == "#":
            if command.first:
                raise self.error("comments don't accept any addresses")
            self.line()
            return
        if letter in "erw":
            self._need_no_sandbox()
        self._rest(command)

    def _addresses(self, command: Command) -> None:
        command.first = self._address()
        if command.first and command.first.kind in {"plus", "multiple"}:
            raise self.error("invalid usage of +N or ~N as first address")
        if command.first and self.skip() == ",":
            self.at += 1
            self.skip()
            command.second = self._address()
            if command.second is None:
                self.take()
                raise self.error("unexpected `,'")
        self._zero(command)
        if self.skip() == "!":
            self.at += 1
            command.negated = True
            if self.skip() == "!":
                self.at += 1
                raise self.error("multiple `!'s")

    def _need_no_sandbox(self) -> None:
        if self._sandbox:
            raise self.error("e/r/w commands disabled in sandbox mode")

    def _zero(self, command: Command) -> None:
        first = command.first
        if first and first.kind == "line" and not first.number:
            if command.second is None or command.second.kind != "regex":
                self.take()
                raise self.error("invalid usage of line address 0")
            command.active = True

    def _rest(self, command: Command) -> None:  # noqa: C901, PLR0912 -- one letter after the other
        letter = command.letter
        if letter == "{":
            self._open.append(len(self._commands))
        elif letter == "}":
            if not self._open:
                raise self.error("unexpected `}'")
            if command.first:
                raise self.error("} doesn't want any addresses")
            self._commands[self._open.pop()].to = len(self._commands)
            self.end_of_command()
            return
        elif letter == ":":
            if command.first:
                raise self.error(": doesn't want any addresses")
            label = self.label(";")
            if not label:
                raise self.error('":" lacks a label')
            self._labels[label] = len(self._commands)
            return
        elif letter in "btT":
            command.text = self.label(";}")
            self.end_of_command()
        elif letter in _TEXTS:
            command.text = self._given_text()
        elif letter in _FILES:
            command.text = self.file()
        elif letter == "e":
            self.skip()
            command.text = self.line()
        elif letter == "s":
            self._substitution(command)
        elif letter == "y":
            self._transliteration(command)
        elif letter in _NUMBERED:
            self.skip()
            command.number = self.number()
            self.end_of_command()
        elif letter in _PLAIN:
            self.end_of_command()
        elif letter == "v":
            self.line()
            return
        else:
            raise self.error(f"unknown command: `{letter}'")
        self._commands.append(command)

    def _given_text(self) -> str:
        """Take the text of `a`, `i` or `c`: from the next line, or from the rest of this one."""
        if self.skip() in {"", "\n"}:
            raise self.error("expected \\ after `a', `c' or `i'")
        if self.peek() == "\\":
            self.at += 1
            behind = re.compile(rf"[{BLANK}]*\n").match(self.text, self.at)
            self.at = behind.end() if behind else self.at
            if not self.peek():
                return ""
        out: list[str] = []
        while (letter := self.take()) not in {"", "\n"}:
            if letter == "\\" and self.peek():
                character, after = escaped(self.text, self.at)
                letter = self.peek() if character is None else character
                self.at = self.at + 1 if character is None else after
            out.append(letter)
        return "".join(out) + "\n"

    # --- addresses and expressions ---

    def _address(self) -> Address | None:
        letter = self.peek()
        if letter.isdigit():
            number = self.number() or 0
            if self.skip() == "~":
                self.at += 1
                return Address("step", number, self.number() or 0)
            return Address("line", number)
        if letter and letter in "+~":
            self.at += 1
            return Address("plus" if letter == "+" else "multiple", self.number() or 0)
        if letter == "$":
            self.at += 1
            return Address("last")
        if letter in {"/", "\\"}:
            self.at += 1
            delimiter = self.take() if letter == "\\" else letter
            text = self.until(delimiter, expression=True)
            if text is None:
                raise self.error("unterminated address regex")
            flags = ""
            while (flag := self.skip()) and flag in "IM":
                flags += self.take()
            return Address("regex", regex=self._regex(text, flags))
        return None

    def _regex(self, text: str, flags: str) -> Regex:
        try:
            return regex(text, extended=self._extended, ignore_case="I" in flags, by_line="M" in flags)
        except (RegexError, re.error) as error:
            raise self.error(str(error)) from None

    def _substitution(self, command: Command) -> None:
        delimiter = self.take()
        pattern = self.until(delimiter, expression=True) if delimiter not in {"", "\n", "\\"} else None
        text = self.until(delimiter, expression=False) if pattern is not None else None
        if pattern is None or text is None:
            raise self.error("unterminated `s' command")
        flags, number, file = self._flags()
        expression = self._regex(pattern, flags)
        by = replacement(text)
        if expression.pattern and by.most > expression.groups:
            raise self.error(f"invalid reference \\{by.most} on `s' command's RHS")
        command.substitution = Substitution(
            expression,
            by,
            every="g" in flags,
            number=number or 1,
            prints="p" in flags,
            runs="e" in flags,
            file=file,
        )

    def _flags(self) -> tuple[str, int | None, str]:  # noqa: C901 -- one flag after the other
        """Take the flags of `s`; return their letters, the number, and the file."""
        flags, number = "", None
        while letter := self.take():
            if letter in "we":
                self._need_no_sandbox()
            if letter in "iImMe":
                flags += letter.upper() if letter in "im" else letter
            elif letter in "gp":
                if letter in flags:
                    raise self.error(f"multiple `{letter}' options to `s' command")
                flags += letter
            elif letter.isdigit():
                if number is not None:
                    raise self.error("multiple number options to `s' command")
                self.at -= 1
                number = self.number()
                if not number:
                    raise self.error("number option to `s' command may not be zero")
            elif letter == "w":
                return flags, number, self.file()
            elif letter in "}#":
                self.at -= 1
                break
            elif letter in "\n;":
                break
            elif letter not in BLANK:
                raise self.error("unknown option to `s'")
        return flags, number, ""

    def _transliteration(self, command: Command) -> None:
        delimiter = self.take()
        one = self.until(delimiter, expression=False) if delimiter else None
        other = self.until(delimiter, expression=False) if one is not None else None
        if one is None or other is None:
            raise self.error("unterminated `y' command")
        before, after = _letters(one), _letters(other)
        if len(before) != len(after):
            raise self.error("strings for `y' command are different lengths")
        for old, new in zip(before, after, strict=True):
            command.table.setdefault(ord(old), ord(new))
        self.end_of_command()


def _letters(text: str) -> str:
    out: list[str] = []
    at = 0
    while at < len(text):
        if text[at] != "\\" or at + 1 == len(text):
            out.append(text[at])
            at += 1
            continue
        character, after = escaped(text, at + 1)
        out.append(character or (text[at + 1] if text[at + 1] == "\\" else text[at : at + 2]))
        at = at + 2 if character is None else after
    return "".join(out)
