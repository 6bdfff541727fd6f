"""Go templates as in kubectl: fields, variables, range, if, with, pipelines and the usual functions.

See https://pkg.go.dev/text/template; missing features are reported.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.cluster.sim.bash.running.call import Exit, NotSimulated
from lab.cluster.sim.text.gotext import as_go

__all__ = ["as_go", "render"]

_ACTION = re.compile(r"\{\{(-\s)?\s*(.*?)\s*(\s-)?\}\}", re.DOTALL)
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|`[^`]*`|\||\(|\)|:?=|,|[^\s()|,"`]+')
_BLOCKS = ("range", "if", "with")

Scope = dict[str, Any]
#: A text, or an action's words with its body and its `else` part.
Part = str | tuple[list[str], list["Part"], list["Part"]]


def render(template: str, data: Any, functions: Mapping[str, Callable[..., Any]] | None = None) -> str:  # noqa: ANN401 -- JSON
    """Return the text of `template` for `data`; raise `Exit` with kubectl's message for an invalid template.

    `functions` are a program's own functions.
    """
    parts, left = _parse(_tokens(template), template)
    if left:
        raise _broken(template, f"unexpected {{{{{left[0][0]}}}}}")
    return _text(parts, data, {"$": data, "functions": {**_FUNCTIONS, **(functions or {})}})


def _broken(template: str, why: str) -> Exit:
    return Exit(1, f"error: error parsing template {template}, template: output:1: {why}")


def _tokens(template: str) -> list[str | list[str]]:
    """Split a template into texts and the words of its actions."""
    found: list[str | list[str]] = []
    at, trim = 0, False
    for match in _ACTION.finditer(template):
        text = template[at : match.start()]
        text = text.lstrip() if trim else text
        found.append(text.rstrip() if match[1] else text)
        trim = bool(match[3])
        if not match[2].startswith("/*"):
            found.append(_TOKEN.findall(match[2]))
        at = match.end()
    rest = template[at:]
    if "{{" in rest:
        raise _broken(template, "unclosed action")
    found.append(rest.lstrip() if trim else rest)
    return found


def _parse(tokens: list[str | list[str]], template: str) -> tuple[list[Part], list[list[str]]]:
    """Parse parts from `tokens` until `end` or `else`; return them and the word that ended them."""
    parts: list[Part] = []
    while tokens:
        token = tokens.pop(0)
        if isinstance(token, str):
            parts.append(token)
        elif token[:1] in (["end"], ["else"]):
            return parts, [token]
        elif token[:1] and token[0] in _BLOCKS:
            parts.append(_block(token, tokens, template))
        else:
            parts.append((token, [], []))
    return parts, []


def _block(head: list[str], tokens: list[str | list[str]], template: str) -> Part:
    body, ended = _parse(tokens, template)
    other: list[Part] = []
    if ended and ended[0][0] == "else":
        if ended[0][1:]:  # else if: a block of its own, which takes the end
            other = [_block(ended[0][1:], tokens, template)]
            return head, body, other
        other, ended = _parse(tokens, template)
    if not ended:
        raise _broken(template, "unexpected EOF")
    return head, body, other


def _text(parts: Sequence[Part], dot: Any, scope: Scope) -> str:  # noqa: ANN401 -- JSON
    return "".join(part if isinstance(part, str) else _action(part, dot, scope) for part in parts)


def _action(part: tuple[list[str], list[Part], list[Part]], dot: Any, scope: Scope) -> str:  # noqa: ANN401
    words, body, other = part
    if words[0] == "range":
        return _range(words[1:], body, other, dot, scope)
    if words[0] in {"if", "with"}:
        inner = dict(scope)
        value = _assigned(words[1:], dot, inner)[0]
        if not value:
            return _text(other, dot, inner)
        return _text(body, value if words[0] == "with" else dot, inner)
    value, silent = _assigned(words, dot, scope)
    return "" if silent else _printed(value)


def _assigned(words: list[str], dot: Any, scope: Scope) -> tuple[Any, bool]:  # noqa: ANN401 -- JSON
    """Return a pipeline's value, and whether it went into a variable."""
    if len(words) > 1 and words[1] in {":=", "="}:
        scope[words[0]] = _pipeline(words[2:], dot, scope)
        return scope[words[0]], True
    return _pipeline(words, dot, scope), False


def _range(words: list[str], body: list[Part], other: list[Part], dot: Any, scope: Scope) -> str:  # noqa: ANN401
    names: list[str] = []
    if ":=" in words:
        at = words.index(":=")
        names, words = [word for word in words[:at] if word != ","], words[at + 1 :]
    found = _pipeline(words, dot, scope)
    pairs = sorted(found.items()) if isinstance(found, Mapping) else list(enumerate(found or []))
    text = ""
    for key, value in pairs:
        inner = dict(scope)
        if names:
            inner.update(zip(names, [key, value] if len(names) > 1 else [value], strict=False))
        text += _text(body, value, inner)
    return text if pairs else _text(other, dot, scope)


