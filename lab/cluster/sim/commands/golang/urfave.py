"""Flags as crictl's library takes them: `-name` is `--name`, and flags end at the first other word.

Its texts: https://github.com/urfave/cli (v2) and Go's own package flag.
"""

from collections.abc import Sequence

from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.command_line import CommandLineError, HelpAsked, Kinds, take

__all__ = ["parse"]


def parse(argv: Sequence[str], kinds: Kinds) -> Flags:
    """Parse `argv` up to the first word that is no flag.

    Raises:
        CommandLineError: a flag is unknown, lacks its value, or has a wrong one.
        HelpAsked: one of them was `--help`.

    """
    flags = Flags()
    arguments = list(argv)
    helped = False
    while arguments and arguments[0].startswith("-") and arguments[0] != "-":
        word = arguments.pop(0)
        if word == "--":
            break
        name, has_value, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name in {"h", "help"}:
            helped = True
        elif _key(name) in kinds:
            _take(flags, kinds, name, value if has_value else None, arguments)
        elif (
            not word.startswith("--")
            and not has_value
            and len(name) > 1
            and all(f"-{one}" in kinds for one in name)
        ):
            for letter in name:
                _take(flags, kinds, letter, None, arguments)
        else:
            raise CommandLineError(f"flag provided but not defined: -{name}")
    if helped:
        raise HelpAsked
    flags.words = arguments
    return flags


def _key(name: str) -> str:
    return f"-{name}" if len(name) == 1 else f"--{name}"


def _take(flags: Flags, kinds: Kinds, typed: str, value: str | None, arguments: list[str]) -> None:
    tried = value if value is not None else next(iter(arguments), "")
    told = kinds[_key(typed)]
    try:
        problem = take(flags, told, value, arguments)
    except LookupError:
        raise CommandLineError(f"flag needs an argument: -{typed}") from None
    if problem and told.endswith(":bool"):
        raise CommandLineError(f'invalid boolean value "{tried}" for -{typed}: parse error')
    if problem:
        raise CommandLineError(f'invalid value "{tried}" for flag -{typed}: parse error')
