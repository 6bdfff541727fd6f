"""Marks, and the moves to them."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.line_motions import first_of
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.state import Command, Vi
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = ["find_mark", "next_mark", "to_mark"]


def find_mark(vi: Vi, name: str) -> Pos:
    """Return a mark. Raise `Failure` if it is not set."""
    marks = vi.buffer.marks
    if name in "`'":
        pos = marks.get("'")
    elif name in "<>" and vi.last.visual is not None:
        kind, *ends, _ = vi.last.visual
        first, last = sorted(ends)
        pos = first if name == "<" else last
        if kind.value == "V":
            pos = Pos(pos.row, 0 if name == "<" else END_OF_LINE)
    elif name in "[]" and name not in marks:
        pos = Pos(0, 0) if name == "[" else Pos(vi.buffer.last, 0)
    elif name.isalpha() or name in '<>[]".^':
        pos = marks.get(name) or (Pos(0, 0) if name == '"' else None)
    else:
        raise Failure("E78: Unknown mark")
    if pos is None or pos.row > vi.buffer.last:
        raise Failure("E20: Mark not set" if pos is None else "E19: Mark has invalid line number")
    return pos


def to_mark(vi: Vi, command: Command) -> Typing[Motion | None]:
    """Jump to a mark (`'a`, `` `a ``)."""
    name = yield from vi.keyboard.get()
    pos = find_mark(vi, name)
    if command.key == "'":
        return Motion(Pos(pos.row, vi.indent_of(pos.row)), linewise=True, jump=True)
    return Motion(Pos(pos.row, min(pos.col, max(len(vi.lines[pos.row]) - 1, 0))), jump=name not in '[]<>"')


def next_mark(vi: Vi, command: Command, second: str) -> Motion:
    """Jump to the next mark by place (`]'`, `` [` ``)."""
    marks = sorted(pos for name, pos in vi.buffer.marks.items() if name.islower())
    if command.key == "]":
        later = [pos for pos in marks if pos > vi.cursor]
    else:
        later = [pos for pos in reversed(marks) if pos < vi.cursor]
    if not later:
        raise Beep
    pos = later[min(command.times, len(later)) - 1]
    return first_of(vi, pos.row) if second == "'" else Motion(pos)
