"""The fields of each kind as a real API server publishes them (OpenAPI): types, parts, texts."""

import functools
import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from lab.cluster.sim.api.kinds import KIND

__all__ = ["Field", "Written", "all_types", "root_of", "type_names", "type_of", "written"]

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


def all_types() -> Iterable[str]:
    """Return the names of all types."""
    found: Iterable[str] = _schema()["types"]
    return found


@dataclass(frozen=True, slots=True)
class Written:
    """How Go writes a type: what the published fields do not tell."""

    #: Fields that are left out when they are empty texts, zeros or false.
    dropped: frozenset[str] = frozenset()
    #: Fields that are written even if nothing was set, with their empty values.
    kept: Mapping[str, Any] = field(default_factory=dict)
    #: Whole numbers of 64 bits.
    long: frozenset[str] = frozenset()
    #: Go's names of types that are texts, numbers or lists with a name of their own.
    named: Mapping[str, str] = field(default_factory=dict)
    #: The keys of lists whose entries server-side apply tells apart; without keys, a list is a set.
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    #: The keys of lists that a strategic patch merges; an empty key stands for a list of texts.
    merged: Mapping[str, str] = field(default_factory=dict)
    #: Fields of which a strategic patch may name the keys to keep.
    retained: frozenset[str] = frozenset()
    #: The fields in the order of the Go type.
    order: Mapping[str, int] = field(default_factory=dict)

    def place(self, name: str) -> int:
        """Return the place of a field in the Go type."""
        return self.order.get(name, len(self.order))


@functools.cache
def _go_types() -> dict[str, dict[str, Any]]:
    text = files("lab.cluster.sim.data").joinpath("go-types.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@functools.cache
def written(reference: str) -> Written:
    """Return how Go writes the type of a reference (`ref` of a field)."""
    found = _go_types().get(reference, {})
    return Written(
        frozenset(found.get("dropped", ())), found.get("kept", {}), frozenset(found.get("long", ())),
        found.get("named", {}), found.get("lists", {}), found.get("merged", {}),
        frozenset(found.get("retained", ())), {name: place for place, name in enumerate(found.get("order", ()))},
    )  # fmt: skip


@functools.cache
def type_names() -> Mapping[tuple[str, str], str]:
    """Return (kind, API version) -> the name of its type."""
    return {(kind, KIND[kind].api_version): name for kind, name in _schema()["kinds"].items() if kind in KIND}
