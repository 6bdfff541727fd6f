"""Decoding: objects compared with their kinds' fields. It finds unknown fields and wrong types, in Go's words."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, clone
from lab.cluster.sim.api.rules.resources import quantity_problem
from lab.cluster.sim.api.schema import Field, root_of, type_of, written
from lab.cluster.sim.text.gotext import as_go
from lab.cluster.sim.timing.durations import duration_problem

__all__ = ["Reading", "encoded", "illegal_base64", "metadata_problem", "not_an_object", "read", "read_as"]

_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
#: What Go's decoder makes of a null in a list of texts or numbers; elsewhere it leaves an empty struct.
_ELEMENTS: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False}
_RAW = ("RawExtension", "FieldsV1", "JSON", "Object", "any")


@dataclass(slots=True)
class Reading:
    """The result of decoding: the object without unknown fields, and the errors."""

    item: Object
    unknown: list[str] = field(default_factory=list)
    #: The first value of a wrong type, in the words of Go's decoder; otherwise empty.
    mistaken: str = ""
    #: The same in the words of the converter that a strategic patch goes through.
    unrestored: str = ""

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
            told = self.unrestored or told
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


def read(kind: Kind, item: Object, *, declared: bool = False) -> Reading:
    """Check `item` against the published fields of its kind.

    A patch's converter goes through the fields in the order in which they are `declared`.
    """
    root = root_of(kind.kind)
    # A kind in two groups (Event) is published in only one of them.
    if root is not None and not (kind.kind == "Event" and kind.group):
        return read_as(root, item, declared=declared)
    return Reading(item)


def read_as(root: Field, item: Object, *, declared: bool = False) -> Reading:
    """Check `item` against the fields of a type."""
    reading = Reading(item)
    reading.item = _Reader(reading, declared=declared).made_of(clone(item), root, "", ())
    return reading


def encoded(kind: Kind, item: Object) -> Object:
    """Return `item` as Go's encoder writes it: without empty lists and maps, unless they are always written."""
    root = root_of(kind.kind)
    if root is None or (kind.kind == "Event" and kind.group):
        return item
    found: Object = _encoded(item, root)
    return found


def _encoded(value: Any, what: Field) -> Any:  # noqa: ANN401 -- JSON
    kind = what["type"]
    if isinstance(value, list) and kind.startswith("[]"):
        return [_encoded(part, {**what, "type": kind[2:]}) for part in value]
    known = type_of(what).get("fields") if not kind.startswith("map[") else None
    if not isinstance(value, dict) or known is None:
        return value
    form = written(what.get("ref", ""))
    kept: Object = {}
    for key, part in value.items():
        if key not in known:
            kept[key] = part
        elif isinstance(part, (dict, list)) and not part and known[key]["type"].startswith(("[]", "map[")):
            continue  # an empty list is left out, or written as null below
        elif part in ("", 0, False) and key in form.dropped:
            continue
        else:
            kept[key] = _encoded(part, known[key])
    for key, empty in form.kept.items():
        if key not in kept and key in known:
            kept[key] = _encoded(dict(empty), known[key]) if isinstance(empty, dict) else empty
    return kept


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

    def __init__(self, reading: Reading, *, declared: bool = False) -> None:
        self.reading = reading
        self.declared = declared

    def made_of(self, found: Object, what: Field, path: str, names: tuple[str, ...]) -> Object:
        """Decode the fields of a value; return it without unknown fields."""
        known = type_of(what).get("fields")
        if known is None:
            return found
        struct = type_name(what["type"])
        form = written(what.get("ref", ""))
        kept = {}
        for key in sorted(found, key=form.place) if self.declared else sorted(found):
            below = f"{path}.{key}" if path else key
            if key in known and found[key] is None:
                continue  # Go's decoder leaves the field as it was: empty
            if key in known:
                field_ = known[key]
                if key in form.long or key in form.named:
                    field_ = {**field_, "long": key in form.long, "named": form.named.get(key)}
                kept[key] = self._value(found[key], field_, below, (*names, key), struct)
            else:
                self.reading.unknown.append(below)
        return {key: kept[key] for key in found if key in kept}

    def _value(self, value: Any, what: Field, path: str, names: tuple[str, ...], struct: str) -> Any:  # noqa: ANN401 -- JSON
        kind = "Time" if what.get("ref", "").endswith(("v1.Time", "v1.MicroTime")) else what["type"]
        wrong = _wrong(value, "long" if what.get("long") else kind)
        wrong = (what.get("named") or wrong) if wrong else ""
        if value is None or kind in _RAW:
            return value
        if wrong:
            self._mistake(value, wrong, names, struct, kind)
            return value
        if problem := _unreadable(value, kind):
            self._note(problem, problem)
        if kind.startswith("[]"):
            element = {**what, "type": kind[2:]}
            filled = [_ELEMENTS.get(kind[2:], {}) if part is None else part for part in value]
            return [self._value(part, element, f"{path}[{i}]", names, struct) for i, part in enumerate(filled)]
        if kind.startswith("map["):
            inner = kind.partition("]")[2]
            self._map(value, inner, names, struct)
            return {key: "" if part is None and inner == "string" else part for key, part in value.items()}
        return self.made_of(value, what, path, names) if isinstance(value, dict) else value

    def _map(self, value: Object, kind: str, names: tuple[str, ...], struct: str) -> None:
        raw = (struct, names) == ("Secret", ("data",))
        for _, part in sorted(value.items()):
            wrong = _wrong(part, kind)
            if wrong:
                self._mistake(part, "[]uint8" if raw else wrong, names, struct, kind)
            elif problem := _unreadable(part, kind):
                self._note(problem, problem)
            elif raw and isinstance(part, str) and (at := illegal_base64(part)) is not None:
                told = f"illegal base64 data at input byte {at}"
                self._note(told, f"error decoding from json: {told}")

    def _mistake(self, value: Any, wanted: str, names: tuple[str, ...], struct: str, kind: str) -> None:  # noqa: ANN401 -- JSON; the parts of one message
        where = f"{struct}.{'.'.join(names)}"
        if (struct, names) == ("Secret", ("data",)):
            wanted = wanted.replace("string]string", "string][]uint8")
        told = f"json: cannot unmarshal {_called(value, wanted)} into Go struct field {where} of type {wanted}"
        self._note(told, _unrestored(value, kind, told))

    def _note(self, told: str, unrestored: str) -> None:
        """Keep the first mistake."""
        self.reading.mistaken = self.reading.mistaken or told
        self.reading.unrestored = self.reading.unrestored or unrestored


