"""Changes of normal mode that are not operators: `x`, `i`, `o`, `r`, `~`, `J`, `p` and others."""

import re

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi import pending
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.insert import insert, open_line
from lab.cluster.sim.shell.editing.vi.keyboard import Special, Typing, printable
from lab.cluster.sim.shell.editing.vi.literal import literal
from lab.cluster.sim.shell.editing.vi.operators import change_case, delete, join, put
from lab.cluster.sim.shell.editing.vi.regions import Region
from lab.cluster.sim.shell.editing.vi.registers import Kind
from lab.cluster.sim.shell.editing.vi.state import Command, Vi

__all__ = [
    "add",
    "ampersand",
    "delete_chars",
    "insert_again",
    "insert_first",
    "insert_text",
    "join_lines",
    "open_text",
    "paste",
    "put_after",
    "put_text",
    "replace_char",
    "replace_mode",
    "tilde",
]

_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|0[bB][01]+|-?\d+")


def delete_chars(vi: Vi, command: Command) -> None:
    """Delete characters at the cursor or before it (`x`, `X`)."""
    col, row = vi.cursor.col, vi.cursor.row
    forward = command.key in "x" + Special.DELETE
    end = min(col + command.times, len(vi.line)) if forward else col
    start = col if forward else max(col - command.times, 0)
    if start == end:
        vi.bell = True
        return
    delete(vi, Region(Kind.CHARS, Pos(row, start), Pos(row, end)), command.register)


def insert_text(vi: Vi, command: Command) -> Typing[None]:
    """Insert at the cursor, after it, or at an end of the line (`i`, `a`, `I`, `A`)."""
    row, col = vi.cursor
    vi.check_writable()
    with vi.inserting():
        if command.key == "a":
            vi.go(Pos(row, col + 1 if vi.line else 0))
        elif command.key == "A":
            vi.go(Pos(row, len(vi.line)))
        elif command.key == "I":
            vi.go(Pos(row, _indent_for_insert(vi)))
    yield from insert(vi, count=command.times)


def _indent_for_insert(vi: Vi) -> int:
    line = vi.line
    blanks = len(line) - len(line.lstrip(" \t"))
    # If the line has only blanks, vi puts the text before the last one.
    if blanks == len(line) and blanks and vi.options.like_vi("H"):
        return blanks - 1
    return blanks


def open_text(vi: Vi, command: Command) -> Typing[None]:
    """Insert in a line below or above (`o`, `O`)."""
    open_line(vi, below=command.key == "o")
    yield from insert(vi, count=command.times, opens=True)


def replace_mode(vi: Vi, command: Command) -> Typing[None]:
    """Type over the text (`R`)."""
    vi.check_writable()
    yield from insert(vi, count=command.times, replace=True)


def replace_char(vi: Vi, command: Command) -> Typing[None]:
    """Replace characters by a typed one (`r`)."""
    key = yield from vi.keyboard.get()
    if key == "\x1b":
        raise Beep
    literally = key == "\x16"
    if literally:
        key = yield from literal(vi)
    row, col = vi.cursor
    count = command.times
    if col + count > len(vi.line):
        raise Beep
    line = vi.line
    if key in "\r\n" and not literally:
        vi.replace_lines(row, 1, [line[:col], _indented(vi, line, line[col + count :])])
        vi.go(Pos(row + 1, len(vi.lines[row + 1]) - len(line[col + count :].lstrip(" \t"))
                  if vi.options.on("autoindent") else 0))  # fmt: skip
    elif key in "\x05\x19":
        other = row + (1 if key == "\x05" else -1)
        if not 0 <= other <= vi.buffer.last or col >= len(vi.lines[other]):
            raise Beep
        vi.set_line(row, line[:col] + vi.lines[other][col : col + count] + line[col + count :])
    elif not printable(key) and key != "\t" and not literally:
        raise Beep
    else:
        vi.set_line(row, line[:col] + key * count + line[col + count :])
        vi.go(Pos(row, col + count - 1))
    vi.changed_between(Pos(row, col), vi.cursor)


def _indented(vi: Vi, line: str, rest: str) -> str:
    if not vi.options.on("autoindent"):
        return rest
    return line[: len(line) - len(line.lstrip(" \t"))] + rest.lstrip(" \t")


