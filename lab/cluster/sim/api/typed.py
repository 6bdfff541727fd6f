"""Server-side apply: objects compared with the schema of their kind, in the words of its typed values."""

from typing import Any

from lab.cluster.sim.api.decoding import read_as
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, name_of, namespace_of
from lab.cluster.sim.api.schema import Field, Written, root_of, type_of, written
from lab.cluster.sim.text.gotext import as_go

__all__ = ["read_applied"]

#: Types whose values may be any text or number.
_UNTYPED = {"Quantity", "IntOrString", "Time", "MicroTime", "Duration"}
_RAW = {"RawExtension", "FieldsV1", "JSON", "Object", "any", ""}
#: Keys of lists that have a value if an entry names none.
_DEFAULT = {"protocol": "TCP"}


def read_applied(kind: Kind, item: Object) -> Object:
    """Return an applied object as it is stored; raise `ApiError` for an unknown field or a wrong type."""
    root = root_of(kind.kind)
    if root is None:
        return item
    what = f"{kind.group}/{kind.version}, Kind={kind.kind}"
    named = f"({namespace_of(item)}/{name_of(item)}; {what})"
    errors = _struct(item, root, "")
    if errors:
        said = errors[0] if len(errors) == 1 else "\n  ".join(["errors:", *errors])
        raise ApiError(500, "", f"failed to create typed patch object {named}: {said}")
    found: Object = _wrapped(item, root)
    reading = read_as(root, found, declared=True)
    if told := reading.unrestored:
        unable = f"unable to convert unstructured object to {what}"
        raise ApiError(500, "", f"failed to convert new object {named} to proper version: {unable}: {told}")
    return found


def _wrapped(value: Any, what: Field, *, long: bool = False) -> Any:  # noqa: ANN401 -- JSON
    """Return a value with numbers that fit: those of 32 bits overflow, as Go's conversion lets them."""
    kind = what["type"]
    if isinstance(value, list) and kind.startswith("[]"):
        return [_wrapped(part, {**what, "type": kind[2:]}, long=long) for part in value]
    known = type_of(what).get("fields") if not kind.startswith("map[") else None
    if isinstance(value, dict) and known is not None:
        form = written(what.get("ref", ""))
        return {
            key: _wrapped(part, known[key], long=key in form.long) if key in known else part
            for key, part in value.items()
        }
    if kind == "integer" and isinstance(value, (int, float)) and not long:
        return (int(value) + 2**31) % 2**32 - 2**31
    return value


def _struct(value: Any, what: Field, path: str) -> list[str]:  # noqa: ANN401 -- JSON
    known = type_of(what).get("fields")
    if known is None:
        return []
    if not isinstance(value, dict):
        return [] if value is None else [f"{path}: expected map, got &{{{as_go(value)}}}"]
    form = written(what.get("ref", ""))
    errors: list[str] = []
    for key, part in value.items():
        if key not in known:
            return [*errors, f"{path}.{key}: field not declared in schema"]
        errors += _value(part, known[key], f"{path}.{key}", form, key)
    return errors


def _value(value: Any, what: Field, path: str, form: Written, name: str) -> list[str]:  # noqa: ANN401 -- the parts of one value
    kind = "Time" if what.get("ref", "").endswith(("v1.Time", "v1.MicroTime")) else what["type"]
    if value is None or kind in _RAW:
        return []
    if kind.startswith("[]"):
        return _list(value, {**what, "type": kind[2:]}, path, form.lists.get(name))
    if kind.startswith("map["):
        if not isinstance(value, dict):
            return [f"{path}: expected map, got &{{{as_go(value)}}}"]
        inner = {**what, "type": kind.partition("]")[2]}
        return [
            told for key, part in value.items() for told in _value(part, inner, f"{path}.{key}", Written(), "")
        ]
    scalar = _scalar(value, kind)
    if scalar is not None:
        return [f"{path}: {scalar}"] if scalar else []
    return _struct(value, what, path)


def _scalar(value: Any, kind: str) -> str | None:  # noqa: ANN401 -- JSON
    """Return the error in a scalar, an empty string without one, and None for other types."""
    plain = isinstance(value, (str, int, float))
    if kind == "string":
        shown = f"&value.valueUnstructured{{Value:{_go_syntax(value)}}}"
        return "" if isinstance(value, str) else f"expected string, got {shown}"
    if kind == "boolean":
        return "" if isinstance(value, bool) else f"expected boolean, got &{{{as_go(value)}}}"
    if kind in {"integer", "number"}:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
        return "" if fits else f"expected numeric (int or float), got {_go_type(value)}"
    if kind in _UNTYPED:
        return "" if plain else f"expected any scalar, got &{{{as_go(value)}}}"
    return None


def _list(value: Any, element: Field, path: str, keys: list[str] | None) -> list[str]:  # noqa: ANN401 -- JSON
    if not isinstance(value, list):
        return [f"{path}: expected list, got &{{{as_go(value)}}}"]
    errors: list[str] = []
    seen: set[str] = set()
    for index, part in enumerate(value):
        place = f"[{index}]"
        if keys is not None:
            place, problem = _place(part, keys)
            if problem:
                return [*errors, f"{path}: element {index}: {problem}"]
            if place in seen:
                errors.append(f"{path}: duplicate entries for key {place}")
            seen.add(place)
        errors += _value(part, element, f"{path}{place}", Written(), "")
    return errors


def _place(part: Any, keys: list[str]) -> tuple[str, str]:  # noqa: ANN401 -- JSON
    """Return how a path names an entry of a list, and what is wrong with the entry."""
    if not keys:
        kinds = {dict: "associative list without keys has an element that's a map type",
                 list: "not supported: associative list with lists as elements",
                 type(None): "associative list without keys has an element that's an explicit null"}  # fmt: skip
        return f"[={_shown(part)}]", kinds.get(type(part), "")
    if not isinstance(part, dict):
        kind = "a null element" if part is None else "non-map elements"
        return "", f"associative list with keys may not have {kind}"
    given = {**_DEFAULT, **part}
    found = {key: given[key] for key in keys if key in given}
    if not found:
        named = "[" + " ".join(f'"{key}"' for key in keys) + "]"
        told = "(and doesn't have default values for any key fields)"
        return "", f"associative list with keys has an element that omits all key fields {named} {told}"
    return "[" + ",".join(f"{key}={_shown(value)}" for key, value in sorted(found.items())) + "]", ""


def _shown(value: Any) -> str:  # noqa: ANN401 -- JSON
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "".join(f"{key}={_shown(part)}" for key, part in value.items())
    if isinstance(value, list):
        return f"[{','.join(map(_shown, value))}]"
    return f'"{value}"' if isinstance(value, str) else as_go(value)


def _go_type(value: Any) -> str:  # noqa: ANN401 -- JSON
    names = {str: "string", bool: "bool", dict: "map[string]interface {}", list: "[]interface {}"}
    return names.get(type(value), "float64" if isinstance(value, float) else "int64")


def _go_syntax(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Return a value as Go's `%#v` prints it."""
    if isinstance(value, dict):
        parts = ", ".join(f'"{key}":{_go_syntax(part)}' for key, part in sorted(value.items()))
        return f"map[string]interface {{}}{{{parts}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(_go_syntax, value))}}}"
    if value is None:
        return "interface {}(nil)"
    return f'"{value}"' if isinstance(value, str) else as_go(value)
