"""Ex commands for vi's file arguments: the next, the previous, the first, the list."""

from lab.cluster.sim.shell.editing.vi.errors import Failure
from lab.cluster.sim.shell.editing.vi.excall import Call
from lab.cluster.sim.shell.editing.vi.files import UNSAVED, edit
from lab.cluster.sim.shell.editing.vi.ranges import Range
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["arguments", "next_file", "previous_file", "rewind"]


def next_file(vi: Vi, call: Call) -> None:
    """`:n`."""
    del call
    _step(vi, 1)


def previous_file(vi: Vi, call: Call) -> None:
    """`:N` and `:prev`."""
    del call
    _step(vi, -1)


def _step(vi: Vi, by: int) -> None:
    at = vi.argument + by
    if len(vi.arguments) < 2:
        raise Failure("E163: There is only one file to edit")
    if at < 0:
        raise Failure("E164: Cannot go before first file")
    if at >= len(vi.arguments):
        raise Failure("E165: Cannot go beyond last file")
    if vi.buffer.changed:
        raise Failure(UNSAVED)
    vi.argument = at
    edit(vi, Call("edit", Range(1, 1), argument=vi.arguments[at]))


def rewind(vi: Vi, call: Call) -> None:
    """`:rew`: edit the first file again."""
    if vi.buffer.changed and not call.bang:
        raise Failure(UNSAVED)
    vi.argument = 0
    edit(vi, Call("edit", Range(1, 1), bang=True, argument=vi.arguments[0] if vi.arguments else ""))


def arguments(vi: Vi, call: Call) -> None:
    """`:ar`: list the files."""
    del call
    vi.say(" ".join(f"[{name}]" if at == vi.argument else name for at, name in enumerate(vi.arguments)))
