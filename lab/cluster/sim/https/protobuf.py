"""Objects in protobuf, as Go clients send them, turned into those that the API server works with.

The types and the numbers of their fields are Kubernetes' own (`data/protobuf.json.gz`). Answers are never in
protobuf: all clients take JSON, too.
"""

import base64
import functools
import gzip
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from lab.cluster.sim.text.times import iso, rfc3339

__all__ = ["MEDIA", "SCALARS", "decoded"]

MEDIA = "application/vnd.kubernetes.protobuf"
SCALARS = frozenset({"string", "bytes", "bool", "int32", "int64", "uint32", "uint64", "double"})
_MAGIC = b"k8s\0"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_MOST_DEEP = 60
_Fields = dict[str, list[str]]


@functools.cache
def _schema() -> dict[str, _Fields]:
    packed = files("lab.cluster.sim.data").joinpath("protobuf.json.gz").read_bytes()
    found: dict[str, _Fields] = json.loads(gzip.decompress(packed))
    return found


def decoded(data: bytes) -> dict[str, Any]:
    """Return the object in a request's body; raise `ValueError` for anything else."""
    if not data.startswith(_MAGIC):
        raise ValueError("the body is not in Kubernetes' protobuf")
    try:
        unknown = {number: value for number, value in _parts(data[len(_MAGIC) :]) if isinstance(value, bytes)}
        head = {
            number: value.decode() for number, value in _parts(unknown.get(1, b"")) if isinstance(value, bytes)
        }
        version, kind = head.get(1, ""), head.get(2, "")
        return {"apiVersion": version, "kind": kind, **_message(_type_of(version, kind), unknown.get(2, b""), 0)}
    except (IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"the body is damaged: {error}") from None


def _type_of(version: str, kind: str) -> str:
    group, _, name = version.rpartition("/")
    if kind == "DeleteOptions":
        return f"{_META}DeleteOptions"
    wanted = f"{group.partition('.')[0] or 'core'}.{name}.{kind}"
    # The package of `rbac.authorization.k8s.io` is `rbac`, and so on.
    found = next((each for each in _schema() if each.endswith(f".{wanted}")), None)
    if found is None:
        raise ValueError(f"no type is known for {version}, {kind}")
    return found


def _parts(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Return number and value of each field: bytes, or a number."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                number, at = _varint(data, at)
                yield tag >> 3, number
            case 2:
                size, at = _varint(data, at)
                if at + size > len(data):
                    raise IndexError("a field ends behind its message")
                yield tag >> 3, data[at : at + size]
                at += size
            case 1 | 5 as wire:
                size = 8 if wire == 1 else 4
                yield tag >> 3, data[at : at + size]
                at += size
            case _:
                raise IndexError("a field of an unknown form")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    found = shift = 0
    while True:
        byte = data[at]
        found |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return found, at
        if shift > 63:
            raise IndexError("a number that is too long")


def _message(kind: str, data: bytes, depth: int) -> dict[str, Any]:
    if depth > _MOST_DEEP:
        raise IndexError("messages in messages")
    fields, found = _schema().get(kind, {}), dict[str, Any]()
    for number, value in _parts(data):
        name, of, how = fields.get(str(number), ["", "", ""])
        if not name:
            continue
        if how == "map" and isinstance(value, bytes):
            entry = dict(_parts(value))
            key, content = (
                entry.get(1, b""),
                entry.get(2, b"" if of in {"string", "bytes"} or of not in SCALARS else 0),
            )
            if isinstance(key, bytes):
                found.setdefault(name, {})[key.decode()] = _value(of, content, depth)
        elif how == "many":
            found.setdefault(name, []).append(_value(of, value, depth))
        elif how == "inline" and isinstance(value, bytes):
            found |= _message(of, value, depth + 1)
        elif (content := _value(of, value, depth)) or how == "pointer" or content == {}:
            # Go clients send the zero of each field that is no pointer.
            found[name] = content
    return found


def _value(of: str, value: int | bytes, depth: int) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, int):
        return bool(value) if of == "bool" else value - 2**64 if value >= 2**63 else value
    if of == "string":
        return value.decode()
    if of == "bytes":
        return base64.b64encode(value).decode()
    special = _SPECIAL.get(of.rpartition(".")[2])
    if special is not None and of.startswith(("io.k8s.apimachinery.", "io.k8s.api.")):
        return special(dict(_parts(value)), depth)
    return _message(of, value, depth + 1)


def _text(parts: dict[int, int | bytes], number: int = 1) -> str:
    found = parts.get(number, b"")
    return found.decode() if isinstance(found, bytes) else ""


def _int_or_string(parts: dict[int, int | bytes], _depth: int) -> int | str:
    if parts.get(1):
        return _text(parts, 3)
    number = parts.get(2, 0)
    return number if isinstance(number, int) else 0


def _time(parts: dict[int, int | bytes], _depth: int) -> str | None:
    seconds = parts.get(1, 0)
    return rfc3339(seconds) if isinstance(seconds, int) and 0 < seconds < 2**40 else None


def _micro_time(parts: dict[int, int | bytes], _depth: int) -> str | None:
    seconds, nanos = parts.get(1, 0), parts.get(2, 0)
    if not isinstance(seconds, int) or not isinstance(nanos, int) or not 0 < seconds < 2**40:
        return None
    return iso(seconds + nanos / 1e9)


def _raw(parts: dict[int, int | bytes], _depth: int) -> Any:  # noqa: ANN401 -- JSON
    return json.loads(_text(parts) or "null")


def _items(parts: dict[int, int | bytes], _depth: int) -> list[str]:
    return [_text(parts)] if parts else []


_SPECIAL = {
    "IntOrString": _int_or_string, "Quantity": lambda parts, _depth: _text(parts), "Time": _time,
    "MicroTime": _micro_time, "RawExtension": _raw, "FieldsV1": _raw, "ExtraValue": _items,
}  # fmt: skip
