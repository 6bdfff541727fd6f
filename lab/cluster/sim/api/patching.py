"""Patches of the three kinds: merge and strategic merge patches, as the API server applies them."""

from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.json_patch import json_patch
from lab.cluster.sim.api.objects import clone
from lab.cluster.sim.api.strategic import strategic_merge

__all__ = ["APPLY", "merge", "patched"]

#: The content type of server-side apply.
APPLY = "application/apply-patch+yaml"


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
