"""The patch of `kubectl apply`: what differs from the live object, and what only the last applied one had."""

from typing import Any

from lab.cluster.sim.api.objects import Object, clone
from lab.cluster.sim.api.schema import Field, root_of, type_of, written

__all__ = ["three_way"]

_UNKNOWN: Field = {"type": ""}


def three_way(last: Object, live: Object, wanted: Object) -> Object:
    """Return the strategic merge patch that makes `live` what is `wanted`."""
    return _map(last, live, wanted, root_of(str(wanted.get("kind"))) or _UNKNOWN)


def _map(last: Object, live: Object, wanted: Object, what: Field) -> Object:
    known = type_of(what).get("fields", {}) if not what["type"].startswith("map[") else {}
    merged = written(what.get("ref", "")).merged
    patch: Object = {}
    for key, value in wanted.items():
        before, now, field = last.get(key), live.get(key), known.get(key, _UNKNOWN)
        if isinstance(value, dict) and isinstance(now, dict):
            if inner := _map(before if isinstance(before, dict) else {}, now, value, field):
                patch[key] = inner
        elif isinstance(value, list) and isinstance(now, list) and key in merged:
            patch |= _list(before if isinstance(before, list) else [], now, value, key, merged[key], field)
        elif value != now or key not in live:
            patch[key] = clone(value)
    for key in last:
        if key not in wanted and key in live:
            patch[key] = None
    return patch


def _list(last: list[Any], live: list[Any], wanted: list[Any], name: str, key: str, what: Field) -> Object:  # noqa: PLR0917 -- three lists and what they are
    if not key or not all(isinstance(each, dict) and key in each for each in wanted):
        removed = [each for each in last if each not in wanted and each in live]
        added = [each for each in wanted if each not in live]
        changes: Object = {f"$deleteFromPrimitiveList/{name}": removed} if removed else {}
        if added:
            changes[name] = clone(added)
        return {**changes, f"$setElementOrder/{name}": clone(wanted)} if changes else {}
    element = {**what, "type": what["type"].removeprefix("[]")}
    found = [
        patch
        for each in wanted
        if (patch := _entry(each, _of(last, key, each[key]), _of(live, key, each[key]), key, element))
    ]
    names = [each[key] for each in wanted]
    gone = [each.get(key) for each in last if isinstance(each, dict) and each.get(key) not in names]
    found += [{"$patch": "delete", key: name_} for name_ in gone if _of(live, key, name_)]
    order = [{key: name_} for name_ in names]
    return {f"$setElementOrder/{name}": order, name: found} if found else {}


def _of(entries: list[Any], key: str, name: Any) -> Object:  # noqa: ANN401 -- JSON
    return next((each for each in entries if isinstance(each, dict) and each.get(key) == name), {})


def _entry(wanted: Object, last: Object, live: Object, key: str, what: Field) -> Object:
    if not live:
        return clone(wanted)
    changes = _map(last, live, wanted, what)
    return {**changes, key: wanted[key]} if changes else {}
