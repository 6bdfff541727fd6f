"""How a class declares its state: by the annotations of its attributes.

Each attribute of a class that has state is annotated in the class, and the codec keeps it, unless the annotation
says otherwise::

    @stateful
    @dataclass(eq=False)
    class Scheduler:
        world: Given["World"]                          # handed in: there again when the world is made again
        due: float = 0.0                               # kept
        _scores: Derived[dict[str, int]] = field(...)  # a cache: made again when it is needed

A class marked with `stateful` is a part of a world: it is loaded in place, into the part that a new world has. A
dataclass without the mark is a value: it is made from what was kept.
"""

import sys
import typing
from abc import ABC, abstractmethod
from dataclasses import dataclass, is_dataclass
from inspect import get_annotations
from typing import Annotated, Any, ClassVar, TypeVar, get_args, get_origin

__all__ = ["Derived", "Given", "Opaque", "Settled", "declared", "is_stateful", "is_value", "kept", "stateful"]

T = TypeVar("T")
C = TypeVar("C", bound=type)


@dataclass(frozen=True, slots=True)
class _Mark:
    """The meaning of an annotation for storing its attribute."""

    name: str


_GIVEN, _DERIVED, _SETTLED = _Mark("given"), _Mark("derived"), _Mark("settled")
#: An attribute that is set when the object is made, and never changes: other parts, names, settings.
Given = Annotated[T, _GIVEN]
#: An attribute that follows from stored ones, or that lasts no longer than a process; a comment says which.
Derived = Annotated[T, _DERIVED]
#: A dict whose values are stored and never change in place, so each is turned into text only once.
Settled = Annotated[T, _SETTLED]


class Opaque(ABC):
    """A part whose state is not in its attributes."""

    @abstractmethod
    def state(self) -> Any:
        """Return the state as JSON data."""

    @abstractmethod
    def restore(self, data: Any) -> None:
        """Restore this part from `data`."""


def stateful(cls: C) -> C:
    """Mark a class as a part of a world: it is loaded in place, and all its attributes are declared."""
    cls.__stateful__ = True  # type: ignore[attr-defined]
    return cls


def is_stateful(cls: type) -> bool:
    """Whether a class is a part of a world."""
    return issubclass(cls, Opaque) or bool(getattr(cls, "__stateful__", False))


def is_value(cls: object) -> bool:
    """Return whether a class is a value: a dataclass that is created from stored data."""
    return isinstance(cls, type) and is_dataclass(cls) and not is_stateful(cls)


def declared(cls: type) -> dict[str, tuple[Any, str]]:
    """Return attribute -> (type, mark) of all declarations of a class, its bases' first; most marks are empty.

    Raises:
        TypeError: a stored type is unknown where the class is defined.
    """
    found: dict[str, tuple[Any, str]] = {}
    for base in reversed(cls.__mro__):
        for name, annotation in get_annotations(base).items():
            hint, mark = _resolved(base, name, annotation)
            if get_origin(hint) is not ClassVar and hint is not ClassVar:
                found[name] = hint, mark
    return found


def kept(cls: type) -> dict[str, tuple[Any, str]]:
    """Return attribute -> (type, mark) of the stored attributes of a class."""
    return {name: each for name, each in declared(cls).items() if each[1] not in {"given", "derived"}}


def _resolved(cls: type, name: str, annotation: object) -> tuple[Any, str]:
    if isinstance(annotation, str):
        annotation = _evaluated(cls, name, annotation)
    mark = ""
    if get_origin(annotation) is Annotated:
        inner, *notes = get_args(annotation)
        mark = next((note.name for note in notes if isinstance(note, _Mark)), "")
        annotation = inner
    if mark in {"given", "derived"}:
        # Its type may be known only to type checkers.
        return annotation, mark
    return _evaluated(cls, name, annotation), mark


def _evaluated(cls: type, name: str, annotation: object) -> Any:
    """Return an annotation with all names in it resolved, its own marks kept."""
    holder = type(cls.__name__, (), {"__annotations__": {name: annotation}, "__module__": cls.__module__})
    try:
        return typing.get_type_hints(holder, vars(sys.modules[cls.__module__]), include_extras=True)[name]
    except NameError as error:
        raise TypeError(f"{cls.__qualname__}.{name}: its type is not known at run time: {error}") from error
