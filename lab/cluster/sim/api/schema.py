"""The fields of each kind as a real API server publishes them (OpenAPI): types, parts, texts."""

import functools
import gzip
import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from lab.cluster.sim.api.kinds import KIND

__all__ = ["Field", "root_of", "type_names", "type_of"]

#: A field: its printed `type`, and the type that it refers to (`ref`) if it has fields. A type of a configuration
#: file, which no API server publishes, has its `fields` itself.
Field = Mapping[str, Any]


@functools.cache
def _schema() -> dict[str, Any]:
    packed = files("lab.cluster.sim.data").joinpath("explain.json.gz").read_bytes()
    schema: dict[str, Any] = json.loads(gzip.decompress(packed))
    return schema


def root_of(kind: str) -> Field | None:
    """Return an object of `kind` as a field, or None for an unknown kind."""
    name = _schema()["kinds"].get(kind)
    return {"ref": name, "type": kind} if name else None


def type_of(field: Field) -> Field:
    """Return the fields of a field."""
    if "fields" in field:
        return field
    found: Field = _schema()["types"].get(field.get("ref", ""), {})
    return found


@functools.cache
def type_names() -> Mapping[tuple[str, str], str]:
    """Return (kind, API version) -> the name of its type."""
    return {(kind, KIND[kind].api_version): name for kind, name in _schema()["kinds"].items() if kind in KIND}
