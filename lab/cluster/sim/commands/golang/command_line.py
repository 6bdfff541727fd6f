"""The common parts of Go programs' command lines: declared flags, errors, the value of one flag."""

from collections.abc import Mapping

from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.golang.values import FALSE, problem_with

__all__ = ["CommandLineError", "HelpAsked", "Kinds", "UnknownFlagError", "declared", "take"]

#: A flag as typed -> its name and kind: `"--rev": "rev:int"`. Kinds: string, bool, int, uint, duration.
#: `"--dry-run": "dry-run:string?unchanged"` takes a value only as `--dry-run=VALUE`, and is `unchanged` alone.
Kinds = Mapping[str, str]


class CommandLineError(Exit):
    """An invalid command line; such programs print the command's usage as well."""

    def __init__(self, message: str) -> None:
        super().__init__(1, message)


class UnknownFlagError(CommandLineError):
    """A flag that the command does not have; `word` is the flag as typed, without its value."""

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message)
        self.word = word


class HelpAsked(Exit):
    """Help on the command was requested."""

    def __init__(self) -> None:
        super().__init__(0)


def declared(**kinds: str) -> dict[str, str]:
    """Return flags by kind: `string="output/o id"` are `--output`, its short form `-o`, and `--id`.

    `optional="dry-run:unchanged"` are strings that take a value only behind `=`, with their default without a
    value.
    """
    found: dict[str, str] = {}
    for kind, names in kinds.items():
        for words in names.split():
            spelled, _, alone = words.partition(":")
            name, *others = spelled.split("/")
            told = f"{name}:string?{alone}" if kind == "optional" else f"{name}:{kind}"
            found |= dict.fromkeys(
                (f"--{name}", *(f"-{one}" if len(one) == 1 else f"--{one}" for one in others)), told
            )
    return found


def take(flags: Flags, told: str, value: str | None, following: list[str]) -> str:
    """Add the value of the flag that `told` declares to `flags`; return the error, or an empty text.

    The value is `value`, or the first of `following`, which is then removed.

    Raises:
        LookupError: there is no value.
    """
    name, _, kind = told.partition(":")
    kind, _, alone = kind.partition("?")
    if value is None:
        if "?" in told:
            value = alone
        elif kind == "bool":
            value = "true"
        elif following:
            value = following.pop(0)
        else:
            raise LookupError(name)
    if problem := problem_with(kind, value):
        return problem
    flags.values.setdefault(name, []).append("false" if kind == "bool" and value in FALSE else value)
    return ""
