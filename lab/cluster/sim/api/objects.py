"""Objects as the API carries them: JSON, with functions for the fields that every object has."""

import copy
import hashlib
import json
from datetime import UTC, datetime
from typing import Any, TypeVar

__all__ = [
    "SAFE",
    "Object",
    "clone",
    "conditions_set",
    "controller_of",
    "dig",
    "digest",
    "labels",
    "matches",
    "matches_expressions",
    "meta",
    "name_of",
    "namespace_of",
    "owner_reference",
    "parse_time",
    "stamp",
    "tolerates",
]

Object = dict[str, Any]
T = TypeVar("T")

#: The letters of generated names.
SAFE = "bcdfghjklmnpqrstvwxz2456789"


def clone(value: T) -> T:
    """Return a copy of JSON that shares no mutable part."""
    # Most parts are strings, which need no call.
    if isinstance(value, dict):
        return {key: part if part.__class__ is str else clone(part) for key, part in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [part if part.__class__ is str else clone(part) for part in value]  # type: ignore[return-value]
    return value


def stamp(seconds: float) -> str:
    """Return the time as the API writes it."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str | None) -> float:
    """Return the seconds of a time in the API's format (0 without a time)."""
    return datetime.fromisoformat(text).timestamp() if text else 0.0


def meta(item: Object) -> Object:
    """Return the object's metadata."""
    found: Object = item.setdefault("metadata", {})
    return found


def name_of(item: Object) -> str:
    """Return the object's name."""
    return str(item.get("metadata", {}).get("name") or "")


def namespace_of(item: Object) -> str:
    """Return the object's namespace; empty for cluster-wide objects."""
    return str(item.get("metadata", {}).get("namespace") or "")


def labels(item: Object) -> dict[str, str]:
    """Return the object's labels."""
    return item.get("metadata", {}).get("labels") or {}


def digest(value: object, length: int = 10) -> str:
    """Return a hash of `value` in the letters of generated names; equal values have equal hashes."""
    number = int.from_bytes(hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest()[:8])
    text = ""
    while len(text) < length:
        number, rest = divmod(number, len(SAFE))
        text += SAFE[rest]
    return text


def dig(item: Any, *path: str | int, default: Any = None) -> Any:  # noqa: ANN401 -- JSON
    """Return the value at `path` inside `item`, or `default`."""
    for part in path:
        if isinstance(item, dict):
            item = item.get(part)
        elif isinstance(item, list) and isinstance(part, int) and -len(item) <= part < len(item):
            item = item[part]
        else:
            return default
        if item is None:
            return default
    return item


def owner_reference(owner: Object) -> Object:
    """Return a reference to `owner` as the controller of another object."""
    return {
        "apiVersion": owner["apiVersion"],
        "blockOwnerDeletion": True,
        "controller": True,
        "kind": owner["kind"],
        "name": name_of(owner),
        "uid": meta(owner)["uid"],
    }


def controller_of(item: Object) -> Object | None:
    """Return the reference to the object's controller, if it has one."""
    for reference in item.get("metadata", {}).get("ownerReferences") or []:
        if reference.get("controller"):
            found: Object = copy.copy(reference)
            return found
    return None


def matches(selector: Object | None, found: dict[str, str]) -> bool:
    """Whether a label selector (matchLabels, matchExpressions) selects these labels. None selects nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    return all(found.get(key) == value for key, value in wanted.items()) and matches_expressions(
        selector.get("matchExpressions") or [], found
    )


def matches_expressions(expressions: list[Object], found: dict[str, str]) -> bool:
    """Whether all expressions of a selector hold for these labels."""
    for expression in expressions:
        value, operator = found.get(expression.get("key", "")), expression.get("operator", "")
        values = expression.get("values") or []
        holds = {
            "In": value in values,
            "NotIn": value not in values,
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }
        if not holds.get(operator, False):
            return False
    return True


def tolerates(spec: Object, taint: Object) -> bool:
    """Whether a pod's spec tolerates a node's taint."""
    for toleration in spec.get("tolerations") or []:
        if toleration.get("effect") not in {None, "", taint.get("effect")}:
            continue
        if toleration.get("key") not in {None, "", taint["key"]}:
            continue
        if toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", ""):
            return True
    return False


def conditions_set(status: Object, kind: str, value: str, now: float, **more: str) -> bool:
    """Set a condition; its transition time changes only with its status. Return whether anything changed."""
    conditions: list[Object] = status.setdefault("conditions", [])
    new = {"type": kind, "status": value, **more}
    for condition in conditions:
        if condition["type"] == kind:
            if all(condition.get(key) == part for key, part in new.items()):
                return False
            if condition["status"] != value:
                condition["lastTransitionTime"] = stamp(now)
            for key in ("reason", "message"):
                condition.pop(key, None)
            condition.update(new)
            return True
    conditions.append({"lastTransitionTime": stamp(now), **new})
    return True
