"""Flags as the library pflag takes them, under kubectl, etcdctl and etcdutl: they may stand between the words.

Its texts: https://github.com/spf13/pflag (errors.go, flag.go).
"""

from collections.abc import Sequence

from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.command_line import (
    CommandLineError,
    HelpAsked,
    Kinds,
    UnknownFlagError,
    take,
)

__all__ = ["parse"]


#: Words that Go's strconv reads as true or false.
_BOOLS = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}


def parse(argv: Sequence[str], kinds: Kinds) -> Flags:
    """Parse `argv`; the words behind `--` are in `words` and in `rest`.

    Raises:
        CommandLineError: a flag is unknown, lacks its value, or has a wrong one.
        HelpAsked: one of them was `--help`.

    """
    flags = Flags()
    arguments = list(argv)
    helped = False
    while arguments:
        word = arguments.pop(0)
        if word == "--":
            flags.rest = arguments
            break
        if not word.startswith("-") or word == "-":
            flags.words.append(word)
        elif word in {"-h", "--help"} and word not in kinds:
            helped = True
        elif word.startswith("--"):
            _long(flags, kinds, word, arguments)
        else:
            _short(flags, kinds, word, arguments)
    if helped:
        raise HelpAsked
    return flags


def _long(flags: Flags, kinds: Kinds, word: str, arguments: list[str]) -> None:
    name, has_value, value = word.partition("=")
    if name == "--help" and has_value and name not in kinds:
        if value not in _BOOLS:
            told = f'strconv.ParseBool: parsing "{value}": invalid syntax'
            raise CommandLineError(f'invalid argument "{value}" for "-h, --help" flag: {told}')
        if value[:1] in "1tT":
            raise HelpAsked
        return
    if name not in kinds:
        raise UnknownFlagError(f"unknown flag: {name}", name)
    _take(flags, kinds, name, value if has_value else None, arguments, name)


def _short(flags: Flags, kinds: Kinds, word: str, arguments: list[str]) -> None:
    """Take a word of short flags (`-it`), the last of them with its value (`-wjson`)."""
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        if name not in kinds:
            raise UnknownFlagError(f"unknown shorthand flag: '{name[1]}' in {word}", name)
        value: str | None = None
        if letters.startswith("=") or (letters and not kinds[name].endswith(":bool")):
            value, letters = letters.removeprefix("="), ""
        _take(flags, kinds, name, value, arguments, f"'{name[1]}' in {word}")


def _take(  # noqa: PLR0917 -- the parts of one flag
    flags: Flags, kinds: Kinds, typed: str, value: str | None, arguments: list[str], named: str
) -> None:  # fmt: skip
    tried = value if value is not None else next(iter(arguments), "")
    try:
        problem = take(flags, kinds[typed], value, arguments)
    except LookupError:
        raise CommandLineError(f"flag needs an argument: {named}") from None
    if problem:
        raise CommandLineError(f'invalid argument "{tried}" for "{_called(kinds, typed)}" flag: {problem}')


def _called(kinds: Kinds, typed: str) -> str:
    """Return a flag as messages name it: `-w, --write-out`."""
    name = kinds[typed].partition(":")[0]
    short = next((one for one, told in kinds.items() if told == kinds[typed] and not one.startswith("--")), "")
    return f"{short}, --{name}" if short else f"--{name}"
