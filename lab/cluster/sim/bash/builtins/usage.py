"""Options of the shell's own commands, with bash's messages about invalid ones."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["BuiltinError", "Given", "Usage", "number", "options", "synopses"]

_FILE = Path(__file__).parents[2] / "data" / "bash_help.txt"


class BuiltinError(Exception):
    """A builtin gives up. The message follows the shell's prefix and the builtin's name."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class Usage(BuiltinError):  # noqa: N818 -- the usage line follows it
    """An invalid option: the usage line follows the message, which may be empty."""

    def __init__(self, message: str = "", code: int = 2) -> None:
        super().__init__(message, code)


class HelpAsked(Exception):  # noqa: N818 -- no error
    """The argument `--help` was given."""


@functools.cache
def synopses() -> dict[str, tuple[str, str]]:
    """Return name -> (synopsis, short description) of each command that `help` lists."""
    found: dict[str, tuple[str, str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        name, synopsis, description = line.split("\t")
        found[name] = synopsis, description
    return found


@dataclass(slots=True)
class Given:
    """The given options in order, and the words behind them."""

    options: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def has(self, *letters: str) -> bool:
        """Return whether one of these options was given."""
        return bool(self.options) and any(letter in letters for letter, _ in self.options)

    def value(self, letter: str, default: str = "") -> str:
        """Return the last value of an option."""
        return next((value for key, value in reversed(self.options) if key == letter), default)

    @property
    def letters(self) -> str:
        """Return all letters, in order."""
        return "".join(letter for letter, _ in self.options)


@functools.cache
def _kinds(letters: str) -> dict[str, bool]:
    """Return letter -> whether the option takes a value."""
    return {letter: letters[index + 1 : index + 2] == ":" for index, letter in enumerate(letters) if letter != ":"}


def options(words: Sequence[str], letters: str, *, plus: str = "") -> Given:
    """Parse options as bash's builtins do: they end at the first word that is not an option.

    `letters` is as for getopt. Options in `plus` may also be given with `+`, and are reported as `+x`. Raise
    `Usage`.
    """
    kinds = _kinds(letters)
    given = Given()
    rest = list(words)
    while rest:
        word = rest[0]
        if word == "--":
            rest.pop(0)
            break
        if word == "--help":
            raise HelpAsked
        mark = word[:1]
        if len(word) < 2 or not (mark == "-" or (mark == "+" and plus)):
            break
        rest.pop(0)
        at = 1
        while at < len(word):
            letter = word[at]
            at += 1
            known = kinds if mark == "-" else dict.fromkeys(plus, False)
            if letter not in known:
                raise Usage(f"{mark}{letter}: invalid option")
            if not known[letter]:
                given.options.append((letter if mark == "-" else f"+{letter}", ""))
                continue
            value = word[at:]
            if not value:
                if not rest:
                    raise Usage(f"-{letter}: option requires an argument")
                value = rest.pop(0)
            given.options.append((letter, value))
            break
    given.words = rest
    return given


def number(text: str, *, complaint: str = "numeric argument required", code: int = 1) -> int:
    """Return a decimal number as builtins read it; raise `BuiltinError` for anything else."""
    bare = text.strip()
    digits = bare[1:] if bare[:1] in {"-", "+"} else bare
    if not digits.isascii() or not digits.isdigit():
        raise BuiltinError(f"{text}: {complaint}", code)
    return int(bare)
