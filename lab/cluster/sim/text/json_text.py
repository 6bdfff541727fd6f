"""Indented JSON, the same as `json.dumps` writes it, but quicker: the standard library indents in pure Python."""

import json
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

__all__ = ["indented"]

Put = Callable[[str], None]


def indented(data: Any, *, indent: int = 2, sort_keys: bool = False) -> str:  # noqa: ANN401 -- JSON
    """Return `data` as JSON text, as `json.dumps(..., ensure_ascii=False)` does."""
    parts: list[str] = []
    try:
        _put(data, "\n", " " * indent, parts.append, sort=sort_keys)
    except TypeError:
        # A key that is no string.
        return json.dumps(data, indent=indent, sort_keys=sort_keys, ensure_ascii=False)
    return "".join(parts)


def _put(data: Any, line: str, step: str, put: Put, *, sort: bool) -> None:  # noqa: ANN401 -- JSON
    """Put the text of a value; `line` begins the line that the value stands in."""
    if isinstance(data, str):
        put(encode_basestring(data))
    elif isinstance(data, dict):
        _put_object(data, line, step, put, sort=sort)
    elif isinstance(data, list | tuple):
        inner = line + step
        before = "[" + inner
        for item in data:
            put(before)
            before = "," + inner
            _put(item, inner, step, put, sort=sort)
        put(f"{line}]" if data else "[]")
    elif data.__class__ is int:
        put(str(data))
    else:
        put(json.dumps(data))


def _put_object(data: dict[str, Any], line: str, step: str, put: Put, *, sort: bool) -> None:
    inner = line + step
    before = "{" + inner
    for key in sorted(data) if sort else data:
        value = data[key]
        # Most values are strings, which need no call.
        if value.__class__ is str:
            put(f"{before}{encode_basestring(key)}: {encode_basestring(value)}")
        else:
            put(f"{before}{encode_basestring(key)}: ")
            _put(value, inner, step, put, sort=sort)
        before = "," + inner
    put(f"{line}}}" if data else "{}")
