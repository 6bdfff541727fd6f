"""The one codec of a world's state: from a tree of parts to JSON text, and back into a newly made world.

The classes' declarations determine what is stored (see `declared`).
"""

import hashlib
from collections import deque
from collections.abc import Mapping
from functools import cache
from typing import Any, get_args, get_origin

from lab.cluster.sim.state.declared import Opaque, is_stateful, kept
from lab.cluster.sim.state.large import folded, unfolded
from lab.cluster.sim.state.shapes import Shape, dumps, shape_of

__all__ = ["Texts", "restore", "schema", "text"]

#: For dicts with settled values, by their place: key -> the value and its text.
Texts = dict[str, dict[str, tuple[Any, str]]]


def text(part: Any, texts: Texts, where: str = "") -> str:
    """Return a part's state as JSON text. `texts` caches settled values for the next time."""
    if isinstance(part, Opaque):
        return dumps(part.state())
    found = []
    for name, (hint, mark) in _kept(part.__class__).items():
        value = getattr(part, name)
        found.append(f'"{name}":{_field(value, hint, mark, texts, f"{where}.{name}")}')
    return "{" + ",".join(found) + "}"


def restore(part: Any, data: Any) -> None:
    """Restore `part` from `data`; raise `ValueError` or another error of Python's if the data are invalid."""
    if isinstance(part, Opaque):
        part.restore(data)
        return
    names = _kept(part.__class__)
    if names.keys() != data.keys():
        raise ValueError(f"{type(part).__name__} has other fields: {sorted(names.keys() ^ data.keys())}")
    for name, (hint, mark) in names.items():
        found = data[name]
        if mark == "settled":
            found = {key: unfolded(each) for key, each in found.items()}
        _restore_field(part, name, hint, found)


def schema(part: Any) -> str:
    """Return a short text that changes with the shape of the stored state of `part`."""
    seen: dict[str, str] = {}
    _describe(part, seen)
    told = "\n".join(f"{name}: {shape}" for name, shape in sorted(seen.items()))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


# Parts


@cache
def _kept(cls: Any) -> dict[str, tuple[Any, str]]:
    if not is_stateful(cls):
        raise TypeError(f"{cls.__qualname__} declares no state")
    return kept(cls)


@cache
def _is_part(hint: Any) -> bool:
    cls = get_origin(hint) or hint
    return isinstance(cls, type) and is_stateful(cls)


@cache
def _parts_within(hint: Any) -> bool:
    """Whether a type is a dict, list or tuple of parts."""
    arguments = [each for each in get_args(hint) if each is not Ellipsis]
    return get_origin(hint) in {dict, list, tuple} and bool(arguments) and _is_part(arguments[-1])


def _field(value: Any, hint: Any, mark: str, texts: Texts, where: str) -> str:
    if _is_part(hint):
        return text(value, texts, where)
    if _parts_within(hint):
        if isinstance(value, Mapping):
            each = (f"{dumps(key)}:{text(part, texts, f'{where}.{key}')}" for key, part in value.items())
            return "{" + ",".join(each) + "}"
        return "[" + ",".join(text(part, texts, f"{where}.{at}") for at, part in enumerate(value)) + "]"
    if mark == "settled":
        return _settled(value, shape_of(get_args(hint)[1]), texts, where)
    return dumps(shape_of(hint).encoded(value))


def _settled(value: Mapping[str, Any], shape: Shape, texts: Texts, where: str) -> str:
    """Return the text of a dict most of whose values are unchanged since the last time."""
    before = texts.get(where, {})
    now = texts[where] = {}
    for key, each in value.items():
        known = before.get(key)
        if known is None or known[0] is not each:
            known = each, f"{dumps(key)}:{folded(dumps(shape.encoded(each)))}"
        now[key] = known
    return "{" + ",".join([told for _, told in now.values()]) + "}"


def _restore_field(part: Any, name: str, hint: Any, data: Any) -> None:
    if _is_part(hint):
        restore(getattr(part, name), data)
    elif _parts_within(hint):
        old = getattr(part, name)
        pairs = old.items() if isinstance(old, Mapping) else enumerate(old)
        if len(old) != len(data):
            raise ValueError(f"{type(part).__name__}.{name} has {len(old)} parts, not {len(data)}")
        for key, each in pairs:
            restore(each, data[key])
    else:
        value = shape_of(hint).decoded(data)
        if isinstance(value, deque):
            value = deque(value, getattr(part, name).maxlen)
        setattr(part, name, value)


# The shape of the stored state


def _describe(part: Any, seen: dict[str, str]) -> None:
    cls: Any = part.__class__
    if isinstance(part, Opaque):
        seen[cls.__name__] = "opaque"
        return
    shapes = []
    for name, (hint, mark) in _kept(cls).items():
        value = getattr(part, name)
        if _is_part(hint):
            within = [value]
        elif _parts_within(hint):
            within = list(value.values()) if isinstance(value, Mapping) else list(value)
        else:
            shapes.append(f"{name}: {mark} {shape_of(hint).name}".replace(":  ", ": "))
            continue
        shapes.append(f"{name}: {sorted({type(each).__name__ for each in within})}")
        for each in within:
            _describe(each, seen)
    seen[cls.__name__] = ", ".join(shapes)
