"""Options as GNU programs parse them (getopt_long), with the C library's error messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["Options", "UsageError", "parse_options"]


class UsageError(Exception):
    """A command line that the program rejects; the message goes to stderr."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(slots=True)
class Options:
    """The options of a command line in order, and its operands."""

    given: list[tuple[str, str]] = field(default_factory=list)
    operands: list[str] = field(default_factory=list)

    def has(self, *names: str) -> bool:
        """Return whether one of `names` was given."""
        return any(name in names for name, _ in self.given)

    def last(self, name: str, default: str = "") -> str:
        """Return the last value of `name`."""
        return next((value for key, value in reversed(self.given) if key == name), default)

    def every(self, name: str) -> list[str]:
        """Return all values of `name`, in order."""
        return [value for key, value in self.given if key == name]

    def last_of(self, names: str, default: str = "") -> str:
        """Return the last given letter among `names`."""
        return next((key for key, _ in reversed(self.given) if key in names), default)


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The options of a program."""

    program: str
    #: Letter -> "" for a switch, ":" with a value, "?" with an optional value.
    letters: Mapping[str, str]
    #: Long name -> the name under which it is reported, and its kind as above.
    longs: Mapping[str, tuple[str, str]]
    hint: str
    code: int

    def refuse(self, text: str) -> UsageError:
        return UsageError(f"{self.program}: {text}\n{self.hint}".rstrip("\n"), self.code)


def parse_options(
    program: str,
    argv: Sequence[str],
    letters: str,
    longs: Mapping[str, str] | None = None,
    *,
    stop_at_operand: bool = False,
    code: int = 1,
    hint: str | None = None,
) -> Options:
    """Parse `argv`.

    `letters` is as for getopt: a letter with ":" takes a value; a letter with "?" takes a value only in the same
    word. `longs` maps a long name to a letter (or another name). If that name has several letters, ":" or "?" at
    its end says whether it takes a value. Raise `UsageError` for an invalid command line.
    """
    kinds = _kinds(letters)
    known = {name: _target(target, kinds) for name, target in (longs or {}).items()}
    known.setdefault("help", ("help", ""))
    known.setdefault("version", ("version", ""))
    try_help = f"Try '{program} --help' for more information." if hint is None else hint
    grammar = _Grammar(program, kinds, known, try_help, code)
    found = Options()
    rest = iter(argv)
    for word in rest:
        if word == "--":
            found.operands.extend(rest)
        elif word.startswith("--"):
            found.given.append(_long(grammar, word, rest))
        elif word.startswith("-") and word != "-":
            found.given.extend(_short(grammar, word, rest))
        else:
            found.operands.append(word)
            if stop_at_operand:
                found.operands.extend(rest)
    return found


def _kinds(letters: str) -> dict[str, str]:
    kinds: dict[str, str] = {}
    last = ""
    for each in letters:
        if each in {":", "?"} and last:
            kinds[last] = each
        else:
            kinds[each] = ""
            last = each
    return kinds


def _target(target: str, kinds: Mapping[str, str]) -> tuple[str, str]:
    if target[-1:] in {":", "?"}:
        return target[:-1], target[-1]
    return target, kinds.get(target, "")


def _long(grammar: _Grammar, word: str, rest: Iterator[str]) -> tuple[str, str]:
    asked, equals, value = word[2:].partition("=")
    names = [name for name in grammar.longs if name.startswith(asked)]
    if asked in grammar.longs:
        names = [asked]
    if not names:
        raise grammar.refuse(f"unrecognized option '{word if not equals else '--' + asked}'")
    if len({grammar.longs[name] for name in names}) > 1:
        several = " ".join(f"'--{name}'" for name in names)
        raise grammar.refuse(f"option '{word}' is ambiguous; possibilities: {several}")
    name = names[0]
    key, kind = grammar.longs[name]
    if equals and not kind:
        raise grammar.refuse(f"option '--{name}' doesn't allow an argument")
    if kind == ":" and not equals:
        following = next(rest, None)
        if following is None:
            raise grammar.refuse(f"option '--{name}' requires an argument")
        value = following
    return key, value


def _short(grammar: _Grammar, word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    at = 1
    while at < len(word):
        letter = word[at]
        at += 1
        if letter not in grammar.letters:
            raise grammar.refuse(f"invalid option -- '{letter}'")
        kind = grammar.letters[letter]
        if not kind:
            yield letter, ""
            continue
        value: str | None = word[at:]
        if not value and kind == ":":
            value = next(rest, None)
            if value is None:
                raise grammar.refuse(f"option requires an argument -- '{letter}'")
        yield letter, value or ""
        return
