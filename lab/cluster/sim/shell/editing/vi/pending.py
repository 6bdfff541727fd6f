"""Operators that wait for a move: `d`, `c`, `y` and others."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.cmdline import read_line
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.formatting import format_rows
from lab.cluster.sim.shell.editing.vi.insert import insert
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.motions import motion_of
from lab.cluster.sim.shell.editing.vi.objects import object_of
from lab.cluster.sim.shell.editing.vi.operators import (
    change_case,
    delete,
    delete_text,
    keep,
    say_lines,
    shift,
    yank,
)
from lab.cluster.sim.shell.editing.vi.regions import Region, region_of
from lab.cluster.sim.shell.editing.vi.registers import Kind
from lab.cluster.sim.shell.editing.vi.searching import next_selection
from lab.cluster.sim.shell.editing.vi.state import Command, Redo, Vi

__all__ = ["OPERATORS", "change", "operate", "to_corner", "work"]

#: Operators, each with the key that makes it apply to whole lines.
OPERATORS = {
    "d": "d", "c": "c", "y": "y", "<": "<", ">": ">", "!": "!", "=": "=",
    "g~": "~", "gu": "u", "gU": "U", "g?": "?", "gq": "q", "gw": "w",
}  # fmt: skip
_CASES: dict[str, Callable[[str], str]] = {"g~": str.swapcase, "gu": str.lower, "gU": str.upper}
#: Moves whose deleted text goes to register 1, even if it is short.
_TO_FIRST = set("%()`/?nN{}")


def operate(vi: Vi, command: Command, operator: str) -> Typing[None]:
    """Read an operator's move, and apply the operator."""
    motion, force = yield from _read_move(vi, command, operator)
    if motion is None:
        return
    region = region_of(vi, motion, force=force)
    count = command.count
    keys = "".join(vi.keyboard.command)
    yield from work(vi, operator, region, command.register, motion)
    if operator != "y" or vi.options.like_vi("y"):
        typed = "".join(vi.keyboard.command) if operator in "c!" else keys
        vi.redo = Redo(typed, command.register, count)


def _read_move(vi: Vi, command: Command, operator: str) -> Typing[tuple[Motion | None, str]]:
    """Read the rest of an operator: counts, `v`, `V` or Ctrl-V; a move, an object or the operator again."""
    keyboard = vi.keyboard
    key = yield from keyboard.get("o")
    force = digits = ""
    while key in "vV\x16" or key in "123456789" or (digits and key == "0"):
        if key.isdigit():
            digits = (digits + key)[:9]
            keyboard.forget()
        else:
            force = key
        key = yield from keyboard.get("o")
    if digits:
        command.count = command.times * int(digits)
    if key in "\x1b\x03":
        # Escape cancels an operator without the bell.
        keyboard.flush()
        return None, ""
    if key == OPERATORS[operator]:
        return _whole_lines(vi, command.times, operator), force
    if key == "g" and len(operator) == 2:
        key = yield from keyboard.get()
        if key == OPERATORS[operator]:
            return _whole_lines(vi, command.times, operator), force
        keyboard.forget()
        keyboard.play(key)
        key = "g"
    if key in "ia":
        name = yield from keyboard.get()
        return object_of(vi, name, command.times, around=key == "a"), force
    return (yield from _moved(vi, Command(key, None, command.count), operator)), force


def _moved(vi: Vi, move: Command, operator: str) -> Typing[Motion]:
    """Return the target of a move; before a jump, store the place."""
    if move.key == ":":
        return (yield from _by_command(vi))
    if move.key == "g":
        second = yield from vi.keyboard.get()
        if second == "n":
            return next_selection(vi)
        vi.keyboard.forget()
        vi.keyboard.play(second)
    motion = yield from motion_of(vi, move, operator)
    if motion is None:
        raise Beep
    if motion.jump:
        vi.mark_jump()
    motion.jump = move.key in _TO_FIRST
    return motion


def _by_command(vi: Vi) -> Typing[Motion]:
    text = yield from read_line(vi, ":")
    if text is None:
        raise Beep
    before = vi.cursor
    yield from vi.run_line(text)
    to, vi.cursor = vi.cursor, before
    return Motion(to)


