"""JSONPath templates as kubectl takes them: fields, indices, unions, wildcards, filters, ranges, literals."""

import json
import re
from typing import Any

from lab.cluster.sim.bash.running.call import Exit

__all__ = ["evaluate", "relaxed", "render", "text"]

_STEP = re.compile(
    r"\.\.(?P<deep>[\w-]+)|\.(?P<field>(?:[^.\[\]\\\s{}()]|\\.)+)"
    r"|\[(?P<index>-?\d*(?::-?\d*)?(?::\d+)?|\*|-?\d+(?:,-?\d+)+)\]"
    r"|\[(?P<quoted>'[^']+'(?:,'[^']+')*)\]|\[\?\((?P<filter>.*?)\)\]"
)


def relaxed(path: str) -> str:
    """Return a path that may stand without braces and dot, as a template's inside; or end the command."""
    found = re.fullmatch(r"\{?\.?([^{}]+)\}?", path.strip())
    if found is None or path.count("{") != path.count("}"):
        raise Exit(
            1,
            "error: unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or "
            "'{.name1.name2}'",
        )
    return f".{found[1]}"


def render(template: str, data: Any) -> str:  # noqa: ANN401 -- JSON
    """Return the template's text for `data`."""
    _require_closed(template)
    parts = re.findall(r"\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}|([^{]+)", template)
    return _block([(inside.strip(), literal) for inside, literal in parts], data, template)


def _require_closed(template: str) -> None:
    what = ""
    if template.count("{") > template.count("}"):
        last = template[template.rindex("{") :]
        what = "unterminated array" if last.count("[") > last.count("]") else "unclosed action"
    for action in re.findall(r"\{([^{}]*)\}", template):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", action)
        if bare.count("[?(") and not re.search(r"\[\?\(.*\)\]", bare):
            what = "unterminated filter"
        elif bare.count("[") > bare.count("]"):
            what = "unterminated array"
        elif wrong := re.search(r"\[([A-Za-z][^\]]*)\]", bare):
            what = f"invalid array index {wrong[1]}"
    if what:
        raise Exit(1, f"error: error parsing jsonpath {template}, {what}")


def _block(parts: list[tuple[str, str]], data: Any, template: str) -> str:  # noqa: ANN401 -- JSON
    told, index = "", 0
    while index < len(parts):
        inside, literal = parts[index]
        if literal:
            told += literal
        elif inside.startswith("range"):
            end = _matching_end(parts, index)
            for item in evaluate(inside.removeprefix("range").strip(), data, template):
                told += _block(parts[index + 1 : end], item, template)
            index = end
        elif inside[:1] in {'"', "'"}:
            told += inside[1:-1].encode().decode("unicode_escape")
        elif inside != "end":
            told += " ".join(text(value) for value in evaluate(inside, data, template))
        index += 1
    return told


def _matching_end(parts: list[tuple[str, str]], start: int) -> int:
    """Return the end of a range; an unclosed range ends at the last part."""
    depth = 0
    for index in range(start, len(parts)):
        inside = parts[index][0]
        depth += inside.startswith("range")
        depth -= inside == "end"
        if not depth:
            return index
    return len(parts)


def text(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Return a value as it is printed."""
    if isinstance(value, bool):
        return str(value).lower()
    # Go prints the keys of maps in order.
    return (
        json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
        if isinstance(value, (dict, list))
        else str(value)
    )


def evaluate(path: str, data: Any, template: str = "") -> list[Any]:  # noqa: ANN401 -- JSON
    """Return all values that `path` names; an index that is out of bounds ends the command of a `template`."""
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
        if step["quoted"]:
            names = [name.strip("'") for name in step["quoted"].split("','")]
            found = [value for name in names for item in found for value in _at(item, name, template)]
        else:
            found = [value for item in found for value in _step(step, item, template, data)]
        position = step.end()
    return found


def _at(item: Any, name: str, template: str) -> list[Any]:  # noqa: ANN401 -- JSON
    """Return the meaning of a quoted name: a key with escaped dots, or a path."""
    return evaluate(f".{name}", item, template)


def _step(step: re.Match[str], item: Any, template: str, whole: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    name = step["field"]
    if step["deep"]:
        return _deep(item, step["deep"])
    if name == "*" or step["index"] == "*":
        return list(item.values()) if isinstance(item, dict) else list(item or [])
    if name:
        name = re.sub(r"\\(.)", r"\1", name)
        return [item[name]] if isinstance(item, dict) and item.get(name) is not None else []
    if step["filter"] is not None:
        return [value for value in item or [] if _holds(step["filter"], value)]
    return _indexed(step["index"], item, template, whole)


def _indexed(index: str, item: Any, template: str, whole: Any) -> list[Any]:  # noqa: ANN401 -- JSON
    if not isinstance(item, list):
        return []
    if ":" in index:
        bounds = [int(part) if part else None for part in index.split(":")]
        return item[slice(*bounds)]
    numbers = [int(part or 0) for part in index.split(",")]
    out = next((number for number in numbers if not -len(item) <= number < len(item)), None)
    if out is not None:
        if not template:
            return []
        raise Exit(1, _out_of_bounds(template, out, len(item), whole))
    return [item[number] for number in numbers]


def _out_of_bounds(template: str, index: int, length: int, whole: Any) -> str:  # noqa: ANN401 -- JSON
    return (
        f'error: error executing jsonpath "{template}": Error executing template: array index out of bounds: '
        f"index {index}, length {length}. Printing more information for debugging the template:\n"
        f"\ttemplate was:\n\t\t{template}\n\tobject given to jsonpath engine was:\n\t\t{_go_syntax(whole)}\n\n"
    )


def _go_syntax(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Return a value as Go writes it in a program (%#v)."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)}:{_go_syntax(part)}" for key, part in sorted(value.items()))
        return f"map[string]interface {{}}{{{pairs}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_go_syntax, value))}}}"
    if value is None:
        return "interface {}(nil)"
    return json.dumps(value, ensure_ascii=False)


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
    # A missing value is neither equal to anything nor different from it.
    if not values:
        return False
    wanted = parts[3].strip("\"'")
    actual = text(values[0])
    if parts[2] in {"==", "!="}:
        return (actual == wanted) == (parts[2] == "==")
    try:
        left, right = float(actual), float(wanted)
    except ValueError:
        return False
    return {">": left > right, "<": left < right, ">=": left >= right, "<=": left <= right}[parts[2]]
