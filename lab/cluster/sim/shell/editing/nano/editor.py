"""One nano: its keys and its screen."""

from functools import partial
from typing import TYPE_CHECKING

from lab.cluster.sim.shell.editing.canvas import Frame, Row, Span
from lab.cluster.sim.shell.editing.host import Host
from lab.cluster.sim.shell.editing.nano import changes, files, moves, search
from lab.cluster.sim.shell.editing.nano.keys import Typing, is_text
from lab.cluster.sim.shell.editing.nano.menus import bars, yes_no_bars
from lab.cluster.sim.shell.editing.nano.state import Nano
from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.shell import Shell, ShellResult

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["NanoEditor"]

_TITLE = "GNU nano 7.2"
_BAR = "7"
_ALERT = "1;37;41"
_FLAGS = "IMLRS"
#: Functions of nano that are not simulated.
_MISSING = {
    "^G": "help",
    "M-J": "justify",
    "M-S": "soft wrapping",
    "M-P": "whitespace display",
    "M-V": "verbatim input",
}


class NanoEditor:
    """A nano on one file, with the cursor at a line and a column, counted from one; `readonly` is `nano -v`."""

    def __init__(
        self,
        host: Host,
        path: str,
        *,
        rows: int,
        cols: int,
        line: int = 1,
        column: int = 1,
        readonly: bool = False,
    ) -> None:
        self.nano = Nano(host, path, rows, cols)
        self.nano.readonly = readonly
        files.open_file(self.nano)
        self.nano.go(Pos(line - 1, column - 1))
        self.nano.window.follow(center=True)
        self._actions = _actions(self.nano)
        self._asked: Shell | None = None
        self._life = self._live()
        self._advance(None)

    @property
    def exit_code(self) -> int | None:
        """The exit code; None while it runs."""
        return self.nano.exit_code

    @property
    def asks(self) -> Shell | None:
        """The command whose result it waits for."""
        return self._asked

    def type(self, keys: str) -> None:
        """Process keys, as a terminal sends them."""
        self.nano.keys.type(keys)
        if self._asked is None:
            self._advance(None)

    def answer(self, result: ShellResult) -> None:
        """Continue with the result of a command."""
        self._asked = None
        self._advance(result)

    def resize(self, rows: int, cols: int) -> None:
        """Adapt to another size of the terminal."""
        nano = self.nano
        nano.rows, nano.cols = rows, cols
        nano.window.height, nano.window.width = nano.edit_rows, cols
        nano.window.follow(center=True)

    def _advance(self, answer: ShellResult | None) -> None:
        try:
            wish = self._life.send(answer)
            while wish is None and self.nano.keys.waiting:
                wish = self._life.send(None)
        except StopIteration:
            return
        self._asked = wish

    def _live(self) -> Typing[None]:
        nano = self.nano
        while nano.exit_code is None:
            key = yield from nano.keys.get()
            nano.found = None
            if nano.message:
                nano.message_keys -= 1
                if nano.message_keys <= 0:
                    nano.message = ""
            yield from self._take(key)
            if nano.constant_place and key != "M-C":
                _location(nano)
            nano.window.follow()

    def _take(self, key: str) -> Typing[None]:
        nano = self.nano
        cutting = nano.cutting
        if nano.readonly and (is_text(key) or key in _EDITS):
            nano.say("Key is invalid in view mode")
            return
        if is_text(key) or key == "^I":
            changes.type_text(nano, "\t" if key == "^I" else key)
        elif (action := self._actions.get(key)) is not None:
            result = action()
            if result is not None:
                yield from result
        elif key.startswith("M-"):
            nano.say("Unknown key" if len(key) > 3 else f"Unbound key: {key}", alert=True)
        else:
            nano.say(f"Unbound key: {key}", alert=True)
        if cutting and key not in {"^K", "M-6", "M-^"}:
            nano.cutting = False
        if key not in _TYPED and not is_text(key):
            nano.text.pause()

    # The screen

    def frame(self) -> Frame:
        """Return the screen."""
        nano = self.nano
        bell, nano.bell = nano.bell, False
        rows = [self._title(), *nano.window.rows(nano.mark, nano.found)]
        row, col = nano.window.cursor_at()
        cursor, shown = (row + 1, col), nano.found is None
        status, below = self._status(), bars("main", nano.cols)
        if (prompt := nano.prompt) is not None:
            if prompt.menu in {"yes", "all"}:
                status = _bar(prompt.question, nano.cols)
                below = yes_no_bars(nano.cols, all_=prompt.menu == "all")
                at = len(prompt.question) + 1
            else:
                lead = f"{prompt.question}: "
                status = _bar(lead + prompt.answer, nano.cols)
                below = bars(prompt.menu, nano.cols)
                at = len(lead) + prompt.at
            cursor = (nano.rows - (3 if nano.help else 1), min(at, nano.cols - 1))
        rows.append(status)
        if nano.help or (nano.prompt is not None and nano.prompt.menu in {"yes", "all"}):
            rows += below
        return Frame(rows[: nano.rows], cursor, bell, shown)

    def _title(self) -> Row:
        nano = self.nano
        name = nano.name or "New Buffer"
        lead, state = len(_TITLE) + 3, 9
        size = len(name) + 1
        if lead + size + state > nano.cols:
            lead = 0
        offset = lead + max(nano.cols - lead - state - size, 0) // 2
        text = f"  {_TITLE}" if lead else ""
        text = text.ljust(offset) + name + (" *" if nano.text.modified else "")
        flags = "".join(
            flag if flag in nano.flags or (flag == "M" and nano.mark is not None) else " " for flag in _FLAGS
        )
        if nano.readonly:
            flags = "View "
        return (Span(text.ljust(nano.cols - 7) + flags.ljust(7), _BAR),)

    def _status(self) -> Row:
        nano = self.nano
        if not nano.message:
            return ()
        text = nano.message[: nano.cols]
        start = (nano.cols - len(text)) // 2
        style = _ALERT if nano.alert else _BAR
        if start > 1:
            return (Span(" " * (start - 2)), Span(f"[ {text} ]", style))
        return (Span(" " * start), Span(text, style))


