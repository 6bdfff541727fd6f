"""A walk through a live world: is every changeable part declared, with its declared type?"""

import types
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import partial
from typing import Any, Literal, Union, get_args, get_origin

from lab.cluster.sim.state.declared import Opaque, declared, is_stateful
from lab.cluster.sim.timing.turns import on_loop
from lab.cluster.sim.world.world import World

__all__ = ["problems"]

_FIXED = (str, int, float, bool, bytes, type(None), frozenset, type, types.FunctionType)


def problems(world: World) -> list[str]:
    """Return the parts of `world` that a codec based on declarations would lose or change."""
    return on_loop(_problems(world))


async def _problems(world: World) -> list[str]:
    walk = _Walk()
    found = list(walk.part(world, "world"))
    found += [
        f"{where}: a {type(value).__name__} is given to it, and kept nowhere"
        for where, value in walk.given
        if id(value) not in walk.seen
    ]
    return found


class _Walk:
    def __init__(self) -> None:
        #: Kept changeable objects: id -> place.
        self.seen: dict[int, str] = {}
        self.given: list[tuple[str, object]] = []

    def part(self, part: Any, where: str) -> Iterator[str]:
        yield from self._once(part, where)
        if isinstance(part, Opaque):
            return
        if not is_stateful(type(part)):
            yield f"{where}: {type(part).__name__} declares no state"
            return
        known = declared(type(part))
        for name in _attributes(part):
            if name not in known:
                yield f"{where}.{name}: not declared"
        for name, (hint, mark) in known.items():
            if not hasattr(part, name):
                yield f"{where}.{name}: declared, and not there"
            elif mark == "given":
                self.given += _changeable(getattr(part, name), f"{where}.{name}")
            elif mark != "derived":
                yield from self.value(getattr(part, name), hint, f"{where}.{name}")

    def value(self, value: Any, hint: Any, where: str) -> Iterator[str]:
        origin, arguments = get_origin(hint), get_args(hint)
        cls = origin or hint
        if isinstance(cls, type) and is_stateful(cls):
            yield from self.part(value, where)
        elif hint in {Any, object}:
            yield from _json(value, where)
        elif origin is Literal:
            if value not in arguments:
                yield f"{where}: {value!r} is none of {arguments}"
        elif origin in {Union, types.UnionType}:
            tries = [list(_Walk().value(value, each, where)) for each in arguments]
            if all(tries):
                yield from min(tries, key=len)
        elif not isinstance(value, origin or (float, int) if hint is float else origin or hint):
            yield f"{where}: a {type(value).__name__}, declared as {hint}"
        elif origin is not None:
            yield from self._container(value, origin, arguments, where)
        elif hasattr(hint, "__dataclass_fields__"):
            yield from self._dataclass(value, hint, where)

    def _container(self, value: Any, origin: Any, arguments: Any, where: str) -> Iterator[str]:
        if type(value) is not origin:
            yield f"{where}: a {type(value).__name__} in place of a {origin.__name__}"
        if origin in {dict, list, deque, set, Counter} and not (origin is dict and Any in arguments):
            yield from self._once(value, where)
        if issubclass(origin, Mapping):
            keys, values = arguments if origin is dict else (arguments[0], int)
            for key, each in value.items():
                yield from self.value(key, keys, f"{where}[key {key!r}]")
                yield from self.value(each, values, f"{where}[{key!r}]")
        elif origin is tuple and arguments[1:] != (Ellipsis,):
            for at, (each, hint) in enumerate(zip(value, arguments, strict=True)):
                yield from self.value(each, hint, f"{where}[{at}]")
        else:
            for at, each in enumerate(value):
                yield from self.value(each, arguments[0], f"{where}[{at}]")

    def _dataclass(self, value: Any, hint: Any, where: str) -> Iterator[str]:
        known = declared(hint)
        if not _frozen(hint):
            yield from self._once(value, where)
        if type(value) is not hint:
            yield f"{where}: a {type(value).__name__}, declared as {hint.__name__}"
        for name in _attributes(value):
            if name not in known:
                yield f"{where}.{name}: not declared"
        for name, (kind, mark) in known.items():
            if mark not in {"given", "derived"}:
                yield from self.value(getattr(value, name), kind, f"{where}.{name}")

    def _once(self, value: object, where: str) -> Iterator[str]:
        """A changeable object must be in one place: after loading, it would be two objects."""
        if id(value) in self.seen:
            yield f"{where}: the same as {self.seen[id(value)]}"
        self.seen[id(value)] = where


def _changeable(value: object, where: str) -> Iterator[tuple[str, object]]:
    """Return the changeable parts of a given object, which another owner must keep."""
    within: Iterable[tuple[object, object]]
    if isinstance(value, Mapping):
        within = value.items()
    elif isinstance(value, (list, tuple)):
        within = enumerate(value)
    elif _frozen(type(value)):
        within = ((name, getattr(value, name)) for name in _attributes(value))
    elif isinstance(value, partial):
        within = enumerate([value.func, *value.args])
    elif isinstance(value, types.MethodType):
        within = [("of", value.__self__)]
    elif isinstance(value, _FIXED):
        return
    else:
        yield where, value
        return
    for at, each in within:
        yield from _changeable(each, f"{where}[{at!r}]")


def _frozen(cls: Any) -> bool:
    return is_dataclass(cls) and bool(cls.__dict__["__dataclass_params__"].frozen)


def _attributes(value: object) -> Iterator[str]:
    for cls in type(value).__mro__:
        yield from (name for name in getattr(cls, "__slots__", ()) if hasattr(value, name))
    yield from getattr(value, "__dict__", {})


def _json(value: Any, where: str) -> Iterator[str]:
    """Whether JSON survives a round trip: no tuples, and texts as keys."""
    if isinstance(value, dict):
        for key, each in value.items():
            if not isinstance(key, str):
                yield f"{where}: the key {key!r} is no text"
            yield from _json(each, f"{where}.{key}")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from _json(each, f"{where}[{at}]")
    elif value is not None and type(value) not in {str, int, float, bool}:
        yield f"{where}: a {type(value).__name__} is no JSON"
