"""Indented JSON, the same as `json.dumps` writes it, but quicker: the standard library indents in pure Python."""

import json
from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any

__all__ = ["Texts", "indented"]

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


class Texts:
    """The texts of parts that never change, for the next document that contains them."""

    #: How many texts are kept.
    _MOST = 400

    def __init__(self, *, indent: int, sort_keys: bool) -> None:
        self._step, self._sort = " " * indent, sort_keys
        #: Id of a part and its depth -> the part, which keeps its id, and its text.
        self._known: dict[tuple[int, int], tuple[object, str]] = {}

    def text(self, part: dict[str, Any], depth: int) -> str:
        """Return what `indented` writes of `part` within `depth` other values."""
        key = id(part), depth
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= self._MOST:
                self._known.clear()
            parts: list[str] = []
            _put(part, "\n" + self._step * depth, self._step, parts.append, sort=self._sort)
            known = self._known[key] = part, "".join(parts)
        return known[1]


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
