"""Visual mode: the selection, and its commands."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi import pending, scrolling
from lab.cluster.sim.shell.editing.vi.blocks import change_block, column_start, insert_in_row, pad
from lab.cluster.sim.shell.editing.vi.cmdline import read_line
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.insert import insert
from lab.cluster.sim.shell.editing.vi.keyboard import Special, Typing
from lab.cluster.sim.shell.editing.vi.literal import literal
from lab.cluster.sim.shell.editing.vi.motions import motion_of
from lab.cluster.sim.shell.editing.vi.objects import object_of
from lab.cluster.sim.shell.editing.vi.operators import change_case, delete, join, put, replace_chars, shift
from lab.cluster.sim.shell.editing.vi.regions import Region
from lab.cluster.sim.shell.editing.vi.registers import Kind, Register
from lab.cluster.sim.shell.editing.vi.state import Command, Redo, Vi, Visual
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = ["begin_visual", "end_visual", "select_again", "selected_region", "visual_command", "visual_mode"]

#: Operators for whole lines, whatever part of them is selected.
_ON_LINES = {"<", ">", "!", "=", "gq", "gw"}
_CASES = {"~": str.swapcase, "u": str.lower, "U": str.upper}
_NAMES = {Kind.CHARS: "-- VISUAL --", Kind.LINES: "-- VISUAL LINE --", Kind.BLOCK: "-- VISUAL BLOCK --"}


def visual_mode(vi: Vi) -> str:
    """Return the selection's text for the last row."""
    return "" if vi.visual is None else _NAMES[vi.visual.kind]


def begin_visual(vi: Vi, kind: Kind, count: int | None) -> None:
    """Begin to select; with a count, as much as the last selection, that many times."""
    vi.visual = Visual(kind, vi.cursor)
    if count is not None and vi.last.visual is not None:
        old, first, last, _ = vi.last.visual
        vi.visual.kind = old
        rows = (last.row - first.row + 1) * count
        row = min(vi.cursor.row + rows - 1, vi.buffer.last)
        col = vi.cursor.col + (last.col - first.col + 1) * count - 1 if last.row == first.row else last.col
        vi.go(Pos(row, col))
    elif count is not None:
        vi.go(Pos(vi.cursor.row, vi.cursor.col + count - 1))


def end_visual(vi: Vi) -> None:
    """End the selection, and store it for `gv`."""
    if vi.visual is None:
        return
    kind, first, last = vi.selected()
    shown = vi.visual.shown
    vi.last.visual = (kind, vi.visual.start, vi.cursor, vi.window.want)
    vi.visual = None
    vi.buffer.marks["<"], vi.buffer.marks[">"] = first, last
    vi.clamp()
    vi.messages.stale = vi.options.on("showmode") and shown


def select_again(vi: Vi) -> None:
    """Restore the last selection."""
    if vi.last.visual is None:
        raise Beep
    kind, start, end, want = vi.last.visual
    if vi.visual is not None:
        vi.last.visual = (vi.visual.kind, vi.visual.start, vi.cursor, vi.window.want)
    vi.visual = Visual(kind, Pos(min(start.row, vi.buffer.last), start.col))
    vi.go(end)
    vi.window.want = want


def selected_region(vi: Vi, *, lines: bool = False) -> Region:
    """Return the selection as a region."""
    kind, first, last = vi.selected()
    if lines or kind is Kind.LINES:
        return Region(Kind.LINES, first, last, selected=True)
    if kind is Kind.BLOCK:
        left, right = vi.block(first, last)
        return Region(Kind.BLOCK, first, last, left, right, selected=True)
    end = Pos(last.row, last.col + 1)
    length = len(vi.lines[last.row])
    if last.col >= length:
        # The end of the line is selected too.
        end = Pos(last.row + 1, 0) if last.row < vi.buffer.last else Pos(last.row, length)
    return Region(Kind.CHARS, first, end, selected=True)


def visual_command(vi: Vi, command: Command) -> Typing[None]:
    """Run one command of visual mode."""
    key = command.key
    if (action := _ACTIONS.get(key)) is not None:
        result = action(vi, command)
        if result is not None:
            yield from result
    elif key in scrolling.ACTIONS:
        result = scrolling.ACTIONS[key](vi, command)
        if result is not None:
            yield from result
    elif key == "g":
        yield from _after_g(vi, command)
    else:
        yield from _move(vi, command)


def _move(vi: Vi, command: Command) -> Typing[None]:
    motion = yield from motion_of(vi, command)
    if motion is None:
        raise Beep
    if motion.jump:
        vi.mark_jump()
    vi.go(motion.to, want=not motion.keep_want)
    if motion.want_end:
        vi.window.want = END_OF_LINE


