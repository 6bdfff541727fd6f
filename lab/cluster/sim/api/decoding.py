"""Decoding: objects compared with their kinds' fields. It finds unknown fields and wrong types, in Go's words."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, clone
from lab.cluster.sim.api.schema import Field, root_of, type_of
from lab.cluster.sim.text.gotext import as_go

__all__ = ["Reading", "illegal_base64", "metadata_problem", "not_an_object", "read"]

#: Types of whole numbers that Go stores in 64 bits.
_LONG = {
    "activeDeadlineSeconds", "deletionGracePeriodSeconds", "expirationSeconds", "fsGroup", "generation",
    "observedGeneration", "revision", "runAsGroup", "runAsUser", "supplementalGroups",
    "terminationGracePeriodSeconds", "tolerationSeconds",
}  # fmt: skip
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
_RAW = ("RawExtension", "FieldsV1", "JSON", "Object", "any")


@dataclass(slots=True)
class Reading:
    """The result of decoding: the object without unknown fields, and the errors."""

    item: Object
    unknown: list[str] = field(default_factory=list)
    #: The first value of a wrong type, in the words of Go's decoder; otherwise empty.
    mistaken: str = ""

    def require(self, kind: Kind, *, strict: bool) -> None:
        """Raise `ApiError` for a value of a wrong type or, if `strict`, for an unknown field."""
        told = self.mistaken or (strict and self.strictly())
        if told:
            read = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
            raise ApiError.bad_request(f"{read}: {told}")

    def require_patch(self, patch: Any, content_type: str, *, strict: bool) -> None:  # noqa: ANN401 -- JSON
        """Raise `ApiError` if the result of `patch` can't be decoded."""
        told = self.mistaken or (strict and self.strictly())
        if not told:
            return
        shown = json.dumps(self.item, separators=(",", ":"), ensure_ascii=False)
        if content_type.startswith("application/strategic"):
            shown = as_go(patch)
            if self.mistaken:
                told = f"unrecognized type: {self.mistaken.rpartition(' ')[2]}"
        quoted = json.dumps(shown, ensure_ascii=False)
        raise ApiError(422, "Invalid", f' "" is invalid: patch: Invalid value: {quoted}: {told}')

    def strictly(self) -> str:
        """Return a strict decoder's message about unknown fields, or an empty string."""
        if not self.unknown:
            return ""
        return "strict decoding error: " + ", ".join(f'unknown field "{path}"' for path in self.unknown)

    def warnings(self) -> list[str]:
        """Return a warning for each unknown field."""
        return [f'unknown field "{path}"' for path in self.unknown]


def read(kind: Kind, item: Object) -> Reading:
    """Check `item` against the published fields of its kind."""
    root = root_of(kind.kind)
    reading = Reading(item)
    # A kind in two groups (Event) is published in only one of them.
    if root is not None and not (kind.kind == "Event" and kind.group):
        reading.item = _Reader(reading).made_of(clone(item), root, "", ())
    return reading


def not_an_object(value: Any) -> str:  # noqa: ANN401 -- JSON
    """Return the decoder's message about a value in the place of an object."""
    fields = '''APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\""'''
    return f"json: cannot unmarshal {_called(value)} into Go value of type struct {{ {fields} }}"


def metadata_problem(item: Object) -> str:
    """Return the client's message if an object's metadata can't be decoded, otherwise an empty string."""
    found, root = item.get("metadata"), root_of("Pod")
    if found is None or root is None:
        return ""
    if not isinstance(found, dict):
        return f"json: cannot unmarshal {_called(found)} into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta"  # noqa: E501 -- as it is printed
    reading = Reading(item)
    _Reader(reading).made_of(found, type_of(root)["fields"]["metadata"], "metadata", ("metadata",))
    return reading.mistaken


