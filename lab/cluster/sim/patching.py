"""Patches: merge, strategic merge and JSON patches, as the API server applies them."""

from typing import Any

from lab.cluster.sim.errors import ApiError
from lab.cluster.sim.objects import clone

__all__ = ["json_patch", "merge", "strategic_merge"]

#: Lists that are merged by a key of their entries instead of being replaced.
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
    result = [dict(entry) for entry in target]
    for entry in patch:
        same = [index for index, old in enumerate(result) if old.get(key) == entry.get(key)]
        if entry.get("$patch") == "delete":
            result = [old for index, old in enumerate(result) if index not in same]
        elif same:
            result[same[0]] = strategic_merge(result[same[0]], entry)
        else:
            result.append(clone(entry))
    return result


def json_patch(target: Any, operations: list[Any]) -> Any:  # noqa: ANN401 -- JSON
    """Apply an RFC 6902 patch; return the result or raise `ApiError`."""
    result = clone(target)
    for operation in operations:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in str(operation["path"]).split("/")[1:]]
        _operate(result, str(operation["op"]), parts, operation.get("value"), str(operation["path"]))
    return result


def _operate(root: Any, verb: str, parts: list[str], value: Any, path: str) -> None:  # noqa: ANN401 -- JSON
    holder = root
    for part in parts[:-1]:
        try:
            holder = holder[int(part)] if isinstance(holder, list) else holder[part]
        except (KeyError, IndexError, ValueError) as error:
            raise _missing(verb, path) from error
    last = parts[-1]
    if verb not in {"add", "replace", "remove", "test"}:
        raise ApiError.bad_request(f"Unexpected kind: {verb}")
    if isinstance(holder, list):
        _operate_list(holder, verb, last, value, path)
    elif verb in {"remove", "replace", "test"} and last not in holder:
        raise _missing(verb, path)
    elif verb == "remove":
        del holder[last]
    elif verb == "test":
        if holder[last] != value:
            raise _missing(verb, path)
    else:
        holder[last] = value


def _operate_list(holder: list[Any], verb: str, last: str, value: Any, path: str) -> None:  # noqa: ANN401 -- JSON
    index = len(holder) if last == "-" else int(last)
    if verb == "add":
        holder.insert(index, value)
        return
    if index >= len(holder):
        raise _missing(verb, path)
    if verb == "remove":
        del holder[index]
    elif verb == "replace":
        holder[index] = value
    elif holder[index] != value:
        raise _missing(verb, path)


def _missing(verb: str, path: str) -> ApiError:
    if verb == "test":
        message = f"the server rejected our request due to an error in our request: testing path {path} failed"
        return ApiError(422, "Invalid", message)
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request")
