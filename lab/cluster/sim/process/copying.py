"""A copy of a running model in memory: whole, and on a turned clock of its own, on which waiting costs nothing.

What is done in a copy leaves no trace in the original. Programs that run in terminals are not copied; services are
started in the copy as on a node that comes back.
"""

import asyncio
import contextlib
import io
import pickle
import threading
from collections.abc import Iterator
from types import FunctionType, MethodType
from typing import Any

from lab.cluster.sim.machine.file_copies import copied, return_copy
from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.process.home import ended, on_loop
from lab.cluster.sim.process.services import Process, launcher
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.world.world import World

__all__ = ["copy_of"]

#: Where programs are, and what starts them. Functions of any other place can't be pickled, and must not be there.
_PROGRAMS = ("lab.cluster.sim.commands.", "lab.cluster.sim.process.")
_one_at_a_time = threading.Lock()
#: What stands in the copy that is being made for a part of the original: the part's id -> that.
_stand_ins: dict[int, object] = {}


@contextlib.contextmanager
def copy_of(world: World) -> Iterator[World]:
    """Have a copy of `world` as it is now while the body runs. Not to be called on the loop."""
    files = [node.files for node in world.nodes.values()]
    with _one_at_a_time:
        pickled, now = on_loop(_pickled(world))
        _stand_ins.update({id(each): copied(each) for each in files})
        _stand_ins[id(world.clock)] = Clock(turned=True, start=now)
        try:
            copy: World = pickle.loads(pickled)  # noqa: S301 -- made here, a moment ago
        finally:
            _stand_ins.clear()
    copy.clock.attach(copy)
    on_loop(_begun(copy))
    try:
        yield copy
    finally:
        on_loop(ended(copy))
        for original, node in zip(files, copy.nodes.values(), strict=True):
            return_copy(original, node.files)


async def _pickled(world: World) -> tuple[bytes, float]:
    world.clock.catch_up()
    out = io.BytesIO()
    _Pickler(out, pickle.HIGHEST_PROTOCOL).dump(world)
    return out.getvalue(), world.now()


async def _begun(copy: World) -> None:
    for node in copy.nodes.values():
        node.systemd.launch = launcher(copy, node)
        node.systemd.resume()
    copy.clock.start()


def _stand_in(number: int) -> object:
    return _stand_ins[number]


class _Nobody:
    """Stands for a process, or for a program that listens."""

    def __call__(self, *_what: object) -> None:
        """Hear something."""

    def end(self) -> None:
        """End the process."""


class _Pickler(pickle.Pickler):
    """Pickles a model without what belongs to its process."""

    def reducer_override(self, each: object) -> Any:  # noqa: ANN401 -- as pickle has it
        """Return how `each` is made again in the copy, where that is special."""
        if isinstance(each, Files | Clock):
            return _stand_in, (id(each),)
        if isinstance(each, Process) or _of_a_program(each):
            return _Nobody, ()
        return NotImplemented


def _of_a_program(each: object) -> bool:
    """Whether the model calls it for a program: a function within one of a command's, or the method of a queue."""
    if isinstance(each, FunctionType):
        return "<locals>" in each.__qualname__ and each.__module__.startswith(_PROGRAMS)
    return isinstance(each, MethodType) and isinstance(each.__self__, asyncio.Queue)
