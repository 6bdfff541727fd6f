"""A command line as crictl's library takes it: `-name` is `--name`, and flags end at the first other word."""

import re
from collections.abc import Mapping, Sequence

from lab.cluster.sim.commands.golang.flags import Flags
from lab.cluster.sim.shell.call import Exit

__all__ = ["HelpAsked", "UsageError", "parse"]

_TRUTH = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
_UNITS = r"[-+]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+"


class UsageError(Exit):
    """A flag that can't be understood."""

    def __init__(self, message: str) -> None:
        super().__init__(1, message)


class HelpAsked(Exit):
    """Somebody asked for help."""

    def __init__(self) -> None:
        super().__init__(0)


def parse(argv: Sequence[str], kinds: Mapping[str, str]) -> Flags:
    """Parse `argv`. `kinds` maps what is typed, without dashes, to a flag's name and kind: `"n": "last:int"`.

    Raises:
        UsageError: a flag is unknown, lacks its value, or has a wrong one.
        HelpAsked: one of them was `--help`.

    """
    flags = Flags()
    arguments = list(argv)
    helped = False
    while arguments:
        word = arguments[0]
        if not word.startswith("-") or word == "-":
            break
        arguments.pop(0)
        if word == "--":
            break
        name, has_value, value = word.removeprefix("-").removeprefix("-").partition("=")
        if name in {"h", "help"}:
            helped = True
        elif name in kinds:
            _take(flags, kinds, name, value if has_value else None, arguments)
        elif not word.startswith("--") and not has_value and len(name) > 1 and set(name) <= set(kinds):
            for letter in name:
                _take(flags, kinds, letter, None, arguments)
        else:
            raise UsageError(f"flag provided but not defined: -{name}")
    if helped:
        raise HelpAsked
    flags.words = arguments
    return flags


def _take(flags: Flags, kinds: Mapping[str, str], typed: str, value: str | None, arguments: list[str]) -> None:
    name, _, kind = kinds[typed].partition(":")
    if kind == "bool":
        value = "true" if value is None else value
        if value not in _TRUTH:
            raise UsageError(f'invalid boolean value "{value}" for -{typed}: parse error')
    elif value is None:
        if not arguments:
            raise UsageError(f"flag needs an argument: -{typed}")
        value = arguments.pop(0)
    wrong = (kind == "int" and not re.fullmatch(r"[-+]?\d+", value)) or (
        kind == "duration" and not re.fullmatch(_UNITS, value)
    )
    if wrong:
        raise UsageError(f'invalid value "{value}" for flag -{typed}: parse error')
    flags.values.setdefault(name, []).append(value)