def _after_g(vi: Vi, command: Command) -> Typing[None]:
    second = yield from vi.keyboard.get()
    if second == "v":
        select_again(vi)
    elif second == "J":
        _join(vi, Command("gJ", None, command.count))
    elif "g" + second in pending.OPERATORS:
        yield from _operate(vi, command, "g" + second)
    else:
        vi.keyboard.forget()
        vi.keyboard.play(second)
        yield from _move(vi, command)


def _size(vi: Vi) -> tuple[Kind, int, int]:
    """Return the size of the selection, for `.`."""
    kind, first, last = vi.selected()
    rows = last.row - first.row + 1
    if kind is Kind.BLOCK:
        left, right = vi.block(first, last)
        return kind, rows, END_OF_LINE if right == END_OF_LINE else right - left + 1
    return kind, rows, last.col - first.col + 1 if rows == 1 else last.col


def _remember(vi: Vi, command: Command, size: tuple[Kind, int, int]) -> None:
    vi.redo = Redo("".join(vi.keyboard.command), command.register, command.count, size)


def _operate(vi: Vi, command: Command, operator: str, *, lines: bool = False) -> Typing[None]:
    size = _size(vi)
    block = vi.visual is not None and vi.visual.kind is Kind.BLOCK
    region = selected_region(vi, lines=lines or (operator in _ON_LINES and not (block and operator in "<>")))
    end_visual(vi)
    vi.cursor = region.start
    if operator in "<>":
        shift(vi, region, command.times if operator == ">" else -command.times)
    elif operator == "c" and region.kind is Kind.BLOCK:
        yield from change_block(vi, region, command.register)
    else:
        yield from pending.work(vi, operator, region, command.register)
    if operator != "y":
        _remember(vi, command, size)


def _plain(operator: str) -> "Callable[[Vi, Command], Typing[None]]":
    def action(vi: Vi, command: Command) -> Typing[None]:
        yield from _operate(vi, command, operator)

    return action


def _on_lines(operator: str) -> "Callable[[Vi, Command], Typing[None]]":
    """Return an action on whole lines; for a block, on everything to the end of each line."""

    def action(vi: Vi, command: Command) -> Typing[None]:
        block = vi.visual is not None and vi.visual.kind is Kind.BLOCK
        if block and command.key in "DC":
            vi.window.want = END_OF_LINE
        yield from _operate(vi, command, operator, lines=not (block and command.key in "DCY"))

    return action


def _change_case(vi: Vi, command: Command) -> None:
    size = _size(vi)
    region = selected_region(vi)
    end_visual(vi)
    vi.cursor = region.start
    change_case(vi, region, _CASES[command.key])
    pending.to_corner(vi, region)
    _remember(vi, command, size)


def _replace(vi: Vi, command: Command) -> Typing[None]:
    key = yield from vi.keyboard.get()
    if key == "\x1b":
        end_visual(vi)
        return
    if key == "\x16":
        key = yield from literal(vi)
    size = _size(vi)
    region = selected_region(vi)
    end_visual(vi)
    replace_chars(vi, region, key)
    pending.to_corner(vi, region)
    _remember(vi, command, size)


def _join(vi: Vi, command: Command) -> None:
    size = _size(vi)
    region = selected_region(vi, lines=True)
    end_visual(vi)
    vi.cursor = region.start
    join(vi, region.start.row, min(max(region.rows, 2), len(vi.lines) - region.start.row),
         blanks=command.key == "J")  # fmt: skip
    _remember(vi, command, size)


def _put(vi: Vi, command: Command) -> None:
    """Replace the selection by a register."""
    held = vi.registers.get(command.register)
    size = _size(vi)
    region = selected_region(vi)
    end_visual(vi)
    whole = region.kind is Kind.LINES
    last = whole and region.end.row == vi.buffer.last
    at_end = (
        region.kind is Kind.CHARS
        and region.end.row == region.start.row
        and (region.end.col >= len(vi.lines[region.end.row]))
    )
    delete(vi, region, None if command.key == "p" else "_")
    if held is None:
        raise Failure("E353: Nothing in register " + (command.register or '"'))
    after = (whole and last) or (at_end and region.start.col > 0)
    if held.kind is Kind.LINES and not whole:
        vi.splice(region.start, region.start, "\n")
        vi.cursor = Pos(region.start.row, 0)
        after = True
    elif whole and held.kind is Kind.CHARS:
        held = Register(Kind.LINES, held.lines)
    put(vi, held, command.times, after=after)
    _remember(vi, command, size)