def tilde(vi: Vi, command: Command) -> Typing[None] | None:
    """Change the case of characters (`~`)."""
    if vi.options.on("tildeop"):
        return pending.operate(vi, command, "g~")
    row, col = vi.cursor
    if not vi.line:
        raise Beep
    end = min(col + command.times, len(vi.line))
    change_case(vi, Region(Kind.CHARS, Pos(row, col), Pos(row, end)), str.swapcase)
    if end >= len(vi.line) and command.times > end - col and "~" in vi.options.text("whichwrap"):
        end = len(vi.line)
    vi.go(Pos(row, min(end, len(vi.line))))
    vi.changed_between(Pos(row, col), Pos(row, max(end - 1, 0)))
    return None


def join_lines(vi: Vi, command: Command) -> None:
    """Join lines (`J`, `gJ`)."""
    count = max(command.times, 2)
    if vi.cursor.row + count > len(vi.lines):
        if count == 2:
            raise Beep
        if vi.cursor.row == vi.buffer.last:
            vi.go(Pos(vi.cursor.row, len(vi.line)))
            return
        count = len(vi.lines) - vi.cursor.row
    join(vi, vi.cursor.row, count, blanks=command.key == "J")


def put_text(vi: Vi, command: Command) -> None:
    """Put a register (`p`, `P`)."""
    held = vi.registers.get(command.register)
    if held is None:
        raise Failure("E353: Nothing in register " + (command.register or '"'))
    put(vi, held, command.times, after=command.key == "p")


def add(vi: Vi, command: Command) -> None:
    """Ctrl-A and Ctrl-X: change the number at the cursor or after it."""
    by = command.times if command.key == "\x01" else -command.times
    row, col = vi.cursor
    vi.keep_lines(row, 1)
    for match in _NUMBER.finditer(vi.line):
        if match.end() > col:
            break
    else:
        raise Beep
    made = _added(match, by)
    vi.set_line(row, vi.line[: match.start()] + made + vi.line[match.end() :])
    vi.go(Pos(row, match.start() + len(made) - 1))


def _added(match: re.Match[str], by: int) -> str:
    text = match[0]
    if text[:2].lower() in {"0x", "0b"}:
        base, form = (16, "x") if text[1] in "xX" else (2, "b")
        number = (int(text[2:], base) + by) % (1 << 64)
        form = "X" if form == "x" and any(char.isupper() for char in text[2:]) else form
        return text[:2] + f"{number:0{len(text) - 2}{form}}"
    digits = text.lstrip("-")
    if digits.startswith("0") and len(digits) > 1 and set(digits) <= set("01234567"):
        number = (int(digits, 8) + by) % (1 << 64)
        return f"{number:0{len(digits)}o}"
    number = int(text) + by
    if digits.startswith("0") and len(digits) > 1:
        return f"{'-' if number < 0 else ''}{abs(number):0{len(digits)}d}"
    return str(number)


def ampersand(vi: Vi, command: Command) -> Typing[None]:
    """Repeat the last substitution (`&`)."""
    where = "" if command.times <= 1 else f".,.+{command.times - 1}"
    vi.messages.echo(f":{where}s", vi.window.width)
    yield from vi.run_line(f"{where}s")


def paste(vi: Vi, command: Command) -> Typing[None]:
    """Insert a paste before the cursor, and put the cursor behind it."""
    del command
    at_end = vi.cursor.col >= len(vi.line) - 1 > 0
    with vi.inserting():
        if at_end:
            vi.go(Pos(vi.cursor.row, len(vi.line)))
    vi.keyboard.play(Special.PASTE + "\x1b", mapped=False)
    yield from insert(vi)


def insert_again(vi: Vi, command: Command) -> Typing[None]:
    """Insert where insert mode ended last (`gi`)."""
    with vi.inserting():
        if "^" in vi.buffer.marks:
            vi.go(vi.buffer.marks["^"])
    yield from insert(vi, count=command.times)


def insert_first(vi: Vi, command: Command) -> Typing[None]:
    """Insert at the start of the line (`gI`)."""
    vi.go(Pos(vi.cursor.row, 0))
    yield from insert(vi, count=command.times)


def put_after(vi: Vi, command: Command) -> None:
    """`gp` and `gP`: put, and leave the cursor behind it."""
    held = vi.registers.get(command.register)
    if held is None:
        raise Beep
    key = vi.keyboard.command[-1]
    put(vi, held, command.times, after=key == "p", cursor_after=True)
