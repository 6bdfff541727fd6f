"""Normal mode: counts, registers, and the actions of keys."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi import changes, pending, scrolling
from lab.cluster.sim.shell.editing.vi.cmdline import read_line
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.files import file_info, write_and_quit
from lab.cluster.sim.shell.editing.vi.keyboard import Special, Typing
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.motions import motion_of
from lab.cluster.sim.shell.editing.vi.registers import Kind, Register, Registers
from lab.cluster.sim.shell.editing.vi.searching import next_selection
from lab.cluster.sim.shell.editing.vi.state import Command, Redo, Vi, Visual
from lab.cluster.sim.shell.editing.vi.undo import redo, undo, undo_line
from lab.cluster.sim.shell.editing.vi.visual import begin_visual, select_again, visual_command
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE

__all__ = ["normal_command", "play_register"]

#: The action of a key; it is a generator if it needs more keys.
Action = Callable[[Vi, Command], "Typing[None] | None"]


def normal_command(vi: Vi) -> Typing[None]:
    """Read one command of normal or visual mode, and run it. Raise `Beep` if it fails."""
    command = yield from _read(vi)
    if vi.visual is not None:
        yield from visual_command(vi, command)
    elif command.key in pending.OPERATORS or command.key == "g":
        yield from _operator_or_g(vi, command)
    elif (action := _ACTIONS.get(command.key)) is not None:
        changes = command.key in _CHANGES
        yield from _do(vi, command, action, changes=changes)
    else:
        yield from _move(vi, command)


def _read(vi: Vi) -> Typing[Command]:
    """Read a command's register, its count and its key."""
    command = Command()
    mode = "n" if vi.visual is None else "v"
    digits = ""
    while True:
        key = yield from vi.keyboard.get(mode)
        if key in "123456789" or (key == "0" and digits):
            digits = (digits + key)[:9]
        elif digits and key == Special.DELETE:
            digits = digits[:-1]
        elif key == '"':
            name = yield from vi.keyboard.get()
            if not Registers.is_name(name):
                raise Beep
            command.register = name
            continue
        else:
            break
    command.key = key
    command.count = int(digits) if digits else None
    vi.keyboard.command[:] = [key]
    return command


def _do(vi: Vi, command: Command, action: Action, *, changes: bool) -> Typing[None]:
    before = vi.redo
    result = action(vi, command)
    if result is not None:
        yield from result
    if changes and vi.redo is before:
        remember(vi, command)


def remember(vi: Vi, command: Command) -> None:
    """Store a command for `.`."""
    vi.redo = Redo("".join(vi.keyboard.command), command.register, command.count)


def _operator_or_g(vi: Vi, command: Command) -> Typing[None]:
    if command.key != "g":
        yield from pending.operate(vi, command, command.key)
        return
    second = yield from vi.keyboard.get()
    if "g" + second in pending.OPERATORS:
        yield from pending.operate(vi, command, "g" + second)
    elif (action := _AFTER_G.get(second)) is not None:
        yield from _do(vi, command, action, changes=second in "JIpP")
    else:
        vi.keyboard.forget()
        vi.keyboard.play(second)
        yield from _move(vi, command)


def _move(vi: Vi, command: Command) -> Typing[None]:
    motion = yield from motion_of(vi, command)
    if motion is None:
        if command.key in "[]":
            changes.put_text(vi, Command("P" if command.key == "[" else "p", command.register, command.count))
            return
        raise Beep
    go(vi, motion)


def go(vi: Vi, motion: Motion) -> None:
    """Move the cursor."""
    if motion.jump and motion.to != vi.cursor:
        vi.mark_jump()
    if motion.start is not None:
        raise Beep
    vi.go(motion.to, want=not motion.keep_want)
    if motion.want_end:
        vi.window.want = END_OF_LINE


# Changes


def _alias(keys: str) -> Action:
    """Return an action that is an operator with a move, under another key."""

    def action(vi: Vi, command: Command) -> Typing[None]:
        vi.keyboard.command[:] = [keys[0]]
        vi.keyboard.play(keys[1:], mapped=False)
        yield from pending.operate(vi, command, keys[0])

    return action


# Repetition


def _dot(vi: Vi, command: Command) -> None:
    redone = vi.redo
    if redone is None:
        raise Beep
    register, count = redone.register, command.count or redone.count
    if register is not None and register in "12345678":
        register = str(int(register) + 1)
    if redone.visual is not None:
        kind, rows, columns = redone.visual
        vi.visual = Visual(kind, vi.cursor, shown=False)
        row = min(vi.cursor.row + rows - 1, vi.buffer.last)
        if kind is Kind.CHARS:
            col = vi.cursor.col + columns - 1 if rows == 1 else columns
            vi.cursor = Pos(row, min(col, len(vi.lines[row])))
        else:
            width = vi.window.column_of(vi.cursor) + columns - 1
            vi.window.want = END_OF_LINE if columns >= END_OF_LINE else width
            vi.cursor = Pos(row, vi.window.char_at(row, vi.window.want) if kind is Kind.BLOCK else vi.cursor.col)
    prefix = (f'"{register}' if register else "") + (str(count) if count is not None else "")
    vi.keyboard.play(prefix + redone.keys, mapped=False)


def _undo(vi: Vi, command: Command) -> None:
    undo(vi, command.times)


def _redo(vi: Vi, command: Command) -> None:
    redo(vi, command.times)


def _undo_line(vi: Vi, command: Command) -> None:
    del command
    undo_line(vi)