def _command_line(vi: Vi, command: Command) -> Typing[None]:
    del command
    _, first, _ = vi.selected()
    end_visual(vi)
    vi.go(first)
    text = yield from read_line(vi, ":", "'<,'>")
    if text is not None:
        yield from vi.run_line(text)
        vi.registers.command = text or vi.registers.command


def _leave(vi: Vi, command: Command) -> None:
    del command
    end_visual(vi)


def _switch(vi: Vi, command: Command) -> None:
    kind = Kind(command.key)
    if vi.visual is not None and vi.visual.kind is kind:
        end_visual(vi)
    elif vi.visual is not None:
        vi.visual.kind = kind


def _other_end(vi: Vi, command: Command) -> None:
    if vi.visual is None:
        return
    start, end = vi.visual.start, vi.cursor
    if command.key == "O" and vi.visual.kind is Kind.BLOCK:
        left, right = vi.window.column_of(start), vi.window.column_of(end)
        vi.visual.start = Pos(start.row, vi.window.char_at(start.row, right))
        vi.go(Pos(end.row, vi.window.char_at(end.row, left)))
    else:
        vi.visual.start = end
        vi.go(start)


def _object(vi: Vi, command: Command) -> Typing[None]:
    name = yield from vi.keyboard.get()
    if vi.visual is None:
        return
    motion = object_of(vi, name, command.times, around=command.key == "a")
    if motion.start is not None:
        vi.visual.start = motion.start
    if name == "p":
        vi.visual.kind = Kind.LINES
    elif vi.visual.kind is Kind.LINES:
        vi.visual.kind = Kind.CHARS
    end = motion.to
    if not motion.inclusive and not motion.linewise:
        end = Pos(end.row, end.col - 1) if end.col else Pos(end.row - 1, max(len(vi.lines[end.row - 1]) - 1, 0))
        end = max(end, vi.visual.start)
    vi.go(end)


# Blocks


def _insert_block(vi: Vi, command: Command) -> Typing[None]:
    """`I` and `A`: insert the same text in each row of a block."""
    visual = vi.visual
    if visual is None:
        return
    if visual.kind is not Kind.BLOCK:
        yield from _insert_at_edge(vi, command)
        return
    size = _size(vi)
    region = selected_region(vi)
    end_visual(vi)
    append = command.key == "A"
    row = region.start.row
    if append and region.right != END_OF_LINE:
        pad(vi, row, region.right + 1)
    if append and region.right == END_OF_LINE:
        col = len(vi.lines[row])
    else:
        col = column_start(vi, row, region.right + 1 if append else region.left)
    vi.cursor = Pos(row, col)
    text = (yield from insert(vi, count=command.times)) * command.times
    if text and "\n" not in text:
        for other in range(row + 1, region.end.row + 1):
            insert_in_row(vi, other, region, text, append=append)
    vi.go(Pos(row, column_start(vi, row, region.left) if append else col))
    _remember(vi, command, size)


def _insert_at_edge(vi: Vi, command: Command) -> Typing[None]:
    size = _size(vi)
    region = selected_region(vi)
    whole = region.kind is Kind.LINES
    end_visual(vi)
    if command.key == "I":
        vi.cursor = Pos(region.start.row, 0) if whole else region.start
    else:
        # For whole lines, the last character stays behind the inserted text.
        vi.cursor = Pos(region.end.row, max(len(vi.lines[region.end.row]) - 1, 0)) if whole else region.end
    yield from insert(vi)
    _remember(vi, command, size)


_ACTIONS: dict[str, Callable[[Vi, Command], Typing[None] | None]] = {
    "\x1b": _leave, "\x03": _leave, "v": _switch, "V": _switch, "\x16": _switch, "o": _other_end, "O": _other_end,
    "d": _plain("d"), "x": _plain("d"), Special.DELETE: _plain("d"), "y": _plain("y"), "c": _plain("c"),
    "s": _plain("c"), "<": _plain("<"), ">": _plain(">"), "!": _plain("!"), "=": _plain("="),
    "X": _on_lines("d"), "D": _on_lines("d"), "Y": _on_lines("y"), "C": _on_lines("c"), "S": _on_lines("c"),
    "R": _on_lines("c"), "~": _change_case, "u": _change_case, "U": _change_case, "r": _replace, "J": _join,
    "p": _put, "P": _put, ":": _command_line, "i": _object, "a": _object, "I": _insert_block, "A": _insert_block,
}  # fmt: skip
