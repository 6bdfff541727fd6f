"""How values of each type are stored as JSON data, and restored from it.

These types can be stored: JSON's own, literals, enums, random generators, dataclasses, optional types; tuples,
lists, sets, deques and counters of them; dicts with keys and values of them.
"""

import json
import random
import types
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Literal, Union, get_args, get_origin

from lab.cluster.sim.state.declared import is_value, kept

__all__ = ["Shape", "dumps", "shape_of"]

Change = Callable[[Any], Any]
#: Turns JSON data into text.
dumps = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_PLAIN = (str, int, float, bool, type(None), Any, object)


@dataclass(frozen=True, slots=True)
class Shape:
    """The conversion of one type to and from JSON data; None for JSON's own types."""

    name: str
    encode: Change | None = None
    decode: Change | None = None

    @property
    def plain(self) -> bool:
        """Whether JSON has the type itself."""
        return self.encode is None and self.decode is None

    def encoded(self, value: Any) -> Any:
        """Return a value as JSON data."""
        return self.encode(value) if self.encode else value

    def decoded(self, data: Any) -> Any:
        """Return the value of JSON data."""
        return self.decode(data) if self.decode else data


@cache
def shape_of(hint: Any) -> Shape:  # noqa: PLR0911 -- one line for each sort of type
    """Return the shape of a type; raise `TypeError` if values of the type can't be stored."""
    if hint in _PLAIN:
        return Shape(getattr(hint, "__name__", str(hint)))
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Literal:
        return Shape(str(hint))
    if origin in {Union, types.UnionType}:
        return _union(hint, arguments)
    if origin is tuple and arguments[1:] != (Ellipsis,):
        return _tuple(arguments)
    if origin in {tuple, list, deque, set, frozenset}:
        return _series(origin, shape_of(arguments[0]))
    if origin is Counter:
        return _mapping(Counter, arguments[0], int)
    if origin is dict:
        return _mapping(dict, *arguments)
    return _class(hint)


def _class(hint: Any) -> Shape:
    if hint is random.Random:
        return Shape("Random", random.Random.getstate, _random)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return Shape(hint.__name__, attrgetter("value"), hint)
    if is_value(hint):
        return _dataclass(hint)
    raise TypeError(f"no state can have the type {hint}")


def _union(hint: Any, arguments: Sequence[Any]) -> Shape:
    shapes = [shape_of(each) for each in arguments if each is not type(None)]
    name = " | ".join([*(shape.name for shape in shapes), *["None"] * (type(None) in arguments)])
    if all(shape.plain for shape in shapes):
        return Shape(name)
    if len(shapes) > 1:
        raise TypeError(f"it can't be kept which of {hint} a value is")
    shape = shapes[0]
    return Shape(
        name,
        lambda value: None if value is None else shape.encoded(value),
        lambda data: None if data is None else shape.decoded(data),
    )


def _tuple(arguments: Sequence[Any]) -> Shape:
    shapes = [shape_of(each) for each in arguments]
    name = f"tuple[{', '.join(shape.name for shape in shapes)}]"
    if all(shape.plain for shape in shapes):
        return Shape(name, None, tuple)
    return Shape(
        name,
        lambda value: [shape.encoded(each) for shape, each in zip(shapes, value, strict=True)],
        lambda data: tuple([shape.decoded(each) for shape, each in zip(shapes, data, strict=True)]),
    )


def _series(made: Any, item: Shape) -> Shape:
    name = f"{made.__name__}[{item.name}]"
    # Equal sets get equal texts.
    ordered: Change = sorted if made in {set, frozenset} else list
    if item.plain and made in {list, tuple}:
        return Shape(name, None, None if made is list else tuple)
    return Shape(
        name,
        lambda value: ordered(map(item.encoded, value)),
        lambda data: made(map(item.decoded, data)),
    )


def _mapping(made: Any, key_type: Any, value_type: Any) -> Shape:
    key, value = shape_of(key_type), shape_of(value_type)
    name = f"{made.__name__}[{key.name}, {value.name}]"
    if key_type is not str:
        # JSON's keys are texts.
        return Shape(
            name,
            lambda found: [(key.encoded(one), value.encoded(other)) for one, other in found.items()],
            lambda data: made({key.decoded(one): value.decoded(other) for one, other in data}),
        )
    if value.plain:
        return Shape(name, None, None if made is dict else made)
    return Shape(
        name,
        lambda found: {one: value.encoded(other) for one, other in found.items()},
        lambda data: made({one: value.decoded(other) for one, other in data.items()}),
    )


def _random(data: Any) -> random.Random:
    found = random.Random()  # noqa: S311 -- no secrets
    version, numbers, gauss = data
    found.setstate((version, tuple(numbers), gauss))
    return found


def _dataclass(cls: Any) -> Shape:
    """Return the shape of a dataclass: the list of its fields."""
    found = kept(cls)
    names = list(found)
    if not {each.name for each in fields(cls) if each.init}.issuperset(names):
        raise TypeError(f"{cls.__qualname__} can't be made from its fields")
    shapes = [shape_of(hint) for hint, _ in found.values()]
    name = (
        f"{cls.__name__}({', '.join(f'{each}: {shape.name}' for each, shape in zip(names, shapes, strict=True))})"
    )
    values: Change = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    changed = any(shape.encode for shape in shapes)

    def encode(value: Any) -> Any:
        return [shape.encoded(each) for shape, each in zip(shapes, values(value), strict=True)]

    def decode(data: Any) -> Any:
        found = zip(names, shapes, data, strict=True)
        return cls(**{each: shape.decoded(part) for each, shape, part in found})

    return Shape(name, encode if changed else values, decode)