def _bar(text: str, width: int) -> Row:
    return (Span(text.ljust(width)[:width], _BAR),)


#: Keys that change the text, and keys after which typed text belongs to the previous change.
_EDITS = {
    "^I",
    "^M",
    "^H",
    "^D",
    "Del",
    "^K",
    "^U",
    "^J",
    "^\\",
    "^R",
    "^T",
    "M-R",
    "M-T",
    "M-3",
    "M-{",
    "M-}",
    "M-U",
    "M-E",
    "Paste",
}
_TYPED = {"^I", "^H", "^D", "Del"}


def _actions(nano: Nano) -> "dict[str, Callable[[], Typing[None] | None]]":
    """Return the action of each key."""
    return {
        **dict.fromkeys(("^B", "Left"), partial(moves.by_chars, nano, -1)),
        **dict.fromkeys(("^F", "Right"), partial(moves.by_chars, nano, 1)),
        **dict.fromkeys(("^P", "Up"), partial(moves.by_rows, nano, -1)),
        **dict.fromkeys(("^N", "Down"), partial(moves.by_rows, nano, 1)),
        **dict.fromkeys(("^A", "Home"), lambda: nano.go(Pos(nano.text.cursor.row, 0))),
        **dict.fromkeys(("^E", "End"), lambda: nano.go(Pos(nano.text.cursor.row, len(nano.text.line)))),
        **dict.fromkeys(("^Y", "PageUp"), partial(moves.by_pages, nano, -1)),
        **dict.fromkeys(("^V", "PageDown"), partial(moves.by_pages, nano, 1)),
        **dict.fromkeys(("^@", "^Right"), partial(moves.next_word, nano)),
        **dict.fromkeys(("M- ", "^Left"), partial(moves.word_before, nano)),
        **dict.fromkeys(("M-\\", "M-|", "^Home"), lambda: nano.go(Pos(0, 0))),
        **dict.fromkeys(("M-/", "M-?", "^End"), lambda: nano.go(Pos(nano.text.last, 0))),
        **dict.fromkeys(("M-Up", "M--", "M-_"), partial(moves.scroll, nano, -1)),
        **dict.fromkeys(("M-Down", "M-+", "M-="), partial(moves.scroll, nano, 1)),
        **dict.fromkeys(("^M", "^J"), partial(changes.break_line, nano)),
        "^H": partial(changes.backspace, nano),
        **dict.fromkeys(("^D", "Del"), partial(changes.delete, nano)),
        "^K": partial(changes.cut, nano),
        "M-T": partial(changes.cut_to_end, nano),
        **dict.fromkeys(("M-6", "M-^"), partial(changes.copy, nano)),
        "^U": partial(changes.paste, nano),
        "Paste": lambda: changes.paste(nano, nano.keys.pasted),
        "M-U": partial(changes.undo, nano),
        "M-E": partial(changes.redo, nano),
        **dict.fromkeys(("M-A", "^^"), partial(_mark, nano)),
        "M-}": partial(changes.indent, nano),
        "M-{": partial(changes.unindent, nano),
        "M-3": partial(changes.comment, nano),
        "^W": partial(search.where_is, nano, backwards=False),
        "^Q": partial(search.where_is, nano, backwards=True),
        "M-W": partial(search.find_again, nano, backwards=False),
        "M-Q": partial(search.find_again, nano, backwards=True),
        **dict.fromkeys(("^\\", "M-R"), partial(search.replace, nano)),
        **dict.fromkeys(("^_", "M-G"), partial(search.goto_line, nano)),
        "M-]": partial(search.to_bracket, nano),
        "^O": partial(_write_out, nano),
        "^S": partial(files.save, nano),
        "^R": partial(files.insert_file, nano),
        "^T": partial(files.execute, nano),
        "^X": partial(files.leave, nano),
        "^C": partial(_location, nano),
        "M-D": partial(_count_words, nano),
        **dict.fromkeys(("M-N", "M-#"), partial(_switch, nano, "Line numbering")),
        "M-I": partial(_switch, nano, "Auto indent"),
        "M-X": partial(_switch, nano, "Help mode"),
        "M-C": partial(_switch, nano, "Constant cursor position display"),
        "^L": lambda: None,
        "^Z": lambda: nano.say("To suspend, type ^T^Z"),
        "^]": lambda: nano.say("No word fragment"),
        **{key: partial(_not_simulated, nano, what) for key, what in _MISSING.items()},
    }


