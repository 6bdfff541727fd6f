"""A command line as programs made with cobra take it: commands below commands, prefixes, flags."""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.cluster.sim.commands.golang.flags import Flags
from lab.cluster.sim.shell.call import Exit

__all__ = ["CommandLineError", "Found", "HelpAsked", "find", "parse_flags", "suggestions"]

#: Units of Go's durations.
_DURATION = re.compile(r"[-+]?(0|(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+")
_TRUTH = {"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}


class CommandLineError(Exit):
    """A flag that can't be understood; such programs show the command's usage as well."""

    def __init__(self, message: str) -> None:
        super().__init__(1, message)


class HelpAsked(Exit):
    """Somebody asked for help on the command."""

    def __init__(self) -> None:
        super().__init__(0)


@dataclass(slots=True)
class Found:
    """What the words of a command line name: the command, and the words behind it."""

    name: str
    words: list[str] = field(default_factory=list)


def find(names: Sequence[str], words: Sequence[str]) -> Found:
    """Return the command that `words` begin with; a word may be a prefix of just one name."""
    found = Found("", list(words))
    while found.words:
        lead = f"{found.name} " if found.name else ""
        below = {name[len(lead) :].split(" ")[0] for name in names if name.startswith(lead) and name != found.name}
        word = found.words[0]
        fits = [word] if word in below else [name for name in below if name.startswith(word)]
        if len(fits) != 1 or not word:
            break
        found.name = lead + fits[0]
        found.words.pop(0)
    return found


def suggestions(names: Sequence[str], word: str) -> list[str]:
    """Return which of `names` may have been meant by `word`."""
    return [
        name
        for name in names
        if _distance(word.lower(), name.lower()) <= 2 or name.lower().startswith(word.lower())
    ]


def _distance(one: str, other: str) -> int:
    """Return how many letters must be put in, taken out or changed."""
    if difflib.SequenceMatcher(None, one, other).real_quick_ratio() == 0:
        return max(len(one), len(other))
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]


def parse_flags(argv: Sequence[str], kinds: Mapping[str, str]) -> Flags:
    """Parse `argv`. `kinds` maps what is typed to a flag's name and kind: `"--rev": "rev:int"`.

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
            flags.words += arguments
            break
        if not word.startswith("-") or word == "-":
            flags.words.append(word)
        elif word in {"-h", "--help"}:
            helped = True
        elif word.startswith("--"):
            name, has_value, value = word.partition("=")
            if name not in kinds:
                raise CommandLineError(f"unknown flag: {name}")
            _take(flags, kinds, name, value if has_value else None, arguments, f"flag needs an argument: {name}")
        else:
            _short(flags, kinds, word, arguments)
    if helped:
        raise HelpAsked
    return flags


def _short(flags: Flags, kinds: Mapping[str, str], word: str, arguments: list[str]) -> None:
    """Take a word of short flags (`-it`), the last of them with its value (`-wjson`)."""
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        if name not in kinds:
            raise CommandLineError(f"unknown shorthand flag: '{name[1]}' in {word}")
        value: str | None = None
        if letters.startswith("=") or (letters and not kinds[name].endswith(":bool")):
            value, letters = letters.removeprefix("="), ""
        _take(flags, kinds, name, value, arguments, f"flag needs an argument: '{name[1]}' in {word}")


def _take(  # noqa: PLR0917 -- the parts of one flag
    flags: Flags, kinds: Mapping[str, str], typed: str, value: str | None, arguments: list[str], missing: str
) -> None:  # fmt: skip
    name, _, kind = kinds[typed].partition(":")
    if value is None and kind == "bool":
        value = "true"
    elif value is None:
        if not arguments:
            raise CommandLineError(missing)
        value = arguments.pop(0)
    wrong = _wrong(kind, value)
    if wrong:
        short = next((one for one, told in kinds.items() if told == kinds[typed] and not one.startswith("--")), "")
        called = f"{short}, --{name}" if short else f"--{name}"
        raise CommandLineError(f'invalid argument "{value}" for "{called}" flag: {wrong}')
    if kind == "bool" and value in _FALSE:
        value = "false"
    flags.values.setdefault(name, []).append(value)


def _wrong(kind: str, value: str) -> str:
    """Return what Go says of a value that is none of its kind."""
    if kind == "bool" and value not in _TRUTH:
        return f'strconv.ParseBool: parsing "{value}": invalid syntax'
    if kind in {"int", "uint"} and not re.fullmatch(r"[-+]?\d+" if kind == "int" else r"\d+", value):
        parser = "ParseInt" if kind == "int" else "ParseUint"
        return f'strconv.{parser}: parsing "{value}": invalid syntax'
    if kind == "duration" and not _DURATION.fullmatch(value):
        unit = "missing unit in duration" if re.fullmatch(r"[-+]?\d+(\.\d*)?", value) else "invalid duration"
        return f'time: {unit} "{value}"'
    return ""
