"""Insert and replace mode: the keys."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.inserted import Inserted
from lab.cluster.sim.shell.editing.vi.keyboard import ARROWS, Special, Typing, printable
from lab.cluster.sim.shell.editing.vi.literal import literal
from lab.cluster.sim.shell.editing.vi.operators import indent_columns, set_indent
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["insert", "open_line"]

_BACKSPACE = {"\x7f", "\x08"}
_MOVES = ARROWS + Special.HOME + Special.END
#: Control characters that are inserted literally.
_PLAIN = "\x02\x06\x07\x0c\x10\x0e\x13\x18\x1a\x1d\x1e\x1f"


def insert(vi: Vi, *, count: int = 1, replace: bool = False, opens: bool = False, ghost: str = "") -> Typing[str]:
    """Insert typed text until Escape, and return it; with a count, that many times.

    With `opens`, each repetition begins a line. `ghost` is deleted text that stays visible until it is typed over.
    """
    insertion = _Insertion(vi, replace=replace)
    vi.ghost = ghost
    vi.window.inserting = True
    if vi.messages.printed is not None:
        vi.messages.end()
    vi.mode = "-- REPLACE --" if replace else "-- INSERT --"
    if vi.options.on("paste"):
        vi.mode = vi.mode[:-3] + "(paste) --"
    try:
        wanted_again = yield from insertion.run()
        text = insertion.inserted.text
        for _ in range(count - 1 if wanted_again else 0):
            insertion.again(opens=opens, cover=not vi.options.like_vi("X"))
        insertion.inserted.finish()
    finally:
        vi.window.inserting = False
        vi.mode = vi.ghost = ""
    if vi.options.on("showmode"):
        vi.messages.clear()
    vi.registers.inserted = text or vi.registers.inserted
    vi.buffer.marks["^"] = vi.cursor
    row, col = vi.cursor
    vi.go(Pos(row, col if insertion.moved else col - 1))
    return text


def open_line(vi: Vi, *, below: bool) -> None:
    """Begin a line below or above the cursor's, indented as the options say."""
    row = vi.cursor.row
    indent = indent_columns(vi, vi.line) if vi.options.on("autoindent") else 0
    at = row + 1 if below else row
    if vi.buffer.empty:
        vi.set_line(0, "")
    vi.insert_lines(at, [""])
    if indent:
        set_indent(vi, at, indent)
    with vi.inserting():
        vi.go(Pos(at, len(vi.lines[at])))


class _Insertion:
    """The keys of one insertion."""

    def __init__(self, vi: Vi, *, replace: bool) -> None:
        self._vi = vi
        self.inserted = Inserted(vi, replace=replace)
        #: The keys of the text, for repetitions.
        self._keys: list[str] = []
        #: Whether the last key moved the cursor.
        self.moved = False
        self._actions = {
            "\r": self.inserted.break_line,
            "\n": self.inserted.break_line,
            "\t": self.inserted.tab,
            "\x7f": self.inserted.backspace,
            "\x08": self.inserted.backspace,
            "\x17": self.inserted.erase_word,
            "\x15": self.inserted.erase_line,
            Special.DELETE: self.inserted.delete,
        }

    def run(self) -> Typing[bool]:
        """Process keys until Escape; return False if Ctrl-C ended it."""
        vi = self._vi
        while True:
            key = yield from vi.keyboard.get("i", escapes=vi.options.on("esckeys"))
            if key in "\x1b\x03":
                return key == "\x1b"
            if key == "\x1c" and (yield from vi.keyboard.get()) in "\x0e\x07":
                return True
            if key == "\x0f":
                yield from self._one_command()
            elif key in "\x16\x11":
                key = yield from literal(vi)
                self._keys.append(key)
                self.inserted.add(key)
            elif key == "\x12":
                self._register((yield from vi.keyboard.get()))
            elif key in "\x00\x01":
                self.inserted.add_all(vi.registers.inserted or "")
                if key == "\x00":
                    return True
            else:
                self._keys.append(key)
                self._take(key)

    def again(self, *, opens: bool, cover: bool) -> None:
        """Repeat the insertion; in replace mode, over other text if it is to `cover` that."""
        self.inserted.replace = self.inserted.replace and cover
        if opens:
            open_line(self._vi, below=True)
        for key in self._keys:
            self._take(key)

    def _take(self, key: str) -> None:
        vi = self._vi
        self.moved = False
        if (action := self._actions.get(key)) is not None:
            action()
        elif key in "\x14\x04":
            zero = self._keys[-2:-1] in (["0"], ["^"]) and vi.line[: vi.cursor.col].endswith(("0", "^"))
            self.inserted.shift(1 if key == "\x14" else -1, whole=zero and key == "\x04")
        elif key in "\x05\x19":
            self._copy(1 if key == "\x05" else -1)
        elif key == Special.PASTE:
            self._paste(vi.keyboard.pasted)
        elif key in _MOVES:
            self._move(key)
        elif printable(key) or key in _PLAIN:
            self.inserted.add(key)

    def _copy(self, step: int) -> None:
        """Insert the character below the cursor, or above it."""
        vi = self._vi
        row = vi.cursor.row + step
        if 0 <= row <= vi.buffer.last:
            col = vi.window.char_at(row, vi.window.column_of(vi.cursor))
            if col < len(vi.lines[row]):
                self.inserted.add(vi.lines[row][col])
                return
        vi.bell = True

    def _register(self, name: str) -> None:
        """Insert a register's text."""
        held = self._vi.registers.get(None if name == '"' else name)
        if held is None:
            self._vi.bell = True
            return
        self._keys += held.keys
        self.inserted.add_all(held.keys)

    def _paste(self, text: str) -> None:
        """Insert a paste literally: without indents."""
        options = self._vi.options
        before = options.on("paste")
        options.put("paste", value=True)
        self.inserted.add_all(text)
        options.put("paste", value=before)

    def _move(self, key: str) -> None:
        """Move by an arrow: later text is another insertion."""
        vi = self._vi
        row, col = vi.cursor
        places = {
            Special.LEFT: Pos(row, col - 1) if col else None,
            Special.RIGHT: Pos(row, col + 1) if col < len(vi.line) else None,
            Special.HOME: Pos(row, 0),
            Special.END: Pos(row, len(vi.line)),
        }
        if key in Special.UP + Special.DOWN:
            other = row + (1 if key == Special.DOWN else -1)
            if not 0 <= other <= vi.buffer.last:
                vi.bell = True
                return
            vi.go_row(other)
        elif (place := places[key]) is not None:
            vi.go(place)
        else:
            vi.bell = True
            return
        self._begin_again()
        self.moved = True

    def _begin_again(self) -> None:
        """Begin another insertion at the cursor, for undo and for `.`."""
        vi = self._vi
        vi.buffer.history.close()
        self._keys.clear()
        self.inserted.begin_again()
        vi.keyboard.command[:] = ["i"]

    def _one_command(self) -> Typing[None]:
        """Ctrl-O: one command of normal mode."""
        vi = self._vi
        mode, vi.mode = vi.mode, vi.mode.replace("-- ", "-- (insert) --")[: len("-- (insert) --")]
        vi.window.inserting = False
        at_end = vi.cursor.col == len(vi.line) > 0
        if at_end:
            vi.cursor = Pos(vi.cursor.row, vi.cursor.col - 1)
        before = vi.cursor
        try:
            yield from vi.run_command()
        except Beep:
            vi.bell = True
        vi.window.inserting = True
        if at_end and vi.cursor == before:
            vi.cursor = Pos(vi.cursor.row, vi.cursor.col + 1)
        vi.mode = mode
        self._begin_again()