def _not_simulated(nano: Nano, what: str) -> None:
    nano.say(f"Not simulated: {what} (use --backend kind)", alert=True)


def _write_out(nano: Nano) -> Typing[None]:
    yield from files.write_out(nano)


def _mark(nano: Nano) -> None:
    nano.mark = nano.text.cursor if nano.mark is None else None
    nano.say("Mark Set" if nano.mark is not None else "Mark Unset")


def _location(nano: Nano) -> None:
    """Show the cursor's place: line, column, character."""
    row, col = nano.text.cursor
    lines = nano.text.lines
    column, width = nano.window.column(row, col) + 1, nano.window.column(row, len(lines[row])) + 1
    before = sum(len(line) + 1 for line in lines[:row]) + col
    total = len(str(nano.text))
    digits, places = max(len(str(len(lines))), 2), max(len(str(total)), 2)
    nano.say(
        f"line {row + 1:{digits}d}/{len(lines)} ({100 * (row + 1) // len(lines):2d}%), "
        f"col {column:2d}/{width:2d} ({100 * column // width:3d}%), "
        f"char {before:{places}d}/{total} ({100 * before // total if total else 0:2d}%)"
    )


def _count_words(nano: Nano) -> None:
    selection = nano.selection()
    text = str(nano.text) if selection is None else changes.between(nano, *selection)
    lines = text.count("\n") + (not text.endswith("\n") if selection else 0)
    words = sum(len(_words(line)) for line in text.split("\n"))
    lead = "In Selection:  " if selection else ""
    nano.say(
        f"{lead}{lines} line{'' if lines == 1 else 's'},  {words} word{'' if words == 1 else 's'},  "
        f"{len(text)} character{'' if len(text) == 1 else 's'}"
    )


def _words(line: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in line).split()


def _switch(nano: Nano, name: str) -> None:
    """Turn an option on or off."""
    if name == "Line numbering":
        nano.window.numbered = on = not nano.window.numbered
    elif name == "Auto indent":
        nano.flags ^= {"I"}
        on = "I" in nano.flags
    elif name == "Help mode":
        nano.help = on = not nano.help
        nano.window.height = nano.edit_rows
        nano.window.follow(center=True)
    else:
        nano.constant_place = on = not nano.constant_place
        if on:
            _location(nano)
            return
    nano.say(f"{name} {'enabled' if on else 'disabled'}")
