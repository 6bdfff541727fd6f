"""JSONPath templates as kubectl takes them: fields, indices, wildcards, filters, ranges, literals."""

import json
import re
from typing import Any

from lab.cluster.sim.call import Exit

__all__ = ["evaluate", "render"]

_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+)|\.(?P<field>(?:[\w-]|\\\.)+|\*)|\[(?P<index>-?\d*(?::-?\d*)?(?::\d+)?|\*)\]"
    r"|\['(?P<quoted>[^']+)'\]|\[\?\((?P<filter>[^)]*)\)\]"
)


def render(template: str, data: Any) -> str:  # noqa: ANN401 -- JSON
    """Return the template's text for `data`."""
    if template.count("{") > template.count("}"):
        last = template[template.rindex("{") :]
        what = "unterminated array" if last.count("[") > last.count("]") else "unclosed action"
        raise Exit(1, f"error: error parsing jsonpath {template}, {what}")
    if "{" not in template:
        template = "{" + (template if template.startswith((".", "$")) else f".{template}") + "}"
    parts = re.findall(r"\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|([^{]+)", template)
    return _block([(inside.strip(), literal) for inside, literal in parts], data)


def _block(parts: list[tuple[str, str]], data: Any) -> str:  # noqa: ANN401 -- JSON
    text, index = "", 0
    while index < len(parts):
        inside, literal = parts[index]
        if literal:
            text += literal
        elif inside.startswith("range"):
            end = _matching_end(parts, index)
            for item in evaluate(inside.removeprefix("range").strip(), data):
                text += _block(parts[index + 1 : end], item)
            index = end
        elif inside[:1] in {'"', "'"}:
            text += inside[1:-1].encode().decode("unicode_escape")
        elif inside != "end":
            text += " ".join(_text(value) for value in evaluate(inside, data))
        index += 1
    return text


def _matching_end(parts: list[tuple[str, str]], start: int) -> int:
    depth = 0
    for index in range(start, len(parts)):
        inside = parts[index][0]
        depth += inside.startswith("range")
        depth -= inside == "end"
        if not depth:
            return index
    raise Exit(1, "error: error parsing jsonpath: unclosed range")


def _text(value: Any) -> str:  # noqa: ANN401 -- JSON
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, separators=(",", ":")) if isinstance(value, (dict, list)) else str(value)


def evaluate(path: str, data: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    """Return all values that `path` names."""
    path = path.strip().removeprefix("$").removeprefix("@")
    if path and path[0] not in ".[":
        path = f".{path}"
    found, position = [data], 0
    while position < len(path):
        if path[position:] == ".":
            break
        step = _STEP.match(path, position)
        if step is None:
            raise Exit(1, f"error: error parsing jsonpath {path}, unexpected text at {position}")
        found = [value for item in found for value in _step(step, item)]
        position = step.end()
    return found


def _step(step: re.Match[str], item: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    name = step["field"] or step["quoted"]
    if step["deep"]:
        return _deep(item, step["deep"])
    if name == "*" or step["index"] == "*":
        return list(item.values()) if isinstance(item, dict) else list(item or [])
    if name:
        name = name.replace("\\.", ".")
        return [item[name]] if isinstance(item, dict) and item.get(name) is not None else []
    if step["filter"] is not None:
        return [value for value in item or [] if _holds(step["filter"], value)]
    return _indexed(step["index"], item)


def _indexed(index: str, item: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    if not isinstance(item, list):
        return []
    if ":" in index:
        bounds = [int(part) if part else None for part in index.split(":")]
        return item[slice(*bounds)]
    number = int(index or 0)
    return [item[number]] if -len(item) <= number < len(item) else []


def _deep(item: Any, name: str) -> list[Any]:  # noqa: ANN401 -- JSON
    found = [item[name]] if isinstance(item, dict) and name in item else []
    children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return found + [value for child in children for value in _deep(child, name)]


def _holds(condition: str, item: Any) -> bool:  # noqa: ANN401 -- JSON
    parts = re.match(r"\s*(@[^\s=!<>]*)\s*(==|!=|>=|<=|>|<)?\s*(.*?)\s*$", condition)
    if parts is None:
        return False
    values = evaluate(parts[1], item)
    if not parts[2]:
        return bool(values)
    wanted = parts[3].strip("\"'")
    actual = _text(values[0]) if values else ""
    if parts[2] in {"==", "!="}:
        return (actual == wanted) == (parts[2] == "==")
    try:
        left, right = float(actual), float(wanted)
    except ValueError:
        return False
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[parts[2]]