def _unreadable(value: Any, kind: str) -> str:  # noqa: ANN401, PLR0911 -- JSON; one type after the other
    """Return the message about a time or an amount that can't be parsed, or an empty string."""
    if value is None:
        return ""
    if kind == "Quantity":
        return quantity_problem(value)
    if kind not in {"Time", "MicroTime", "Duration"}:
        return ""
    if not isinstance(value, str):
        return f"json: cannot unmarshal {_called(value)} into Go value of type string"
    if kind == "Duration":
        return duration_problem(value)
    layout = "2006-01-02T15:04:05.000000Z07:00" if kind == "MicroTime" else "2006-01-02T15:04:05Z07:00"
    if re.match(r"\d{4}", value):
        return ""
    return f'parsing time "{value}" as "{layout}": cannot parse "{value}" as "2006"'


def _unrestored(value: Any, kind: str, told: str) -> str:  # noqa: ANN401 -- JSON
    """Return the converter's message about a value of a wrong type; some types decode themselves (`told`)."""
    names = {bool: "bool", int: "int64", float: "float64", str: "string", list: "slice", dict: "map"}
    found = names[type(value)]
    if kind == "IntOrString":
        return f"json: cannot unmarshal {_called(value, 'int32')} into Go value of type int32"
    if kind in {"Quantity", "Time", "MicroTime"}:
        return told
    if kind.startswith("[]"):
        return f"cannot restore slice from {found}"
    if kind.startswith("map["):
        return f"cannot restore map from {found}"
    if kind not in {"string", "boolean", "integer", "number"}:
        return f"cannot restore struct from: {found}"
    wanted = {"boolean": "bool", "integer": "int32", "number": "float64"}.get(kind, "string")
    fits = (kind, found) in {("string", "int64"), ("integer", "float64"), ("integer", "int64")}
    return f"cannot convert {found} to {wanted}" if fits else f"unrecognized type: {wanted}"


def type_name(kind: str) -> str:
    """Return the name of the struct in a printed type: `[]Container` contains Containers."""
    return re.sub(r"^(?:\[\]|map\[\w+\])*(?:\w+\.)?", "", kind)


def _wrong(value: Any, kind: str) -> str:  # noqa: ANN401, PLR0911 -- JSON; one type after the other
    """Return the expected Go type if `value` has another one, otherwise an empty string."""
    if value is None or kind in _RAW:
        return ""
    if kind in {"string", "Duration"}:
        return "" if isinstance(value, str) else "string"
    if kind == "boolean":
        return "" if isinstance(value, bool) else "bool"
    if kind in {"integer", "long"}:
        bits = 64 if kind == "long" else 32
        fits = (
            isinstance(value, int)
            and not isinstance(value, bool)
            and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)
        )
        return "" if fits else f"int{bits}"
    if kind == "IntOrString":
        return "" if isinstance(value, str) else _wrong(value, "integer")
    if kind in {"Quantity", "Time", "MicroTime", "number"}:
        return ""
    if kind.startswith("[]"):
        return "" if isinstance(value, list) else _go_type(kind)
    return "" if isinstance(value, dict) else _go_type(kind)


def _go_type(kind: str) -> str:
    if kind == "map[string]Quantity":
        return "v1.ResourceList"
    for lead in ("[]", "map[string]"):
        if kind.startswith(lead):
            return lead + _go_type(kind.removeprefix(lead))
    names = {"string": "string", "boolean": "bool", "integer": "int32", "Quantity": "resource.Quantity"}
    return names.get(kind, kind if "." in kind else f"v1.{kind}")


def _called(value: Any, wanted: str = "") -> str:  # noqa: ANN401 -- JSON
    """Return how Go's decoder calls a value. It names a number that doesn't fit into an integer."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return f"number {value}" if wanted.startswith("int") else "number"
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
