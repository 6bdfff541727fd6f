"""Parse a grep command line: the pattern, and the output format."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from lab.cluster.sim.bash.expansion.posix_regex import RegexError, translate
from lab.cluster.sim.bash.tools.options import Options, UsageError, parse_options
from lab.cluster.sim.text.bounded_regex import Regex

__all__ = ["Wanted", "wanted"]

_SHORT = "A:B:C:EFGHILPRTUVZabcd:D:e:f:hilm:noqrsuvwxyz"
_LONG = {
    "extended-regexp": "E", "fixed-strings": "F", "basic-regexp": "G", "perl-regexp": "P", "regexp": "e",
    "file": "f", "ignore-case": "i", "no-ignore-case": "no-ignore-case", "word-regexp": "w", "line-regexp": "x",
    "null-data": "z", "no-messages": "s", "invert-match": "v", "max-count": "m", "byte-offset": "b",
    "line-number": "n", "line-buffered": "line-buffered", "with-filename": "H", "no-filename": "h",
    "label": "label:", "only-matching": "o", "quiet": "q", "silent": "q", "binary-files": "binary-files:",
    "text": "a", "directories": "d", "devices": "D", "recursive": "r", "dereference-recursive": "R",
    "include": "include:", "exclude": "exclude:", "exclude-from": "exclude-from:", "exclude-dir": "exclude-dir:",
    "files-without-match": "L", "files-with-matches": "l", "count": "c", "initial-tab": "T", "null": "Z",
    "before-context": "B", "after-context": "A", "context": "C", "group-separator": "group-separator:",
    "no-group-separator": "no-group-separator", "color": "color?", "colour": "color?", "binary": "U",
}  # fmt: skip
_USAGE = "Usage: {0} [OPTION]... PATTERNS [FILE]...\nTry '{0} --help' for more information."
_NUMBER = re.compile(r"-(\d+)$")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The search pattern and the output format."""

    options: Options
    pattern: Regex
    files: list[str]
    before: int
    after: int
    #: The most matching lines in a file; None for all.
    most: int | None
    names: bool
    recursive: bool
    warnings: tuple[str, ...]


async def wanted(program: str, argv: Sequence[str], read: Callable[[str], Awaitable[str]]) -> Wanted:
    """Parse grep's command line; `read` returns the content of a pattern file. Raise `UsageError`."""
    hint = _USAGE.format(program)
    options = parse_options(program, _contexts(argv), _SHORT, _LONG, code=2, hint=hint)
    if options.has("help", "version"):
        raise UsageError(f"not simulated: {program} --{'help' if options.has('help') else 'version'} "
                         "(use --backend kind)")  # fmt: skip
    files = list(options.operands)
    texts: list[str] = []
    for key, value in options.given:
        if key == "e":
            texts.extend(value.split("\n"))
        elif key == "f":
            texts.extend((await read(value)).removesuffix("\n").split("\n") if value else [])
    if not options.has("e", "f"):
        if not files:
            raise UsageError(hint, 2)
        texts = files.pop(0).split("\n")
    elif texts == [""] and not options.has("e"):
        texts = []
    pattern, warnings = _pattern(program, options, texts)
    recursive = options.has("r", "R") or options.last("d") == "recurse"
    names = {"H": True, "h": False}.get(options.last_of("Hh"), len(files) > 1 or recursive)
    return Wanted(
        options, pattern, files, *_around(program, options), _most(program, options), names, recursive, warnings
    )


def _contexts(argv: Sequence[str]) -> list[str]:
    """Return the words with `-5` written as `-C 5`."""
    words: list[str] = []
    operands = False
    for word in argv:
        operands = operands or word == "--"
        found = None if operands else _NUMBER.match(word)
        words.append(f"-C{found[1]}" if found else word)
    return words


def _number(program: str, value: str, what: str) -> int:
    if not re.fullmatch(r"\s*[+-]?\d+", value) or (what != "max count" and int(value) < 0):
        raise UsageError(f"{program}: {value}: invalid {what}" if what != "max count" else
                         f"{program}: invalid max count", 2)  # fmt: skip
    return int(value)


def _around(program: str, options: Options) -> tuple[int, int]:
    before = after = 0
    both = options.last("C")
    if options.has("C"):
        before = after = _number(program, both, "context length argument")
    if options.has("B"):
        before = _number(program, options.last("B"), "context length argument")
    if options.has("A"):
        after = _number(program, options.last("A"), "context length argument")
    return before, after


def _most(program: str, options: Options) -> int | None:
    if not options.has("m"):
        return None
    most = _number(program, options.last("m"), "max count")
    return None if most < 0 else most


def _pattern(program: str, options: Options, texts: list[str]) -> tuple[Regex, tuple[str, ...]]:
    kind = options.last_of("EFGP") or {"egrep": "E", "fgrep": "F"}.get(program, "G")
    parts: list[str] = []
    warnings: list[str] = []
    for text in texts:
        if kind != "F" and re.fullmatch(r"\[:.*:\]", text):
            raise UsageError(f"{program}: character class syntax is [[:space:]], not [:space:]", 2)
        if kind == "F":
            parts.append(re.escape(text))
        elif kind == "P":
            parts.append(text)
        else:
            try:
                translation = translate(text, extended=kind == "E")
            except RegexError as error:
                raise UsageError(f"{program}: {error}", 2) from None
            parts.append(translation.pattern)
            warnings.extend(translation.warnings)
    whole = "|".join(f"(?:{part})" if len(parts) > 1 else part for part in parts)
    if options.has("x"):
        whole = rf"^(?:{whole})$"
    elif options.has("w"):
        whole = rf"(?<!\w)(?:{whole})(?!\w)"
    ignore = options.has("i", "y") and not options.has("no-ignore-case")
    try:
        pattern = Regex(whole if parts else r"(?!)", re.IGNORECASE if ignore else 0)
    except re.error as error:
        text = f"{program}: {_perl(str(error))}" if kind == "P" else f"{program}: Invalid regular expression"
        raise UsageError(text, 2) from None
    return pattern, tuple(warnings)


def _perl(why: str) -> str:
    if "parenthesis" in why:
        return "missing closing parenthesis" if "missing" in why else "unmatched closing parenthesis"
    if "nothing to repeat" in why:
        return "quantifier does not follow a repeatable item"
    if "character set" in why:
        return "missing terminating ] for character class"
    return why
