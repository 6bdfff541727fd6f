"""Flags as GNU programs and others take them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-it`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.cluster.sim.bash.running.call import Exit, NotSimulated

__all__ = ["Flags", "UnknownFlag", "parse"]


_TRUE = {"true", "1", "t", "yes"}


class UnknownFlag(NotSimulated):
    """A flag that the simulator does not know; a program that knows its real flags says more about it."""

    def __init__(self, program: str, word: str) -> None:
        super().__init__(f"{program} {word}".strip())
        self.word = word


@dataclass(slots=True)
class Flags:
    """Parsed flags and the words between them."""

    words: list[str] = field(default_factory=list)
    values: dict[str, list[str]] = field(default_factory=dict)
    #: What stood behind `--`; None if there was none.
    rest: list[str] | None = None

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a flag."""
        return self.values.get(name, [default])[-1]

    def all(self, name: str) -> list[str]:
        """Return all values of a flag."""
        return self.values.get(name, [])

    def on(self, name: str, *, default: bool = False) -> bool:
        """Whether a switch is on."""
        found = self.values.get(name)
        return found[-1].lower() in _TRUE if found else default

    def given(self, name: str) -> bool:
        """Whether a flag was given at all."""
        return name in self.values


def parse(
    argv: Sequence[str], valued: Mapping[str, str], switches: Mapping[str, str], *, interspersed: bool = True,
    optional: Mapping[str, str] | None = None, program: str = "",
) -> Flags:  # fmt: skip
    """Parse `argv`. `valued`, `switches` and `optional` map what is typed (`-n`, `--namespace`) to a flag's name.

    A flag in `optional` has a value only as `--flag=value`; alone it has the value given there after a colon.
    """
    flags = Flags()
    arguments = list(argv)
    while arguments:
        word = arguments.pop(0)
        if word == "--":
            flags.rest = arguments
            break
        if not word.startswith("-") or word == "-":
            flags.words.append(word)
            if not interspersed:
                flags.words += arguments
                break
            continue
        _flag(word, arguments, flags, valued, switches, optional or {}, program)
    return flags


def _flag(  # noqa: PLR0917 -- the parts of one call
    word: str, arguments: list[str], flags: Flags, valued: Mapping[str, str], switches: Mapping[str, str],
    optional: Mapping[str, str], program: str,
) -> None:  # fmt: skip
    name, has_value, value = word.partition("=")
    if name in optional:
        known, _, alone = optional[name].partition(":")
        flags.values.setdefault(known, []).append(value if has_value else alone)
    elif name in valued:
        if not has_value:
            if not arguments:
                raise Exit(1, f"error: flag needs an argument: {_told(name)}")
            value = arguments.pop(0)
        flags.values.setdefault(valued[name], []).append(value)
    elif name in switches:
        flags.values.setdefault(switches[name], []).append(value if has_value else "true")
    elif not word.startswith("--") and len(word) > 2:
        _cluster(word, arguments, flags, valued, switches, optional, program)
    else:
        raise UnknownFlag(program, name)


def _told(name: str) -> str:
    return name if name.startswith("--") else f"'{name[1]}' in {name}"


def _cluster(  # noqa: PLR0917 -- the parts of one call
    word: str, arguments: list[str], flags: Flags, valued: Mapping[str, str], switches: Mapping[str, str],
    optional: Mapping[str, str], program: str,
) -> None:  # fmt: skip
    """Take a word of several short flags (`-it`), or one with its value (`-nshop`)."""
    first = word[:2]
    if first in valued:
        flags.values.setdefault(valued[first], []).append(word[2:].removeprefix("="))
    elif first in switches:
        flags.values.setdefault(switches[first], []).append("true")
        _flag(f"-{word[2:]}", arguments, flags, valued, switches, optional, program)
    else:
        raise UnknownFlag(program, word)