class _Reader:
    """Walks an object in the order of its keys, which is the order in which clients send them."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def made_of(self, found: Object, what: Field, path: str, names: tuple[str, ...]) -> Object:
        """Decode the fields of a value; return it without unknown fields."""
        known = type_of(what).get("fields")
        if known is None:
            return found
        struct = type_name(what["type"])
        kept = {}
        for key in sorted(found):
            below = f"{path}.{key}" if path else key
            if key in known and found[key] is None:
                continue  # Go's decoder leaves the field as it was: empty
            if key in known:
                kept[key] = self._value(found[key], known[key], below, (*names, key), struct)
            else:
                self.reading.unknown.append(below)
        return {key: kept[key] for key in found if key in kept}

    def _value(self, value: Any, what: Field, path: str, names: tuple[str, ...], struct: str) -> Any:  # noqa: ANN401 -- JSON
        kind = what["type"]
        wrong = _wrong(value, kind, names[-1])
        if value is None or kind in _RAW:
            return value
        if wrong:
            self._mistake(value, wrong, names, struct)
            return value
        if kind.startswith("[]"):
            element = {**what, "type": kind[2:]}
            return [self._value(part, element, f"{path}[{i}]", names, struct) for i, part in enumerate(value)]
        if kind.startswith("map["):
            self._map(value, kind.partition("]")[2], names, struct)
            return value
        return self.made_of(value, what, path, names) if isinstance(value, dict) else value

    def _map(self, value: Object, kind: str, names: tuple[str, ...], struct: str) -> None:
        raw = (struct, names) == ("Secret", ("data",))
        for _, part in sorted(value.items()):
            wrong = _wrong(part, kind, "")
            if wrong:
                self._mistake(part, "[]uint8" if raw else wrong, names, struct)
            elif raw and isinstance(part, str) and (at := illegal_base64(part)) is not None:
                self.reading.mistaken = self.reading.mistaken or f"illegal base64 data at input byte {at}"

    def _mistake(self, value: Any, wanted: str, names: tuple[str, ...], struct: str) -> None:  # noqa: ANN401 -- JSON
        where = f"{struct}.{'.'.join(names)}"
        told = f"json: cannot unmarshal {_called(value)} into Go struct field {where} of type {wanted}"
        self.reading.mistaken = self.reading.mistaken or told


def type_name(kind: str) -> str:
    """Return the name of the struct in a printed type: `[]Container` contains Containers."""
    return re.sub(r"^(?:\[\]|map\[\w+\])*", "", kind)


def _wrong(value: Any, kind: str, name: str) -> str:  # noqa: ANN401, PLR0911 -- JSON; one type after the other
    """Return the expected Go type if `value` has another one, otherwise an empty string."""
    if value is None or kind in _RAW:
        return ""
    if kind == "string":
        return "" if isinstance(value, str) else "string"
    if kind == "boolean":
        return "" if isinstance(value, bool) else "bool"
    if kind == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool)
        return "" if fits else "int64" if name in _LONG else "int32"
    if kind == "IntOrString":
        return "" if isinstance(value, (int, str)) and not isinstance(value, bool) else "int32"
    if kind in {"Quantity", "Time", "MicroTime", "number"}:
        return ""
    if kind.startswith("[]"):
        return "" if isinstance(value, list) else _go_type(kind)
    return "" if isinstance(value, dict) else _go_type(kind)


def _go_type(kind: str) -> str:
    for lead in ("[]", "map[string]"):
        if kind.startswith(lead):
            return lead + _go_type(kind.removeprefix(lead))
    names = {"string": "string", "boolean": "bool", "integer": "int32", "Quantity": "resource.Quantity"}
    return names.get(kind, f"v1.{kind}")


def _called(value: Any) -> str:  # noqa: ANN401 -- JSON
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return f"number {value:g}"
    if isinstance(value, int):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def illegal_base64(text: str) -> int | None:
    """Return the position where `text` stops being base64, or None."""
    bare = text.replace("\n", "").replace("\r", "")
    content = bare.rstrip("=")
    for index, letter in enumerate(content):
        if letter not in _BASE64:
            return index
    return None if len(bare) % 4 == 0 else len(bare)
