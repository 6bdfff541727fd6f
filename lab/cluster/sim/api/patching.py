"""Patches: merge, strategic merge and JSON patches, as the API server applies them."""

from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import clone

__all__ = ["json_patch", "merge", "patched", "strategic_merge"]

#: Lists that are merged by a key of their entries. Other lists are replaced.
_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "env": "name",
    "conditions": "type",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "ownerReferences": "uid",
    "subjects": "",
}


def patched(target: Any, patch: Any, content_type: str) -> Any:  # noqa: ANN401 -- JSON
    """Apply a patch of the kind in its content type; return the result or raise `ApiError`."""
    if content_type == "application/json-patch+json":
        return json_patch(target, patch)
    if not isinstance(patch, dict):
        kind = {list: "array", str: "string", bool: "bool"}.get(type(patch), "number")
        raise ApiError.bad_request(
            f"json: cannot unmarshal {kind} into Go value of type map[string]interface {{}}"
        )
    apply = merge if content_type == "application/merge-patch+json" else strategic_merge
    return apply(clone(target), patch)


def merge(target: Any, patch: Any) -> Any:  # noqa: ANN401 -- JSON
    """Apply an RFC 7386 merge patch; return the result."""
    if not isinstance(patch, dict):
        return clone(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


def strategic_merge(target: Any, patch: Any, field: str = "") -> Any:  # noqa: ANN401 -- JSON
    """Apply a strategic merge patch; return the result."""
    if isinstance(patch, list):
        return _merge_list(target if isinstance(target, list) else [], patch, field)
    if not isinstance(patch, dict):
        return clone(patch)
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        if value is None:
            result.pop(key, None)
        else:
            result[key] = strategic_merge(result.get(key), value, key)
    return result


def _merge_key(field: str, patch: list[Any]) -> str:
    if field == "ports":
        first = patch[0] if patch and isinstance(patch[0], dict) else {}
        return "containerPort" if "containerPort" in first else "port"
    return _KEYS.get(field, "")


def _merge_list(target: list[Any], patch: list[Any], field: str) -> list[Any]:
    key = _merge_key(field, patch)
    if not key or not all(isinstance(entry, dict) for entry in patch):
        return clone(patch)
    before = [dict(entry) for entry in target]
    removed = [entry.get(key) for entry in patch if entry.get("$patch") == "delete"]
    own = [entry for entry in before if entry.get(key) not in [each.get(key) for each in patch]]
    merged = []
    for entry in patch:
        if entry.get(key) not in removed:
            old = next((each for each in before if each.get(key) == entry.get(key)), None)
            merged.append(clone(entry) if old is None else strategic_merge(old, entry))
    return _in_order(own, merged, [each.get(key) for each in before], key)


def _in_order(own: list[Any], merged: list[Any], order: list[Any], key: str) -> list[Any]:
    """Return the entries that a patch left alone and those it has, in the order before; new ones come first."""
    result: list[Any] = []
    left, right = list(own), list(merged)
    while left and right:
        place = right[0].get(key)
        first = place in order and order.index(left[0].get(key)) < order.index(place)
        result.append((left if first else right).pop(0))
    return [*result, *left, *right]


def json_patch(target: Any, operations: Any) -> Any:  # noqa: ANN401 -- JSON
    """Apply an RFC 6902 patch; return the result or raise `ApiError`."""
    if not isinstance(operations, list):
        kind = "object" if isinstance(operations, dict) else "string"
        raise ApiError.bad_request(
            f"error decoding patch: json: cannot unmarshal {kind} into Go value of type []handlers.jsonPatchOp"
        )
    result = clone(target)
    for operation in operations:
        verb, parts = str(operation.get("op")), _steps(operation.get("path"))
        if verb in {"copy", "move"}:
            source = _steps(operation.get("from"))
            value = clone(_found(result, source))
            if verb == "move":
                _operate(result, "remove", source, None)
            _operate(result, "add", parts, value)
        else:
            _operate(result, verb, parts, operation.get("value"))
    return result


def _steps(path: object) -> list[str]:
    return [part.replace("~1", "/").replace("~0", "~") for part in str(path or "").split("/")[1:]]


def _found(root: Any, parts: list[str]) -> Any:  # noqa: ANN401 -- JSON
    for part in parts:
        try:
            root = root[int(part)] if isinstance(root, list) else root[part]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _refused() from error
    return root


def _operate(root: Any, verb: str, parts: list[str], value: Any) -> None:  # noqa: ANN401 -- JSON
    if verb not in {"add", "replace", "remove", "test"} or not parts:
        raise _refused()
    holder, last = _found(root, parts[:-1]), parts[-1]
    if isinstance(holder, list):
        _operate_list(holder, verb, last, value)
    elif not isinstance(holder, dict) or (verb in {"remove", "replace", "test"} and last not in holder):
        raise _refused()
    elif verb == "remove":
        del holder[last]
    elif verb == "test":
        if holder[last] != value:
            raise _refused()
    else:
        holder[last] = value


def _operate_list(holder: list[Any], verb: str, last: str, value: Any) -> None:  # noqa: ANN401 -- JSON
    if last != "-" and not last.isdigit():
        raise _refused()
    index = len(holder) if last == "-" else int(last)
    if index > len(holder) or (verb != "add" and index >= len(holder)):
        raise _refused()
    if verb == "add":
        holder.insert(index, value)
    elif verb == "remove":
        del holder[index]
    elif verb == "replace":
        holder[index] = value
    elif holder[index] != value:
        raise _refused()


def _refused() -> ApiError:
    """The API server gives no reason when a JSON patch can't be applied."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request")
