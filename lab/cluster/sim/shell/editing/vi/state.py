"""The whole state of one vi: text, window, options, registers, keys and messages."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from lab.cluster.sim.shell.editing.canvas import Span
from lab.cluster.sim.shell.editing.host import Host
from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.buffer import Buffer
from lab.cluster.sim.shell.editing.vi.display import STYLE
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.keyboard import Keyboard, Typing
from lab.cluster.sim.shell.editing.vi.messages import Messages, folded
from lab.cluster.sim.shell.editing.vi.options import Options
from lab.cluster.sim.shell.editing.vi.patterns import Found, Pattern, compile_pattern
from lab.cluster.sim.shell.editing.vi.registers import Kind, Register, Registers
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE, Window

__all__ = ["Command", "Redo", "Search", "Vi", "Visual"]


@dataclass(slots=True)
class Command:
    """A typed command of normal mode: its register, its count and its key."""

    key: str = ""
    register: str | None = None
    #: None without a count.
    count: int | None = None

    @property
    def times(self) -> int:
        """The number of repetitions: one without a count."""
        return 1 if self.count is None else self.count


@dataclass(frozen=True, slots=True)
class Redo:
    """The command that `.` repeats."""

    keys: str
    register: str | None
    count: int | None
    #: The kind and the size of the changed selection, in lines and columns, if there was one.
    visual: "tuple[Kind, int, int] | None" = None


@dataclass(slots=True)
class Visual:
    """The selection: from `start` to the cursor."""

    kind: Kind
    start: Pos
    #: Whether the last row shows it: not while `.` selects.
    shown: bool = True


@dataclass(slots=True)
class Search:
    """The last search: pattern, direction, and the cursor's place relative to the match."""

    pattern: str = ""
    forward: bool = True
    offset: str = ""


@dataclass(slots=True)
class _Last:
    """The last actions that can be repeated."""

    search: Search = field(default_factory=Search)
    #: The character that `;` searches, and the key of that search.
    find: tuple[str, str] | None = None
    substitute: tuple[str, str, str] | None = None
    #: Whether the last used pattern was a substitution's.
    substitute_pattern: str | None = None
    replacement: str = ""
    shell: str | None = None
    register: str | None = None
    visual: tuple[Kind, Pos, Pos, int] | None = None
    insert: Pos | None = None