def _record(vi: Vi, command: Command) -> Typing[None]:
    del command
    keyboard = vi.keyboard
    if keyboard.recording is not None:
        keys, keyboard.recording = keyboard.recording, None
        vi.registers.record(keyboard.register, Register(Kind.CHARS, "".join(keys[:-1]).split("\n")))
        vi.messages.clear()
        return
    name = yield from keyboard.get()
    if not (name.isascii() and (name.isalnum() or name == '"')):
        raise Beep
    keyboard.register, keyboard.recording = name, []
    vi.messages.clear()


def _play(vi: Vi, command: Command) -> Typing[None]:
    name = yield from vi.keyboard.get()
    if name == ":":
        yield from vi.run_line(vi.registers.command or "")
        return
    if name == "@":
        if vi.last.register is None:
            raise Failure("E748: No previously used register")
        name = vi.last.register
    play_register(vi, name, command.times)


def play_register(vi: Vi, name: str, count: int) -> None:
    """Type the contents of a register."""
    held = vi.registers.get(name)
    if not Registers.is_name(name) or held is None:
        raise Beep
    vi.last.register = name
    vi.keyboard.play(held.keys * count)


# Others


def _command_line(vi: Vi, command: Command) -> Typing[None]:
    start = ""
    if command.count is not None:
        start = "." if command.count <= 1 else f".,.+{command.count - 1}"
    text = yield from read_line(vi, ":", start)
    if text is None:
        return
    yield from vi.run_line(text)
    vi.registers.command = text or vi.registers.command


def _mark(vi: Vi, command: Command) -> Typing[None]:
    del command
    name = yield from vi.keyboard.get()
    if name.isascii() and (name.isalpha() or name in "[]<>'`"):
        vi.buffer.marks["'" if name == "`" else name] = vi.cursor
        return
    raise Beep


def _visual(vi: Vi, command: Command) -> None:
    begin_visual(vi, Kind(command.key), command.count)


def _quit_keys(vi: Vi, command: Command) -> Typing[None]:
    del command
    key = yield from vi.keyboard.get()
    if key == "Z":
        write_and_quit(vi)
    elif key == "Q":
        vi.exit_code = 0
    else:
        raise Beep


def _info(vi: Vi, command: Command) -> None:
    del command
    vi.say(file_info(vi))


def _other_file(vi: Vi, command: Command) -> Typing[None]:
    del command
    yield from vi.run_line("e #")


def _nothing(vi: Vi, command: Command) -> None:
    if command.count is None and not vi.keyboard.playing:
        vi.bell = True


def _redraw(vi: Vi, command: Command) -> None:
    del command
    vi.messages.clear()


def _character(vi: Vi, command: Command) -> None:
    """`ga` and `g8`: describe the character at the cursor."""
    del command
    char = vi.line[vi.cursor.col : vi.cursor.col + 1]
    if not char:
        vi.say("NUL")
        return
    code = ord(char)
    name = "^" + chr(code ^ 0x40) if code < 0x20 or code == 0x7F else char
    if code < 0x80:
        vi.say(f"<{name}>  {code},  Hex {code:02x},  Octal {code:03o}")
    else:
        vi.say(f"<{name}> {code}, Hex {code:04x}, Octal {code:o}")


def _bytes(vi: Vi, command: Command) -> None:
    del command
    char = vi.line[vi.cursor.col : vi.cursor.col + 1]
    vi.say(" ".join(f"{byte:02x}" for byte in char.encode()) or "NUL")


def _select_again(vi: Vi, command: Command) -> None:
    del command
    select_again(vi)


def _select_match(vi: Vi, command: Command) -> None:
    """`gn`: select the next match."""
    del command
    motion = next_selection(vi)
    vi.visual = Visual(Kind.CHARS, motion.start or vi.cursor)
    vi.cursor = motion.to


_CHANGES: dict[str, Action] = {
    **dict.fromkeys(("x", "X", Special.DELETE), changes.delete_chars),
    **{key: _alias(keys) for key, keys in {"D": "d$", "C": "c$", "s": "cl", "S": "cc"}.items()},
    **dict.fromkeys(("i", "a", "A", "I", Special.INSERT), changes.insert_text),
    **dict.fromkeys("oO", changes.open_text),
    "R": changes.replace_mode,
    "r": changes.replace_char,
    "~": changes.tilde,
    "J": changes.join_lines,
    **dict.fromkeys("pP", changes.put_text),
    "&": changes.ampersand,
    **dict.fromkeys("\x01\x18", changes.add),
    Special.PASTE: changes.paste,
}

_ACTIONS: dict[str, Action] = {
    **_CHANGES,
    "Y": _alias("yy"),
    ".": _dot,
    "u": _undo,
    "\x12": _redo,
    "U": _undo_line,
    "q": _record,
    "@": _play,
    ":": _command_line,
    "m": _mark,
    **dict.fromkeys("vV\x16", _visual),
    "Z": _quit_keys,
    "\x07": _info,
    "\x1e": _other_file,
    **dict.fromkeys("\x1b\x03", _nothing),
    "\x0c": _redraw,
    **scrolling.ACTIONS,
}

_AFTER_G: dict[str, Action] = {
    "J": changes.join_lines,
    "a": _character,
    "8": _bytes,
    "i": changes.insert_again,
    "I": changes.insert_first,
    "v": _select_again,
    **dict.fromkeys("pP", changes.put_after),
    "n": _select_match,
    "\x07": _info,
}
