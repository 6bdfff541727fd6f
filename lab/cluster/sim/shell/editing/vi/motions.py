"""The moves of normal mode, which operators use too."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi import line_motions, marks, search_motions, word_motions
from lab.cluster.sim.shell.editing.vi.brackets import unmatched
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.keyboard import Special, Typing
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.state import Command, Vi

__all__ = ["MOTIONS", "motion_of"]

#: A move: the editor, the command with its count, and the operator that waits for it, or nothing.
Move = Callable[[Vi, Command, str], Motion]


def motion_of(vi: Vi, command: Command, operator: str = "") -> Typing[Motion | None]:
    """Return the move of a key; None if the key is not a move. Raise `Beep` if the move is impossible."""
    key = command.key
    if (move := MOTIONS.get(key)) is not None:
        return move(vi, command, operator)
    if (longer := _LONGER.get(key)) is not None:
        return (yield from longer(vi, command))
    if key == "g":
        second = yield from vi.keyboard.get()
        if (move := _AFTER_G.get(second)) is not None:
            return move(vi, command, operator)
        vi.keyboard.forget()
        vi.keyboard.play(second)
    return None


# Within a line


def _left(vi: Vi, command: Command, operator: str) -> Motion:
    row, col = vi.cursor
    wraps = vi.options.text("whichwrap")
    wrap = (command.key in "\x08\x7f" and "b" in wraps) or (command.key == Special.LEFT and "<" in wraps)
    for done in range(command.times):
        if col:
            col -= 1
        elif wrap and row:
            row -= 1
            col = max(len(vi.lines[row]) - (0 if operator else 1), 0)
        else:
            if not operator and not done:
                raise Beep
            break
    return Motion(Pos(row, col))


def _right(vi: Vi, command: Command, operator: str) -> Motion:
    row, col = vi.cursor
    wraps = vi.options.text("whichwrap")
    wrap = (command.key == " " and "s" in wraps) or (command.key == Special.RIGHT and ">" in wraps)
    for done in range(command.times):
        length = len(vi.lines[row])
        last = length if vi.visual is not None else length - 1
        if col < last:
            col += 1
        elif wrap and row < vi.buffer.last:
            if operator and col < length and done == command.times - 1:
                return Motion(Pos(row, col), inclusive=True)
            row, col = row + 1, 0
        else:
            if operator:
                return Motion(Pos(row, col), inclusive=length > 0)
            if not done:
                raise Beep
            break
    return Motion(Pos(row, col))


def _line_start(vi: Vi, command: Command, operator: str) -> Motion:
    del command, operator
    return Motion(Pos(vi.cursor.row, 0))


def _first_char(vi: Vi, command: Command, operator: str) -> Motion:
    del command, operator
    return Motion(Pos(vi.cursor.row, vi.indent_of(vi.cursor.row)))


def _column(vi: Vi, command: Command, operator: str) -> Motion:
    del operator
    column = max(command.times - 1, 0)
    pos = Pos(vi.cursor.row, vi.window.char_at(vi.cursor.row, column))
    vi.window.want = column
    return Motion(pos, keep_want=True)


def _last_char(vi: Vi, command: Command, operator: str) -> Motion:
    del operator
    row = min(vi.cursor.row + command.times - 1, vi.buffer.last)
    return Motion(Pos(row, max(len(vi.lines[row].rstrip(" \t")) - 1, 0)), inclusive=True)


def _find(vi: Vi, command: Command) -> Typing[Motion | None]:
    char = yield from vi.keyboard.get()
    if char == "\x1b":
        raise Beep
    if char == "\x16":
        char = yield from vi.keyboard.get()
    vi.last.find = (command.key, char)
    return _found(vi, command.key, char, command.times, repeated=False)


def _find_again(vi: Vi, command: Command, operator: str) -> Motion:
    del operator
    if vi.last.find is None:
        raise Beep
    key, char = vi.last.find
    if command.key == ",":
        key = key.swapcase()
    return _found(vi, key, char, command.times, repeated=True)


def _found(vi: Vi, key: str, char: str, count: int, *, repeated: bool) -> Motion:
    line, col = vi.line, vi.cursor.col
    step = 1 if key in "ft" else -1
    at = col
    skip = repeated and key in "tT" and not vi.options.like_vi(";") and count == 1
    if skip and line[at + step : at + step + 1 or None] == char:
        at += step
    for _ in range(count):
        at = line.find(char, at + 1) if step > 0 else line.rfind(char, 0, at) if at > 0 else -1
        if at < 0:
            raise Beep
    if key in "tT":
        at -= step
    return Motion(Pos(vi.cursor.row, at), inclusive=step > 0)


# By words, sentences, paragraphs


# By lines


def _bracket(vi: Vi, command: Command) -> Typing[Motion | None]:
    second = yield from vi.keyboard.get()
    opener = {"(": "(", ")": "(", "{": "{", "}": "{"}.get(second)
    if opener and (second in "({") == (command.key == "["):
        return _unmatched(vi, opener, command)
    if second in "[]":
        return _section(vi, command, second)
    if second in "'`":
        return marks.next_mark(vi, command, second)
    if second in "pP":
        return None
    raise Beep


def _unmatched(vi: Vi, opener: str, command: Command) -> Motion:
    pos: Pos | None = vi.cursor
    best = None
    for _ in range(command.times):
        pos = pos and unmatched(vi.lines, pos, opener, ")" if opener == "(" else "}", forward=command.key == "]")
        best = pos or best
    if best is None:
        raise Beep
    return Motion(best, inclusive=False, jump=True)


def _section(vi: Vi, command: Command, second: str) -> Motion:
    forward = command.key == "]"
    wanted = "{" if second == command.key else "}"
    row = vi.cursor.row
    for _ in range(command.times):
        row += 1 if forward else -1
        while 0 < row < vi.buffer.last and not vi.lines[row].startswith((wanted, "\f")):
            row += 1 if forward else -1
    if not 0 <= row <= vi.buffer.last and row - (1 if forward else -1) == vi.cursor.row:
        raise Beep
    row = max(min(row, vi.buffer.last), 0)
    at_end = forward and row == vi.buffer.last and not vi.lines[row].startswith(wanted)
    return Motion(Pos(row, max(len(vi.lines[row]) - 1, 0) if at_end else 0), jump=True)


# Marks and searches


# By rows of the screen


def _second(key: str, move: Move) -> Move:
    """Return a move whose key is the one after `g`."""

    def moved(vi: Vi, command: Command, operator: str) -> Motion:
        return move(vi, Command(key, command.register, command.count), operator)

    return moved


MOTIONS: dict[str, Move] = {
    **dict.fromkeys(("h", "\x08", "\x7f", Special.LEFT), _left),
    **dict.fromkeys(("l", " ", Special.RIGHT), _right),
    **dict.fromkeys(("j", "\n", "\x0e", Special.DOWN), line_motions.down),
    **dict.fromkeys(("k", "\x10", Special.UP), line_motions.up),
    **dict.fromkeys(("0", Special.HOME), _line_start),
    **dict.fromkeys(("$", Special.END), line_motions.line_end),
    "^": _first_char,
    "|": _column,
    ";": _find_again,
    ",": _find_again,
    **dict.fromkeys("wW", word_motions.forward),
    **dict.fromkeys("bB", word_motions.back),
    **dict.fromkeys("eE", word_motions.ends),
    **dict.fromkeys("()", word_motions.sentences),
    **dict.fromkeys("{}", word_motions.paragraphs),
    **dict.fromkeys("+\r", line_motions.next_line),
    "-": line_motions.line_before,
    "_": line_motions.this_line,
    "G": line_motions.goto_line,
    **dict.fromkeys("HML", line_motions.screen_line),
    "%": line_motions.percent,
    **dict.fromkeys("nN", search_motions.again),
    **dict.fromkeys("*#", search_motions.star),
}

_AFTER_G: dict[str, Move] = {
    "g": line_motions.goto_first,
    "_": _last_char,
    "o": line_motions.byte,
    **{key: _second(key, word_motions.ends_back) for key in "eE"},
    **{key: _second(key, line_motions.row_moves) for key in "jk"},
    **{key: _second(key, line_motions.row_edge) for key in "0^m$"},
    "*": lambda vi, command, _: search_motions.starred(vi, Command("*", None, command.count), whole=False),
    "#": lambda vi, command, _: search_motions.starred(vi, Command("#", None, command.count), whole=False),
}

#: Moves that need more keys.
_LONGER: dict[str, Callable[[Vi, Command], Typing[Motion | None]]] = {
    **dict.fromkeys("fFtT", _find),
    **dict.fromkeys("'`", marks.to_mark),
    **dict.fromkeys("/?", search_motions.search),
    **dict.fromkeys("[]", _bracket),
}