class Vi:
    """The state of one editor. Changes to the text go through here, so that undo knows them."""

    #: The functions that run a command line and one command of normal mode: each may run the other.
    run_line: Callable[[str], Typing[None]]
    run_command: Callable[[], Typing[None]]

    def __init__(self, host: Host, *, compatible: bool, height: int, width: int) -> None:
        self.host = host
        self.options = Options(compatible=compatible)
        self.buffer = Buffer("", host.now)
        self.window = Window(self.buffer, self.options, height - 1, width)
        self.registers = Registers()
        self.registers.append_below = self.options.like_vi(">")
        self.keyboard = Keyboard()
        self.messages = Messages()
        self.last = _Last()
        self.redo: Redo | None = None
        self.visual: Visual | None = None
        #: The mode's text in the last row, and the command line with its cursor.
        self.mode = ""
        self.command_line: tuple[str, int] | None = None
        #: Text that a line shows in addition while it is changed: the column before it, and the text.
        self.ghost = ""
        #: Set while `:g` runs: messages wait.
        self.globally = False
        #: Set while a line of commands runs: messages are not cut then.
        self.in_line = False
        #: How many substitutions `:g` has made, and in how many lines.
        self.substituted = (0, 0)
        self.exit_code: int | None = None
        #: The name of the previous file, with its cursor.
        self.other: tuple[str, Pos] | None = None
        self.screen_height = height
        self.readonly = False
        self.warned_readonly = False
        #: The history of command lines, by their first character.
        self.entered: dict[str, list[str]] = {":": [], "/": []}
        self.bell = False
        #: The file arguments, and the index of the edited one.
        self.arguments: list[str] = []
        self.argument = 0
        #: A question in the last row, and the match that it is about.
        self.question = ""
        self.matched: Found | None = None

    # Places

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.buffer.lines

    @property
    def cursor(self) -> Pos:
        """The cursor's place."""
        return self.window.cursor

    @cursor.setter
    def cursor(self, pos: Pos) -> None:
        self.window.cursor = pos

    @property
    def line(self) -> str:
        """The cursor's line."""
        return self.buffer.lines[self.window.cursor.row]

    def go(self, pos: Pos, *, want: bool = True) -> None:
        """Move the cursor to `pos`, within the text; with `want`, its column becomes the wanted one."""
        row = max(min(pos.row, self.buffer.last), 0)
        length = len(self.lines[row])
        beyond = self.window.inserting or (self.visual is not None and self.options.text("selection") != "old")
        self.window.cursor = Pos(row, max(min(pos.col, length if beyond else length - 1), 0))
        if want:
            self.window.set_want()

    def go_row(self, row: int) -> None:
        """Move the cursor to a row, in the wanted column."""
        self.window.cursor = self.window.to_row(row)

    def go_first(self, row: int) -> None:
        """Move the cursor to the first non-blank character of a row."""
        row = max(min(row, self.buffer.last), 0)
        self.go(Pos(row, self.indent_of(row)))

    def go_line(self, row: int) -> None:
        """Move the cursor to a row as a jump does: to its first non-blank character, if 'startofline' is on."""
        if self.options.on("startofline"):
            self.go_first(row)
        else:
            self.go_row(row)

    def indent_of(self, row: int) -> int:
        """Return the column of a line's first non-blank character, or the last column if all are blank."""
        line = self.lines[row]
        blanks = len(line) - len(line.lstrip(" \t"))
        return min(blanks, max(len(line) - 1, 0))

    def clamp(self) -> None:
        """Move the cursor back into the text."""
        self.go(self.cursor, want=self.window.want != END_OF_LINE)

    def mark_jump(self) -> None:
        """Store the cursor's place for the jump back."""
        self.buffer.marks["'"] = self.cursor

    def redo_reset(self) -> None:
        """Forget state that belonged to the previous file."""
        self.visual = None

    # Changes

    def set_line(self, row: int, text: str) -> None:
        """Replace a line."""
        self.check_writable()
        self.buffer.set_line(row, text, self.cursor)

    def keep_lines(self, row: int, count: int) -> None:
        """Store lines for undo, even if they do not change."""
        self.check_writable()
        self.buffer.keep(row, count, self.cursor)

    def insert_lines(self, row: int, lines: Sequence[str]) -> None:
        """Insert lines before a row."""
        self.check_writable()
        self.window.pushed = self.window.pushed or row <= self.window.top
        self.buffer.insert(row, lines, self.cursor)

    def delete_lines(self, row: int, count: int) -> None:
        """Delete lines."""
        self.check_writable()
        count = min(count, len(self.lines) - row)
        self.buffer.delete(row, count, self.cursor)

    def replace_lines(self, row: int, count: int, lines: Sequence[str]) -> None:
        """Replace lines by others."""
        self.check_writable()
        self.buffer.replace(row, count, lines, self.cursor)

    def check_writable(self) -> None:
        """Warn once about a read-only file."""
        if self.readonly and not self.warned_readonly and not self.buffer.changed:
            self.warned_readonly = True
            self.print("W10: Warning: Changing a readonly file", "warning")
            self.messages.pressing = True

    def splice(self, start: Pos, end: Pos, text: str) -> None:
        """Replace the text from `start` to before `end` by `text`."""
        first, last = self.lines[start.row][: start.col], self.lines[end.row][end.col :]
        made = (first + text + last).split("\n")
        if start.row == end.row and len(made) == 1:
            self.set_line(start.row, made[0])
        else:
            self.replace_lines(start.row, end.row - start.row + 1, made)

    def text_between(self, start: Pos, end: Pos) -> list[str]:
        """Return the text from `start` to before `end`, by lines."""
        if start.row == end.row:
            return [self.lines[start.row][start.col : end.col]]
        return [
            self.lines[start.row][start.col :],
            *self.lines[start.row + 1 : end.row],
            self.lines[end.row][: end.col],
        ]

    def changed_between(self, start: Pos, end: Pos) -> None:
        """Set the marks `[` and `]`."""
        self.buffer.marks["["], self.buffer.marks["]"] = start, end

    # Messages

    def say(self, text: str, style: str = "", *, keep: bool = False) -> None:
        """Show a message; with `keep`, it survives the next scroll."""
        room = self._room
        if style != "error" and not self.in_line and "T" in self.options.text("shortmess") and len(text) > room:
            half = (room - 3) // 2
            text = text[:half] + "..." + text[len(text) - (room - 3 - half) :]
        self.messages.say(text, room, self.window.width, style, keep=keep)

    @property
    def _room(self) -> int:
        """The maximum width of a message."""
        return self.window.width - (19 if self.options.on("ruler") else 1)

    def print(self, text: str, style: str = "") -> None:
        """Print a line below the text; a key must be pressed if it does not fit beside the ruler."""
        if len(text) > self._room:
            self.messages.pressing = True
        self.messages.lines(folded([Span(text, STYLE.get(style, ""))], self.window.width))

    # Patterns

    def pattern(self, source: str) -> Pattern:
        """Return a pattern, compiled by the options; an empty one stands for the last one."""
        if not source:
            source = self.last.search.pattern
            if not source:
                raise Beep
        ignore = self.options.on("ignorecase") and not (
            self.options.on("smartcase") and any(char.isupper() for char in source.replace("\\", ""))
        )
        return compile_pattern(
            source, ignore_case=ignore, literal_backslash=self.options.like_vi("l"), last=self.last.replacement
        )

    @contextmanager
    def inserting(self) -> Iterator[None]:
        """While the body runs, the cursor may be behind the last character."""
        before, self.window.inserting = self.window.inserting, True
        try:
            yield
        finally:
            self.window.inserting = before

    # Selections

    def selected(self) -> tuple[Kind, Pos, Pos]:
        """Return the selection: its kind, its first place and its last."""
        if self.visual is None:
            raise Beep
        first, last = sorted((self.visual.start, self.cursor))
        return self.visual.kind, first, last

    def block(self, first: Pos, last: Pos) -> tuple[int, int]:
        """Return the first and last column of a block with these corners."""
        columns = []
        for pos in (first, last):
            start = self.window.column_of(Pos(pos.row, pos.col))
            before = self._start_column(pos)
            columns.append((before, max(start, self._start_column(Pos(pos.row, pos.col + 1)) - 1)))
        right = END_OF_LINE if self.window.want == END_OF_LINE else max(columns[0][1], columns[1][1])
        return min(columns[0][0], columns[1][0]), right

    def _start_column(self, pos: Pos) -> int:
        with self.inserting():
            return self.window.column_of(pos)

    def register(self, kind: Kind, lines: list[str], width: int = 0) -> Register:
        """Make a register."""
        return Register(kind, lines, width)