def _pipeline(words: list[str], dot: Any, scope: Scope) -> Any:  # noqa: ANN401 -- JSON
    stages: list[list[str]] = [[]]
    depth = 0
    for word in words:
        depth += (word == "(") - (word == ")")
        if word == "|" and not depth:
            stages.append([])
        else:
            stages[-1].append(word)
    value = _command(stages[0], dot, scope, [])
    for stage in stages[1:]:
        value = _command(stage, dot, scope, [value])
    return value


def _command(words: list[str], dot: Any, scope: Scope, last: list[Any]) -> Any:  # noqa: ANN401 -- JSON
    operands = list(_operands(words))
    name = operands[0] if operands and isinstance(operands[0], str) else ""
    functions = scope["functions"]
    if name in functions:
        return functions[name](*(_value(each, dot, scope) for each in operands[1:]), *last)
    if len(operands) != 1 or last:
        raise NotSimulated(f"kubectl -o go-template {' '.join(words)}".strip())
    return _value(operands[0], dot, scope)


def _operands(words: list[str]) -> "list[str | tuple[list[str], str]]":
    """Group words; words in parentheses are one operand, with the field that follows them."""
    found: list[str | tuple[list[str], str]] = []
    index = 0
    while index < len(words):
        if words[index] != "(":
            found.append(words[index])
            index += 1
            continue
        depth, start = 1, index + 1
        while depth and index + 1 < len(words):
            index += 1
            depth += (words[index] == "(") - (words[index] == ")")
        inside = words[start:index]
        index += 1
        field = ""
        if index < len(words) and words[index].startswith("."):
            field = words[index]
            index += 1
        found.append((inside, field))
    return found


def _value(operand: str | tuple[list[str], str], dot: Any, scope: Scope) -> Any:  # noqa: ANN401, PLR0911 -- JSON
    if isinstance(operand, tuple):
        return _field(_pipeline(operand[0], dot, scope), operand[1])
    if operand[:1] == '"':
        return operand[1:-1].encode().decode("unicode_escape")
    if operand[:1] == "`":
        return operand[1:-1]
    if operand.startswith("."):
        return _field(dot, operand)
    if operand.startswith("$"):
        name, point, path = operand.partition(".")
        return _field(scope.get(name), point + path)
    if re.fullmatch(r"-?\d+", operand):
        return int(operand)
    if operand in {"true", "false", "nil"}:
        return {"true": True, "false": False, "nil": None}[operand]
    if operand in _FUNCTIONS:
        return _FUNCTIONS[operand]()
    raise Exit(1, f'error: error parsing template, template: output:1: function "{operand}" not defined')


def _field(value: Any, path: str) -> Any:  # noqa: ANN401 -- JSON
    for name in filter(None, path.split(".")):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _printed(value: Any) -> str:  # noqa: ANN401 -- JSON
    return "<no value>" if value is None else as_go(value)


def _index(value: Any, *keys: Any) -> Any:  # noqa: ANN401 -- JSON
    for key in keys:
        if isinstance(value, list):
            if not isinstance(key, int) or not 0 <= key < len(value):
                raise Exit(1, "error: error executing template: index out of range: " + str(key))
            value = value[key]
        else:
            value = (value or {}).get(key)
    return value


def _exists(value: Any, *keys: Any) -> bool:  # noqa: ANN401 -- JSON
    try:
        return _index(value, *keys) is not None
    except Exit:
        return False


def _formatted(form: str, *values: Any) -> str:  # noqa: ANN401 -- JSON
    rest = list(values)

    def one(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        value = rest.pop(0) if rest else None
        text = f'"{value}"' if match[2] == "q" else _printed(value)
        width = match[1]
        return text.ljust(int(width[1:])) if width.startswith("-") else text.rjust(int(width or 0))

    return re.sub(r"%(-?\d*)([%svdq])", one, form)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": lambda value: len(value or []),
    "index": _index,
    "exists": _exists,
    "eq": lambda one, *others: any(one == other for other in others),
    "ne": lambda one, other: one != other,
    "lt": lambda one, other: one < other,
    "le": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "ge": lambda one, other: one >= other,
    "and": lambda *values: next((value for value in values if not value), values[-1]),
    "or": lambda *values: next((value for value in values if value), values[-1]),
    "not": lambda value: not value,
    "print": lambda *values: "".join(map(_printed, values)),
    "println": lambda *values: " ".join(map(_printed, values)) + "\n",
    "printf": _formatted,
    "base64decode": lambda value: base64.b64decode(value or "").decode(errors="replace"),
}
