"""Values as Go's fmt prints them."""

from collections.abc import Mapping
from typing import Any

__all__ = ["as_go"]


def as_go(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Return a value as Go's fmt prints it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{key}:{as_go(part)}" for key, part in sorted(value.items())) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(as_go, value)) + "]"
    return str(value)
