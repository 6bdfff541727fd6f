"""JSON patches (RFC 6902), with the liberties that the API server's library takes.

A member that is missing reads as null: `replace` and `copy` accept it, `test` finds null. Negative indexes count
from the end of a list.
"""

import json
import re
from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import clone

__all__ = ["json_patch"]


class _RefusedError(Exception):
    """The operation can't be applied."""


def json_patch(target: Any, operations: Any) -> Any:  # noqa: ANN401 -- JSON
    """Apply a patch; return the result or raise `ApiError`."""
    if not isinstance(operations, list):
        kind = "object" if isinstance(operations, dict) else "string"
        raise ApiError.bad_request(
            f"error decoding patch: json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp"
        )
    result = clone(target)
    try:
        for operation in operations:
            result = _applied(result, operation)
    except _RefusedError:
        # The API server gives no reason when a JSON patch can't be applied.
        raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request") from None
    return result


def _applied(root: Any, operation: dict[str, Any]) -> Any:  # noqa: ANN401 -- JSON
    verb, path, value = operation.get("op"), operation.get("path"), clone(operation.get("value"))
    if verb == "move":
        value = _read(root, operation.get("from"))
        _remove(root, operation.get("from"))
    elif verb == "copy":
        value = clone(_read(root, operation.get("from")))
    if path == "" and verb == "replace" and isinstance(value, (dict, list)):
        return value
    if verb == "test":
        if not _equal(root if path == "" else _read(root, path), value):
            raise _RefusedError
    elif verb in {"add", "move", "copy"}:
        _add(root, path, value)
    elif verb == "replace":
        holder, key = _holder(root, path)
        holder[_index(holder, key) if isinstance(holder, list) else key] = value
    elif verb == "remove":
        _remove(root, path)
    else:
        raise _RefusedError
    return root


def _holder(root: Any, path: object) -> tuple[Any, str]:  # noqa: ANN401 -- JSON
    """Return the object or list that a path leads into, and the last step."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in str(path or "").split("/")[1:]]
    if path is None or not steps:
        raise _RefusedError
    for step in steps[:-1]:
        root = root[_index(root, step)] if isinstance(root, list) else root.get(step)
        if not isinstance(root, (dict, list)):
            raise _RefusedError
    return root, steps[-1]


def _index(found: list[Any], step: str) -> int:
    """Return the place of an element that is there."""
    place = int(step) if re.fullmatch(r"[+-]?[0-9]+", step) else len(found)
    if not -len(found) <= place < len(found):
        raise _RefusedError
    return place


def _read(root: Any, path: object) -> Any:  # noqa: ANN401 -- JSON
    holder, key = _holder(root, path)
    return holder[_index(holder, key)] if isinstance(holder, list) else holder.get(key)


def _add(root: Any, path: object, value: Any) -> None:  # noqa: ANN401 -- JSON
    holder, key = _holder(root, path)
    if isinstance(holder, dict):
        holder[key] = value
    elif key == "-":
        holder.append(value)
    else:
        size = len(holder) + 1
        place = int(key) if re.fullmatch(r"[+-]?[0-9]+", key) else size
        if not -size <= place < size:
            raise _RefusedError
        holder.insert(place + size if place < 0 else place, value)


def _remove(root: Any, path: object) -> None:  # noqa: ANN401 -- JSON
    holder, key = _holder(root, path)
    if isinstance(holder, list):
        del holder[_index(holder, key)]
    elif key not in holder:
        raise _RefusedError
    else:
        del holder[key]


def _equal(one: Any, other: Any) -> bool:  # noqa: ANN401 -- JSON
    """Whether two values are written alike: 1 and 1.0 are not."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
