"""nano's changes to the text."""

from lab.cluster.sim.shell.editing.nano.state import Nano
from lab.cluster.sim.shell.editing.positions import Pos

__all__ = [
    "backspace",
    "between",
    "break_line",
    "comment",
    "copy",
    "cut",
    "cut_to_end",
    "delete",
    "indent",
    "paste",
    "redo",
    "type_text",
    "undo",
    "unindent",
]

_TAB = 8


def type_text(nano: Nano, text: str) -> None:
    """Insert typed text."""
    at = nano.text.cursor
    nano.text.replace("addition", at, at, text, Pos(at.row, at.col + len(text)))
    nano.window.set_want()


def break_line(nano: Nano) -> None:
    """Begin a new line."""
    row, col = nano.text.cursor
    line = nano.text.line
    indent = ""
    if "I" in nano.flags:
        indent = line[: min(len(line) - len(line.lstrip(" \t")), col)]
    nano.text.replace("line break", Pos(row, col), Pos(row, col), "\n" + indent, Pos(row + 1, len(indent)))
    nano.window.set_want()


def backspace(nano: Nano) -> None:
    """Delete the character before the cursor."""
    row, col = nano.text.cursor
    if col:
        nano.text.replace("deletion", Pos(row, col - 1), Pos(row, col), "", Pos(row, col - 1))
    elif row:
        before = len(nano.text.lines[row - 1])
        if row == nano.text.last and before:
            # Nothing follows the last line end: it stays.
            nano.go(Pos(row - 1, before))
        else:
            nano.text.replace("line join", Pos(row - 1, before), Pos(row, 0), "", Pos(row - 1, before))
    nano.window.set_want()


def delete(nano: Nano) -> None:
    """Delete the character at the cursor."""
    row, col = nano.text.cursor
    if col < len(nano.text.line):
        nano.text.replace("deletion", Pos(row, col), Pos(row, col + 1), "", Pos(row, col))
    elif row < nano.text.last and (row + 1 < nano.text.last or not nano.text.line):
        nano.text.replace("line join", Pos(row, col), Pos(row + 1, 0), "", Pos(row, col))
    nano.window.set_want()


def _take(nano: Nano, text: str) -> None:
    """Store a cut or copied text; append it if the last command cut or copied too."""
    nano.cut = nano.cut + text if nano.cutting else text


def cut(nano: Nano) -> None:
    """Cut the selection, or the line."""
    nano.message = ""
    selection = nano.selection()
    row = nano.text.cursor.row
    if selection is None:
        if row == nano.text.last and not nano.text.line:
            nano.say("Nothing was cut")
            return
        first, last = Pos(row, 0), Pos(min(row + 1, nano.text.last), 0)
    else:
        first, last = selection
        if first == last:
            nano.mark = None
            nano.say("Nothing was cut")
            return
        nano.cutting = False
    _take(nano, between(nano, first, last))
    nano.mark = None
    nano.text.replace("cut", first, last, "", first)
    nano.cutting = selection is None
    nano.window.set_want()


def cut_to_end(nano: Nano) -> None:
    """Cut everything from the cursor on."""
    nano.message = ""
    first, last = nano.text.cursor, Pos(nano.text.last, 0)
    if first == last:
        nano.say("Nothing was cut")
        return
    nano.cut = between(nano, first, last)
    nano.text.replace("cut", first, last, "", first)
    nano.window.set_want()


def copy(nano: Nano) -> None:
    """Copy the selection, or the line."""
    nano.message = ""
    selection = nano.selection()
    if selection is not None:
        nano.cut = between(nano, *selection)
        nano.mark = None
        return
    row = nano.text.cursor.row
    if row == nano.text.last:
        nano.say("Copied nothing")
        return
    _take(nano, nano.text.line + "\n")
    nano.cutting = True
    nano.go(Pos(row + 1, 0))


def between(nano: Nano, first: Pos, last: Pos) -> str:
    """Return the text between two places."""
    lines = nano.text.lines
    if first.row == last.row:
        return lines[first.row][first.col : last.col]
    return "\n".join(
        [lines[first.row][first.col :], *lines[first.row + 1 : last.row], lines[last.row][: last.col]]
    )


def paste(nano: Nano, text: str | None = None) -> None:
    """Insert the cut text, or the terminal's paste."""
    nano.message = ""
    text = nano.cut if text is None else text
    if not text:
        nano.say("Cutbuffer is empty")
        return
    at = nano.text.cursor
    lines = text.split("\n")
    then = Pos(at.row + len(lines) - 1, len(lines[-1]) + (at.col if len(lines) == 1 else 0))
    nano.mark = None
    nano.text.replace("paste", at, at, text, then)
    nano.window.set_want()
    nano.window.follow(center=len(lines) > nano.window.height)


def _rows(nano: Nano) -> range:
    """Return the selected rows, or the cursor's row."""
    selection = nano.selection()
    if selection is None:
        return range(nano.text.cursor.row, nano.text.cursor.row + 1)
    first, last = selection
    return range(first.row, last.row + (1 if last.col or last.row == first.row else 0))


def _change_rows(nano: Nano, kind: str, lines: list[str], rows: range) -> None:
    row, col = nano.text.cursor
    before = nano.text.lines[rows.start : rows.stop]
    if before == lines:
        return
    if row in rows and col:
        moved = len(lines[row - rows.start]) - len(before[row - rows.start])
        col = max(col + moved, 0)
    nano.text.replace_lines(kind, rows.start, len(rows), lines, Pos(row, col))
    nano.window.set_want()


def indent(nano: Nano) -> None:
    """Indent lines by a tab."""
    rows = _rows(nano)
    lines = nano.text.lines[rows.start : rows.stop]
    _change_rows(nano, "indent", ["\t" + line if line else line for line in lines], rows)


def unindent(nano: Nano) -> None:
    """Remove a tab, or as many blanks, from the start of lines."""
    rows = _rows(nano)
    made = []
    for line in nano.text.lines[rows.start : rows.stop]:
        blanks = len(line[:_TAB]) - len(line[:_TAB].lstrip(" "))
        made.append(line[blanks + (blanks < _TAB and line[blanks : blanks + 1] == "\t") :])
    _change_rows(nano, "unindent", made, rows)


def comment(nano: Nano) -> None:
    """Put a `#` before lines, or remove it if all lines have one."""
    rows = _rows(nano)
    if nano.mark is None and rows.start == nano.text.last:
        nano.say("Cannot comment past end of file")
        return
    lines = nano.text.lines[rows.start : rows.stop]
    if all(line.startswith("#") for line in lines if line):
        _change_rows(nano, "uncomment", [line.removeprefix("#") for line in lines], rows)
    else:
        _change_rows(nano, "comment", ["#" + line if line else line for line in lines], rows)


def undo(nano: Nano) -> None:
    """Undo the last change."""
    nano.mark = None
    kind = nano.text.undo()
    nano.say("Nothing to undo" if kind is None else f"Undid {kind}")
    nano.window.set_want()
    nano.window.follow(center=True)


def redo(nano: Nano) -> None:
    """Redo the last undone change."""
    kind = nano.text.redo()
    nano.say("Nothing to redo" if kind is None else f"Redid {kind}")
    nano.window.set_want()
    nano.window.follow(center=True)
