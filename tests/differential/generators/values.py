"""Objects with a few random changes: values of right and wrong types, bounds, names, missing and unknown fields."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from lab.cluster.sim.api import documents
from lab.cluster.sim.api.schema import Field, root_of, type_of
from tests.differential.model import FOLDER

__all__ = ["LAB_KINDS", "OBJECTS", "Draw", "Path", "changed", "fields_of", "value"]

OBJECTS: dict[str, dict[str, Any]] = {
    each["kind"]: each
    for each in documents.load((FOLDER / "generators" / "objects.yaml").read_text(encoding="utf-8"))
}
#: The kinds that a lab shows; half of all questions are about them.
LAB_KINDS = ("Pod", "Deployment", "DaemonSet", "Service", "NetworkPolicy", "ConfigMap", "Namespace")

Path = tuple[str | int, ...]
Draw = Callable[[st.SearchStrategy[Any]], Any]

_TEXTS = (
    "",
    "a",
    "x",
    "Always",
    "Never",
    "TCP",
    "A_b",
    "-a",
    "a.b",
    "a/b",
    "a b",
    "ä",
    "x" * 64,
    "0",
    "10%",
    "y" * 254,
)
_NUMBERS = (0, 1, -1, 2, 30, 80, 65535, 65536, 2**31 - 1, 2**31, 1.5)
_QUANTITIES = ("1", "100m", "1Gi", "0", "-1", "1.5", "x", "1gb", 2, "")
_ANY: tuple[Any, ...] = (None, True, 0, 7, 1.5, "a", "", [], ["a"], {}, {"a": "b"})


def changed(draw: Draw, item: dict[str, Any]) -> dict[str, Any]:
    """Return `item` with one or two random changes."""
    made = copy.deepcopy(item)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2)))):
        _change(draw, made)
    return made


def _change(draw: Draw, item: dict[str, Any]) -> None:
    root = root_of(item["kind"])
    places = list(_places(item, root, ()))
    if not places:
        return
    where, field = draw(st.sampled_from(places))
    holder = _holder(item, where)
    how = draw(st.sampled_from(("value", "value", "add", "add", "add", "wrong", "drop", "unknown")))
    if how == "drop":
        del holder[where[-1]]
    elif how == "wrong":
        holder[where[-1]] = _any(draw)
    elif how == "value" or not _add(draw, holder[where[-1]], field, unknown=how == "unknown"):
        holder[where[-1]] = value(draw, field, str(where[-1]))


def _add(draw: Draw, target: Any, field: Field | None, *, unknown: bool) -> bool:
    if not isinstance(target, dict):
        return False
    known = fields_of(field)
    if unknown or not known:
        target[draw(st.sampled_from(("extra", "Name", "a/b", "x_y", "")))] = _any(draw)
        return True
    name = draw(st.sampled_from(sorted(known)))
    target[name] = value(draw, known[name], name)
    return True


def _any(draw: Draw) -> Any:
    return copy.deepcopy(draw(st.sampled_from(_ANY)))


def fields_of(field: Field | None) -> dict[str, Field]:
    """Return the fields of a struct, or nothing for other types."""
    if field is None or field.get("type", "").startswith(("[]", "map[")):
        return {}
    found: dict[str, Field] = type_of(field).get("fields", {})
    return {name: each for name, each in found.items() if name not in {"status", "managedFields"}}


def _element(field: Field | None) -> Field | None:
    if field is None:
        return None
    kind = field["type"]
    return {**field, "type": kind[2:] if kind.startswith("[]") else kind.partition("]")[2]}


def _places(value_: Any, field: Field | None, path: Path) -> Iterator[tuple[Path, Field | None]]:
    """Yield the path of each value within, with its field's type."""
    if path and path not in {("kind",), ("apiVersion",)}:
        yield path, field
    if isinstance(value_, dict):
        known = fields_of(field)
        inner = _element(field) if field is not None and field["type"].startswith("map[") else None
        for key, each in value_.items():
            yield from _places(each, known.get(key, inner), (*path, key))
    elif isinstance(value_, list):
        for index, each in enumerate(value_):
            yield from _places(each, _element(field), (*path, index))


def _holder(item: Any, path: Path) -> Any:
    for step in path[:-1]:
        item = item[step]
    return item


def value(draw: Draw, field: Field | None, name: str, depth: int = 0) -> Any:
    """Return a value of a field's type, usually; its bounds and names may be wrong."""
    if field is None:
        return _any(draw)
    kind = field["type"]
    if kind.startswith("[]"):
        count = draw(st.sampled_from((1, 1, 2, 0))) if depth < 4 else 0
        return [value(draw, _element(field), name, depth + 1) for _ in range(count)]
    if kind.startswith("map["):
        keys = draw(st.sampled_from(((), ("a",), ("a", "b"), ("cpu",), ("A_b/c d",), ("",))))
        return {key: value(draw, _element(field), key, depth + 1) for key in keys}
    if kind == "string":
        words = [*_TEXTS, *field.get("enum", [])] + 4 * list(field.get("enum", []))
        return draw(st.sampled_from(words))
    if kind in {"integer", "number"}:
        return draw(st.sampled_from(_NUMBERS))
    if kind == "boolean":
        return draw(st.booleans())
    if kind == "Quantity":
        return draw(st.sampled_from(_QUANTITIES))
    if kind == "IntOrString":
        return draw(st.sampled_from((*_NUMBERS[:-1], "http", "25%", "a b", "")))
    return _struct(draw, field, depth)


def _struct(draw: Draw, field: Field, depth: int) -> Any:
    known = fields_of(field)
    if not known:
        return _any(draw)
    if depth >= 4:
        return {}
    needed = list(type_of(field).get("required", []))
    if needed and draw(st.integers(0, 9)) == 0:
        needed.pop()
    more = [draw(st.sampled_from(sorted(known))) for _ in range(draw(st.sampled_from((0, 1, 1, 2))))]
    return {
        name: value(draw, known[name], name, depth + 1)
        for name in dict.fromkeys([*needed, *more])
        if name in known
    }
