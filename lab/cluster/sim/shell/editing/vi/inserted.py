"""Text during its insertion, and its removal."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.operators import indent_columns, set_indent, shift_row
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.words import char_class

__all__ = ["Inserted"]


class Inserted:
    """The text inserted since `start`, in replace mode over other text."""

    def __init__(self, vi: Vi, *, replace: bool) -> None:
        self.vi = vi
        self.replace = replace
        self.start = vi.cursor
        #: The typed text since the start.
        self.text = ""
        #: In replace mode: the text below each typed character.
        self._covered: list[str] = []
        #: The columns of an automatic indent, as long as nothing follows it.
        self._made_indent = 0
        if vi.options.on("autoindent") and vi.line and not vi.line.strip(" \t") and vi.cursor.col == len(vi.line):
            self._made_indent = vi.cursor.col

    def begin_again(self) -> None:
        """Begin another insertion at the cursor."""
        self.start = self.vi.cursor
        self.text = ""
        self._covered.clear()
        self._made_indent = 0

    def finish(self) -> None:
        """End; an indent without text behind it is removed."""
        vi = self.vi
        if self._made_indent and vi.cursor.col == self._made_indent == len(vi.line) and not vi.line.strip(" \t"):
            vi.set_line(vi.cursor.row, "")
            vi.cursor = Pos(vi.cursor.row, 0)
        vi.changed_between(min(self.start, vi.cursor), vi.cursor)

    # Inserting

    def add(self, char: str) -> None:
        """Insert a character, or overwrite another one."""
        vi = self.vi
        if char == "\n":
            self.break_line()
            return
        self._wrap(char)
        row, col = vi.cursor
        line = vi.line
        covered = ""
        if self.replace and col < len(line):
            covered = line[col]
            line = line[:col] + line[col + 1 :]
        self._covered.append(covered)
        vi.set_line(row, line[:col] + char + line[col:])
        vi.cursor = Pos(row, col + 1)
        vi.ghost = vi.ghost[1:]
        self.text += char
        self._made_indent = 0
        vi.window.set_want()

    def add_all(self, text: str) -> None:
        """Insert each character of a text."""
        for char in text:
            self.add(char)

    def _wrap(self, char: str) -> None:
        """Begin a line at a blank before 'textwidth' is exceeded."""
        vi = self.vi
        width = vi.options.number("textwidth")
        if not width or char in " \t" or vi.window.column_of(vi.cursor) < width or self.replace:
            return
        line, (row, col) = vi.line, vi.cursor
        only_new = "v" in vi.options.text("formatoptions") and self.start.row == row
        first = self.start.col if only_new else 0
        at = col - 1
        while at >= first and (line[at] not in " \t" or at > width):
            at -= 1
        if at < max(first, 1) or not line[:at].strip(" \t"):
            return
        word = at + 1
        while line[word : word + 1] in {" ", "\t"}:
            word += 1
        vi.splice(Pos(row, len(line[:at].rstrip(" \t"))), Pos(row, word), "\n")
        if indent := indent_columns(vi, vi.lines[row]) if vi.options.on("autoindent") else 0:
            set_indent(vi, row + 1, indent)
        vi.cursor = Pos(row + 1, len(vi.lines[row + 1]) - len(line[col:]))

    def break_line(self) -> None:
        """Begin a line at the cursor."""
        vi = self.vi
        row, col = vi.cursor
        line = vi.line
        indent = indent_columns(vi, line) if vi.options.on("autoindent") else 0
        kept, rest = line[:col], line[col:]
        if self._made_indent and not kept.strip(" \t"):
            kept = ""
        if indent and not self.replace:
            rest = rest.lstrip(" \t")
        vi.replace_lines(row, 1, [kept, rest])
        vi.buffer.line_held = True
        vi.cursor = Pos(row + 1, 0)
        self._made_indent = 0
        if indent:
            set_indent(vi, row + 1, indent)
            vi.cursor = Pos(row + 1, len(vi.lines[row + 1]) - len(rest.lstrip(" \t")))
            self._made_indent = vi.cursor.col
        vi.ghost = ""
        self._covered.append("\n")
        self.text += "\n"
        vi.window.set_want()

    def tab(self) -> None:
        """Insert a tab, or blanks up to the next stop."""
        vi, options = self.vi, self.vi.options
        soft = options.number("softtabstop")
        smart = options.on("smarttab") and not vi.line[: vi.cursor.col].strip(" \t")
        if not options.on("expandtab") and not soft and not (smart and options.shift != options.number("tabstop")):
            self.add("\t")
            return
        width = options.shift if smart else soft or options.number("tabstop")
        self.add_all(" " * (width - vi.window.column_of(vi.cursor) % width))
        if not options.on("expandtab"):
            self._tabs_for_blanks()

    def _tabs_for_blanks(self) -> None:
        """Replace the blanks before the cursor by tabs."""
        vi = self.vi
        row, col = vi.cursor
        line = vi.line
        start = len(line[:col].rstrip(" \t"))
        stop = vi.options.number("tabstop")
        at, end = vi.window.column_of(Pos(row, start)), vi.window.column_of(vi.cursor)
        made = ""
        while at // stop * stop + stop <= end:
            made += "\t"
            at = at // stop * stop + stop
        made += " " * (end - at)
        vi.set_line(row, line[:start] + made + line[col:])
        vi.cursor = Pos(row, start + len(made))

    def shift(self, by: int, *, whole: bool) -> None:
        """Shift the line; with `whole`, remove its indent and the character before the cursor."""
        vi = self.vi
        row, before = vi.cursor.row, len(vi.line)
        if whole:
            col = vi.cursor.col
            vi.set_line(row, vi.line[: col - 1] + vi.line[col:])
            set_indent(vi, row, 0)
        else:
            shift_row(vi, row, by, rounded=True)
        moved = len(vi.line) - before
        vi.cursor = Pos(row, max(vi.cursor.col + moved, 0))
        if self.start.row == row:
            self.start = Pos(row, max(min(self.start.col + moved, vi.cursor.col), 0))
        if self._made_indent or not vi.line.strip(" \t"):
            self._made_indent = vi.cursor.col
        vi.window.set_want()

    # Erasing

    def _may_erase(self, what: str) -> bool:
        wanted = self.vi.options.text("backspace")
        if wanted.isdigit():
            return int(wanted) >= {"indent": 1, "eol": 1, "start": 2}[what]
        return what in wanted

    def backspace(self) -> None:
        """Delete one character, as far as 'backspace' allows."""
        vi = self.vi
        row, col = vi.cursor
        if self.replace:
            self._uncover()
            return
        at_start = (row, col) <= self.start
        if (at_start and not self._may_erase("start")) or (
            self._made_indent and col <= self._made_indent and not self._may_erase("indent")
        ):
            vi.bell = True
        elif col:
            self._erase_to(self._soft_stop(col))
        elif row and self._may_erase("eol"):
            self._join_before()
            self.start = min(self.start, vi.cursor)
            self.text = self.text[:-1]
        else:
            vi.bell = True

    def _join_before(self) -> None:
        """Join with the previous line."""
        vi = self.vi
        row = vi.cursor.row
        before = len(vi.lines[row - 1])
        vi.replace_lines(row - 1, 2, [vi.lines[row - 1] + vi.line])
        vi.cursor = Pos(row - 1, before)

    def _soft_stop(self, col: int) -> int:
        """Return the target of one backspace: it removes the blanks of a soft tab at once."""
        vi, options = self.vi, self.vi.options
        soft = options.number("softtabstop")
        if not soft and options.on("smarttab") and not vi.line[:col].strip(" \t"):
            soft = options.shift
        if not soft or vi.line[col - 1] != " ":
            return col - 1
        wanted = (vi.window.column_of(vi.cursor) - 1) // soft * soft
        while col and vi.line[col - 1] == " " and vi.window.column_of(Pos(vi.cursor.row, col)) > wanted:
            col -= 1
        return col

    def _uncover(self) -> None:
        """In replace mode, go back and restore the former text."""
        vi = self.vi
        row, col = vi.cursor
        if not self._covered:
            if col:
                vi.cursor = Pos(row, col - 1)
            else:
                vi.bell = True
            return
        covered = self._covered.pop()
        self.text = self.text[:-1]
        if covered == "\n":
            self._join_before()
            return
        line = vi.line
        if vi.options.like_vi("v"):
            vi.ghost = line[col - 1] + vi.ghost
        vi.set_line(row, line[: col - 1] + covered + line[col:])
        vi.cursor = Pos(row, col - 1)

    def _erase_to(self, start: int) -> None:
        vi = self.vi
        row, col = vi.cursor
        if self.replace:
            for _ in range(col - start):
                self._uncover()
            return
        if row == self.start.row and start < self.start.col < col:
            start = self.start.col
        elif row == self.start.row and start < self.start.col and not self._may_erase("start"):
            vi.bell = True
            return
        gone = vi.line[start:col]
        if not gone:
            if col == 0 and (row or self.start.col):
                self.backspace()
            else:
                vi.bell = True
            return
        if vi.options.like_vi("v"):
            vi.ghost = gone + vi.ghost
        vi.set_line(row, vi.line[:start] + vi.line[col:])
        vi.cursor = Pos(row, start)
        self.start = min(self.start, vi.cursor)
        self.text = self.text[: max(len(self.text) - len(gone), 0)]
        self._made_indent = min(self._made_indent, start)
        vi.window.set_want()

    def erase_word(self) -> None:
        """Delete the word before the cursor."""
        line, at = self.vi.line, self.vi.cursor.col
        while at and line[at - 1] in " \t":
            at -= 1
        kind = char_class(line[at - 1 : at])
        while at and kind and char_class(line[at - 1]) == kind:
            at -= 1
        self._erase_to(at)

    def erase_line(self) -> None:
        """Delete everything before the cursor in its line, except the original text and an indent."""
        vi = self.vi
        indent = len(vi.line) - len(vi.line.lstrip(" \t"))
        start = indent if vi.options.on("autoindent") and vi.cursor.col > indent else 0
        if vi.cursor.row == self.start.row and vi.cursor.col > self.start.col:
            start = max(start, self.start.col)
        self._erase_to(start)

    def delete(self) -> None:
        """Delete the character at the cursor."""
        vi = self.vi
        row, col = vi.cursor
        if col < len(vi.line):
            vi.set_line(row, vi.line[:col] + vi.line[col + 1 :])
        elif row < vi.buffer.last and self._may_erase("eol"):
            vi.replace_lines(row, 2, [vi.line + vi.lines[row + 1]])
        else:
            vi.bell = True