def _whole_lines(vi: Vi, count: int, operator: str) -> Motion:
    row = vi.cursor.row + count - 1
    if row > vi.buffer.last and (vi.options.like_vi("-") or (count > 1 and vi.cursor.row == vi.buffer.last)):
        raise Beep
    row = min(row, vi.buffer.last)
    return Motion(Pos(row, vi.cursor.col if operator == "y" else vi.indent_of(row)), linewise=True)


def work(
    vi: Vi, operator: str, region: Region, register: str | None, motion: Motion | None = None
) -> Typing[None]:
    """Apply an operator to a region."""
    if operator == "d":
        delete(vi, region, register)
    elif operator == "y":
        if region.empty and vi.options.like_vi("E"):
            vi.bell = True
            vi.go(region.start)
            return
        yank(vi, region, register)
        _to_start(vi, region, motion)
    elif operator == "c":
        yield from change(vi, region, register)
    elif operator in "<>":
        shift(vi, region, 1 if operator == ">" else -1)
    elif operator in _CASES:
        change_case(vi, region, _CASES[operator])
        to_corner(vi, region)
    elif operator == "g?":
        change_case(vi, region, _rotated)
        to_corner(vi, region)
    elif operator in {"gq", "gw"}:
        format_rows(vi, region.start.row, region.end.row, stay=operator == "gw")
    elif operator == "!":
        yield from _filter(vi, region)
    else:
        raise Beep


def _rotated(char: str) -> str:
    if not (char.isascii() and char.isalpha()):
        return char
    base = ord("a") if char.islower() else ord("A")
    return chr(base + (ord(char) - base + 13) % 26)


def to_corner(vi: Vi, region: Region) -> None:
    """Put the cursor at the first character of a region."""
    if region.kind is Kind.BLOCK:
        vi.go(Pos(region.start.row, vi.window.char_at(region.start.row, region.left)))
    else:
        vi.go(Pos(region.start.row, 0 if region.kind is Kind.LINES and region.selected else region.start.col))


def _to_start(vi: Vi, region: Region, motion: Motion | None) -> None:
    """Put the cursor at the start of a region; whole lines keep its column."""
    if region.kind is Kind.BLOCK:
        to_corner(vi, region)
        return
    if (
        region.kind is Kind.LINES
        and region.start.row == vi.cursor.row
        and motion is not None
        and (motion.start is None)
    ):
        return
    if region.kind is Kind.LINES and motion is not None and motion.start is not None:
        vi.go(Pos(region.start.row, 0))
        return
    vi.go(region.start, want=not (motion is not None and motion.keep_want))


def _filter(vi: Vi, region: Region) -> Typing[None]:
    rows = region.rows
    vi.cursor = Pos(region.start.row, vi.cursor.col)
    last = "" if rows == 1 else ",$" if region.end.row == vi.buffer.last else f",.+{rows - 1}"
    text = yield from read_line(vi, ":", f".{last}!")
    if text is not None:
        yield from vi.run_line(text)


def change(vi: Vi, region: Region, register: str | None) -> Typing[None]:
    """Delete a region and insert in its place."""
    if region.empty and vi.options.like_vi("E"):
        vi.bell = True
        vi.go(region.start)
        return
    vi.check_writable()
    if region.kind is Kind.LINES:
        keep(vi, region, register)
        row = region.start.row
        line = vi.lines[row]
        kept = line[: len(line) - len(line.lstrip(" \t"))] if vi.options.on("autoindent") else ""
        vi.cursor = Pos(row, min(vi.cursor.col, len(line)))
        vi.replace_lines(row, region.rows, [kept])
        if region.rows > 1:
            vi.buffer.line_kept = None
        say_lines(vi, 1 - region.rows)
        vi.cursor = Pos(row, len(kept))
        yield from insert(vi)
        return
    ghost = ""
    if vi.options.like_vi("$") and region.kind is Kind.CHARS and region.rows == 1 and not region.selected:
        text = vi.lines[region.start.row][region.start.col : region.end.col]
        ghost = text[:-1] + "$" if text else ""
    if not region.empty:
        keep(vi, region, register)
    vi.cursor = region.start
    before = len(vi.lines)
    delete_text(vi, region)
    say_lines(vi, len(vi.lines) - before)
    vi.cursor = region.start
    yield from insert(vi, ghost=ghost)
