"""The operators of `${x...}` on one value: removal, replacement, case, quoting."""

import re
from collections.abc import Callable

from lab.cluster.sim.bash.expansion.patterns import Pattern
from lab.cluster.sim.bash.expansion.quoting import array_quote, key_quote, single_quote
from lab.cluster.sim.bash.expansion.variables import Variable
from lab.cluster.sim.bash.language.escapes import decode

__all__ = ["changed_case", "declaration", "keyed", "removed", "replaced", "transformed"]

_AMPERSAND = re.compile(r"\\([\\&])|&")


def removed(value: str, pattern: Pattern, operator: str) -> str:
    """Return the value without a prefix (`#`, `##`) or suffix (`%`, `%%`) that matches."""
    longest = len(operator) > 1
    if operator[0] == "#":
        end = pattern.prefix(value, longest=longest)
        return value if end is None else value[end:]
    start = pattern.suffix(value, longest=longest)
    return value if start is None else value[:start]


def replaced(value: str, pattern: Pattern, operator: str, replacement: str, *, ampersand: bool) -> str:
    """Return the value with matches replaced: the first (`/`), all (`//`), at the start (`/#`) or end (`/%`).

    With `ampersand` an `&` in the replacement stands for the match, and a backslash quotes it.
    """

    def put(match: str) -> str:
        if not ampersand or not ("&" in replacement or "\\" in replacement):
            return replacement
        return _AMPERSAND.sub(lambda found: found[1] or match, replacement)

    if operator == "/#":
        end = pattern.prefix(value, longest=True)
        return value if end is None else put(value[:end]) + value[end:]
    if operator == "/%":
        start = pattern.suffix(value, longest=True)
        return value if start is None else value[:start] + put(value[start:])
    if not value:
        return put("") if pattern.matches("") else value
    return _replaced_within(value, pattern, put, once=operator == "/")


def _replaced_within(value: str, pattern: Pattern, put: Callable[[str], str], *, once: bool) -> str:
    found: list[str] = []
    pos = 0
    while pos < len(value):
        end = pattern.prefix(value, pos, longest=True)
        if end is None or end == pos:
            found.append(value[pos])
            pos += 1
            continue
        found.append(put(value[pos:end]))
        pos = end
        if once:
            break
    found.append(value[pos:])
    return "".join(found)


def changed_case(value: str, pattern: Pattern | None, operator: str) -> str:
    """Return the value in upper (`^`), lower (`,`) or the other case (`~`): the first or all characters."""

    def change(char: str) -> str:
        if pattern is not None and not pattern.matches(char):
            return char
        match operator[0]:
            case "^":
                return char.upper()
            case ",":
                return char.lower()
            case _:
                return char.swapcase()

    if len(operator) == 1:
        return change(value[0]) + value[1:] if value else value
    return "".join(map(change, value))


def transformed(value: str, letter: str) -> str:
    """Return the value of `${x@letter}`, for the letters that depend on the value alone."""
    match letter:
        case "Q" | "K" | "k":
            return single_quote(value)
        case "U":
            return value.upper()
        case "u":
            return value[:1].upper() + value[1:]
        case "L":
            return value.lower()
        case "E":
            return decode(value)
        case _:
            return value


def keyed(variable: Variable) -> str:
    """Return `${a[@]@K}`: keys and quoted values alternate."""
    text = " ".join(f"{_key(key)} {array_quote(value)}" for key, value in variable.elements().items())
    return text + " " if variable.associative else text


def _key(key: int | str) -> str:
    return str(key) if isinstance(key, int) else key_quote(key)


def declaration(name: str, variable: Variable, value: str | None, *, whole: bool) -> str:
    """Return `${x@A}`: a command that recreates the variable; `whole` is for `${a[@]@A}`."""
    letters = variable.letters
    if whole and (variable.array or variable.associative):
        inside = " ".join(f"[{_key(key)}]={array_quote(text)}" for key, text in variable.elements().items())
        end = " " if variable.associative and inside else ""
        return f"declare -{letters} {name}=({inside}{end})"
    shown = "" if value is None else f"={single_quote(value)}"
    return f"declare -{letters} {name}{shown}" if letters else f"{name}{shown}"
