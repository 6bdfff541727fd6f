"""Complete copies of a running model in memory, each with its own turned clock, on which waiting is free.

Changes in a copy do not reach the original. Programs in terminals are not copied. Services start in the
copy as after a reboot.
"""

import asyncio
import contextlib
import io
import pickle
import threading
from collections.abc import Collection, Iterator
from types import FunctionType, MethodType
from typing import Any

from lab.cluster.sim.machine.file_copies import copied, return_copy
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.process.home import ended
from lab.cluster.sim.process.services import Service, launcher
from lab.cluster.sim.state.declared import declared, is_stateful
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.timing.turns import on_loop
from lab.cluster.sim.world.world import World

__all__ = ["copy_of"]

#: Packages of programs and their launchers. Other functions can't be pickled and must not be in a model.
_PROGRAMS = ("lab.cluster.sim.commands.", "lab.cluster.sim.process.")
_one_at_a_time = threading.Lock()
#: Id of a part of the original -> the object that replaces it in the copy being made.
_stand_ins: dict[int, object] = {}
#: Class -> its attributes whose values never change in place.
_names: dict[type, tuple[str, ...]] = {}


@contextlib.contextmanager
def copy_of(world: World) -> Iterator[World]:
    """Yield a copy of the present `world`. Must not be called on the loop."""
    files = [node.files for node in world.nodes.values()]
    with _one_at_a_time:
        pickled, shared, now, unnoticed = on_loop(_pickled(world))
        _stand_ins.update(shared)
        _stand_ins.update({id(each): copied(each) for each in files})
        _stand_ins[id(world.clock)] = Clock(turned=True, start=now, in_turns=world.clock.in_turns)
        try:
            copy: World = pickle.loads(pickled)  # noqa: S301 -- made here, a moment ago
        finally:
            _stand_ins.clear()
    copy.writes.restore(unnoticed)
    copy.clock.attach(copy)
    on_loop(_begun(copy))
    try:
        yield copy
    finally:
        on_loop(ended(copy))
        for original, node in zip(files, copy.nodes.values(), strict=True):
            return_copy(original, node.files)


async def _pickled(world: World) -> tuple[bytes, dict[int, object], float, bool]:
    """Return a model as bytes, the parts of it that its copy shares, and its time."""
    world.clock.catch_up()
    out = io.BytesIO()
    pickler = _Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.dump(world)
    return out.getvalue(), pickler.shared, world.now(), world.writes.unnoticed()


async def _begun(copy: World) -> None:
    copy.changes.counted = False
    for node in copy.nodes.values():
        node.systemd.launch = launcher(copy, node)
        node.systemd.resume()
    copy.clock.start()


def _stand_in(number: int) -> object:
    return _stand_ins[number]


class _Nobody:
    """Replaces a process, or a program that listens, in a copy."""

    def __call__(self, *_what: object) -> None:
        """Ignore a message."""

    def end(self) -> None:
        """End the process."""


class _Shared:
    """Stands for a dict whose values never change in place: its copy has the same values."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values


class _Pickler(pickle.Pickler):
    """Pickles a model without what belongs to its process, and without values that its copy can share."""

    def __init__(self, out: io.BytesIO, protocol: int) -> None:
        super().__init__(out, protocol)
        #: The id of a dict with such values -> a copy of that dict.
        self.shared: dict[int, object] = {}

    def reducer_override(self, each: object) -> Any:  # noqa: ANN401 -- as pickle has it
        """Return how `each` is rebuilt in the copy, if that is special."""
        if isinstance(each, Files | Clock):
            return _stand_in, (id(each),)
        if isinstance(each, Service) or _of_a_program(each):
            return _Nobody, ()
        if isinstance(each, _Shared):
            self.shared[id(each.values)] = dict(each.values)
            return _stand_in, (id(each.values),)
        names = _settled(type(each))
        return _with_shared(each, names) if names else NotImplemented


def _settled(cls: type) -> tuple[str, ...]:
    """Return the attributes of a class of parts whose values never change in place."""
    if cls not in _names:
        known = declared(cls) if is_stateful(cls) else {}
        _names[cls] = tuple(name for name, (_, mark) in known.items() if mark == "settled")
    return _names[cls]


def _with_shared(each: object, names: Collection[str]) -> tuple[Any, ...]:
    """Return how a part is made again in the copy, with the values of `names` shared."""
    reduced = each.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    assert isinstance(reduced, tuple)  # noqa: S101 -- a text stands for what a module has
    how, what, state, *more = reduced

    def marked(values: dict[str, Any]) -> dict[str, Any]:
        return {name: _Shared(value) if name in names else value for name, value in values.items()}

    # With slots it is a pair: what is in the object's dict, and what is in its slots.
    state = marked(state) if isinstance(state, dict) else tuple(values and marked(values) for values in state)
    return how, what, state, *more


def _of_a_program(each: object) -> bool:
    """Whether it is a callback of a program: a nested function of a command, or a method of a queue."""
    if isinstance(each, FunctionType):
        return "<locals>" in each.__qualname__ and each.__module__.startswith(_PROGRAMS)
    return isinstance(each, MethodType) and isinstance(each.__self__, asyncio.Queue)
