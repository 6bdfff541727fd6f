"""Strategic merge patches: lists are merged by the keys that the API's types declare."""

from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import Object, clone
from lab.cluster.sim.api.schema import Field, root_of, type_of, written
from lab.cluster.sim.text.gotext import as_go

__all__ = ["strategic_merge"]

_UNKNOWN: Field = {"type": ""}
_DIRECTIVE, _DELETED, _RETAINED = "$patch", "$deleteFromPrimitiveList/", "$retainKeys"


def strategic_merge(target: Object, patch: Object) -> Any:  # noqa: ANN401 -- JSON
    """Apply a patch to an object of a kind; return the result, or raise `ApiError`."""
    return _merged(target, patch, root_of(str(target.get("kind"))) or _UNKNOWN)


def _merged(target: Any, patch: Any, what: Field) -> Any:  # noqa: ANN401 -- JSON
    if not isinstance(patch, dict):
        return clone(patch)
    directive = patch.get(_DIRECTIVE)
    if directive == "replace":
        return _merged({}, {key: value for key, value in patch.items() if key != _DIRECTIVE}, what)
    if directive == "delete":
        return {}
    known = type_of(what).get("fields", {}) if not what["type"].startswith("map[") else {}
    result = dict(target) if isinstance(target, dict) else {}
    if _RETAINED in patch:
        result = {key: value for key, value in result.items() if key in patch[_RETAINED]}
    for key, value in patch.items():
        if key.startswith(_DELETED):
            name = key.removeprefix(_DELETED)
            result[name] = [each for each in result.get(name) or [] if each not in value]
        elif key.startswith("$"):
            continue
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, list):
            result[key] = _merged_list(result.get(key), value, key, known.get(key, _UNKNOWN), what)
        else:
            result[key] = _merged(result.get(key), value, known.get(key, _UNKNOWN))
    return result


def _merged_list(target: Any, patch: list[Any], name: str, what: Field, holder: Field) -> list[Any]:  # noqa: ANN401 -- JSON
    key = written(holder.get("ref", "")).merged.get(name)
    before: list[Any] = target if isinstance(target, list) else []
    if key is None:
        return clone(patch)
    if not key:
        return [*before, *(each for each in patch if each not in before)]
    if not all(isinstance(entry, dict) for entry in patch):
        return clone(patch)
    if any(entry.get(_DIRECTIVE) == "replace" and key not in entry for entry in patch):
        return [clone(entry) for entry in patch if _DIRECTIVE not in entry]
    element = {**what, "type": what["type"].removeprefix("[]")}
    return _merged_entries(before, patch, key, element)


def _merged_entries(before: list[Any], patch: list[Any], key: str, element: Field) -> list[Any]:
    for entry in patch:
        if key not in entry:
            told = f"map: {as_go(entry)} does not contain declared merge key: {key}"
            raise ApiError(500, "", told)
    named = [entry[key] for entry in patch]
    removed = [entry[key] for entry in patch if entry.get(_DIRECTIVE) == "delete"]
    own = [dict(entry) for entry in before if entry.get(key) not in named]
    merged: dict[Any, Object] = {}
    for entry in patch:
        if (name := entry[key]) not in removed:
            old: Object = next((each for each in before if each.get(key) == name), {})
            merged[name] = _merged(merged.get(name, old), entry, element)
    return _in_order(own, list(merged.values()), [each.get(key) for each in before], key)


def _in_order(own: list[Any], merged: list[Any], order: list[Any], key: str) -> list[Any]:
    """Return the entries that a patch left alone and those it has, in the order before; new ones come first."""
    result: list[Any] = []
    left, right = list(own), list(merged)
    while left and right:
        place = right[0].get(key)
        first = place in order and order.index(left[0].get(key)) < order.index(place)
        result.append((left if first else right).pop(0))
    return [*result, *left, *right]
