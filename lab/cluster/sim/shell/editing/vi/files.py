"""Ex commands on files: write, quit, edit, read."""

import posixpath
import re

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.shell import Shell
from lab.cluster.sim.shell.editing.vi.errors import Failure
from lab.cluster.sim.shell.editing.vi.excall import Call
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.operators import say_lines
from lab.cluster.sim.shell.editing.vi.ranges import Range
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["UNSAVED", "Range", "edit", "expanded", "file_info", "open_file", "write_and_quit"]

UNSAVED = "E37: No write since last change (add ! to override)"


def _size(vi: Vi, lines: int, size: int) -> str:
    """Return the text about lines and bytes, as 'shortmess' wants it."""
    short = vi.options.text("shortmess")
    count = f"{lines}L" if "l" in short else f"{lines} line{'' if lines == 1 else 's'}"
    return f"{count}, {size}B" if "l" in short else f"{count}, {size} byte{'' if size == 1 else 's'}"


def expanded(vi: Vi, text: str) -> str:
    """Return a file name or shell command with `%` and `#` replaced by file names."""

    def name(match: re.Match[str]) -> str:
        if match[0].startswith("\\"):
            return match[0][1:]
        if match[0].startswith("%"):
            if not vi.buffer.name:
                raise Failure("E499: Empty file name for '%' or '#', only works with \":p:h\"")
            return _modified(vi.buffer.name, match[0][1:])
        if vi.other is None:
            raise Failure("E194: No alternate file name to substitute for '#'")
        return _modified(vi.other[0], match[0][1:])

    return re.sub(r"\\[%#]|[%#](?::[phtre])*", name, text)


def _modified(name: str, modifiers: str) -> str:
    for modifier in modifiers.split(":")[1:]:
        if modifier == "p":
            name = posixpath.abspath(name)
        elif modifier == "h":
            name = posixpath.dirname(name) or "."
        elif modifier == "t":
            name = posixpath.basename(name)
        elif modifier == "r":
            name = posixpath.splitext(name)[0]
        elif modifier == "e":
            name = posixpath.splitext(name)[1].lstrip(".")
    return name


# Reading


def open_file(vi: Vi, name: str) -> None:
    """Begin to edit a file, and show its size."""
    buffer = vi.buffer
    buffer.name = vi.registers.file = name
    buffer.new_file = False
    try:
        text = None if not name or vi.host.is_folder(name) else vi.host.read(name)
        refused = ""
    except OSError:
        text, refused = None, " [Permission Denied]"
    buffer.load(text or "")
    vi.warned_readonly = False
    vi.cursor = Pos(0, 0)
    vi.window.top = vi.window.left = vi.window.want = 0
    if not name:
        return
    if vi.host.is_folder(name):
        vi.say(f'"{name}" is a directory')
        return
    if text is None:
        buffer.new_file = not refused
        new = "[New]" if "n" in vi.options.text("shortmess") else "[New File]"
        vi.say(f'"{name}" {refused.strip() or new}')
        return
    if not vi.host.may_write(name):
        vi.readonly = True
    vi.options.put("readonly", value=vi.readonly)
    _say_read(vi, name, text)


def _say_read(vi: Vi, name: str, text: str) -> None:
    lines = text.count("\n") + (bool(text) and not text.endswith("\n"))
    notes = "[readonly] " if vi.readonly else ""
    if text and not text.endswith("\n"):
        notes += "[noeol] " if "i" in vi.options.text("shortmess") else "[Incomplete last line] "
    fitted(vi, f'"{name}" {notes}{_size(vi, lines, len(text.encode()))}')


def fitted(vi: Vi, text: str, *, keep: bool = False) -> None:
    """Show a message about a file; without `T` in 'shortmess', a `<` replaces the start of a long line."""
    short, width = vi.options.text("shortmess"), vi.window.width - 1
    if vi.options.on("ruler"):
        width -= 18
    if "t" in short and len(text) > width:
        text = "<" + text[len(text) - width + 1 :]
    vi.say(text, keep=keep)


def edit(vi: Vi, call: Call) -> None:
    """`:e`: edit another file, or reload the present one."""
    argument = call.argument
    line = None
    if argument.startswith("+"):
        plus, _, argument = argument.partition(" ")
        line = plus[1:]
    if call.name == "view":
        vi.readonly = True
    name = expanded(vi, argument.strip()) if argument.strip() else vi.buffer.name
    if not name:
        raise Failure("E32: No file name")
    same = name == vi.buffer.name
    if vi.buffer.changed and not call.bang:
        raise Failure(UNSAVED)
    before = (vi.buffer.name, vi.cursor)
    back = vi.other[1] if vi.other is not None and vi.other[0] == name else None
    if not same:
        vi.other = before
        vi.registers.other_file = before[0]
        vi.readonly = call.name == "view"
    cursor = vi.cursor
    open_file(vi, name)
    vi.redo_reset()
    if same and not vi.options.like_vi("g"):
        vi.go_line(cursor.row)
    elif back is not None:
        vi.go_line(back.row)
    if line is not None:
        vi.go_line(vi.buffer.last if not line else int(line) - 1 if line.isdigit() else 0)


def read(vi: Vi, call: Call) -> Typing[None]:
    """`:r`: insert a file, or the output of a command."""
    argument = call.argument
    row = call.where.last
    if argument.startswith("!") or call.bang:
        command = expanded(vi, argument.removeprefix("!"))
        result = yield Shell(command, None)
        if result.code:
            vi.say(f"shell returned {result.code}")
        text = result.output
        name = ""
    else:
        name = expanded(vi, argument) if argument else vi.buffer.name
        found = None if vi.host.is_folder(name) else vi.host.read(name)
        if found is None:
            raise Failure(f"E484: Can't open file {name}")
        text = found
    if not text:
        return
    lines = (text.removesuffix("\n")).split("\n")
    empty = vi.buffer.empty
    if empty:
        vi.set_line(0, "")
        row = 1
    vi.insert_lines(row, lines)
    vi.go_first(row)
    vi.changed_between(Pos(row, 0), Pos(row + len(lines) - 1, 0))
    if name:
        _say_read_in(vi, name, text, len(lines))
    else:
        say_lines(vi, len(lines))


def _say_read_in(vi: Vi, name: str, text: str, lines: int) -> None:
    fitted(vi, f'"{name}" {_size(vi, lines, len(text.encode()))}')


# Writing


def write(vi: Vi, call: Call) -> Typing[None] | None:
    """`:w`."""
    argument = call.argument
    if argument.startswith("!") and not call.bang:
        return _pipe(vi, call, argument[1:])
    append = argument.startswith(">>")
    name = expanded(vi, argument.removeprefix(">>").strip())
    save(vi, call, name, append=append)
    return None


def _pipe(vi: Vi, call: Call, command: str) -> Typing[None]:
    command = expanded(vi, command)
    result = yield Shell(command, vi.buffer.text(call.where.first - 1, call.where.last))
    vi.messages.below()
    for line in result.output.splitlines():
        vi.print(line)
    if result.code:
        vi.print(f"shell returned {result.code}")
    vi.print("")


def save(vi: Vi, call: Call, name: str, *, append: bool = False) -> None:
    """Write lines to a file; by default to the edited one."""
    buffer = vi.buffer
    to = name or buffer.name
    if not to:
        raise Failure("E32: No file name")
    whole = (call.where.first, call.where.last) == (1, len(vi.lines))
    same = to == buffer.name
    before = vi.host.read(to) if not vi.host.is_folder(to) else None
    _check_write(vi, call, to, whole=whole, append=append, exists=before is not None)
    text = buffer.text(call.where.first - 1, call.where.last)
    try:
        vi.host.write(to, (before or "") + text if append else text)
    except OSError as error:
        raise Failure("E212: Can't open file for writing") from error
    lines = 0 if buffer.empty else call.where.last - call.where.first + 1
    _say_written(vi, to, lines, text, new=before is None, append=append)
    if whole and not append and (same or vi.options.like_vi("+")):
        buffer.saved()
    if not same:
        vi.other = (to, Pos(0, 0))
        vi.registers.other_file = to


def _check_write(vi: Vi, call: Call, to: str, *, whole: bool, append: bool, exists: bool) -> None:
    """Raise `Failure` if a file must not be written."""
    same, force = to == vi.buffer.name, call.bang
    if vi.host.is_folder(to):
        raise Failure(f'E17: "{to}" is a directory')
    if same and vi.readonly and not force:
        raise Failure("E45: 'readonly' option is set (add ! to override)")
    if same and vi.readonly and vi.options.like_vi("W"):
        raise Failure("E504: is read-only (cannot override: \"W\" in 'cpoptions')")
    if force or append:
        if append and not exists and not force:
            raise Failure("E212: Can't open file for writing")
        return
    if same and not whole:
        raise Failure("E140: Use ! to write partial buffer")
    if exists and (not same or vi.buffer.not_edited or vi.buffer.new_file):
        raise Failure("E13: File exists (add ! to override)")


def _say_written(vi: Vi, name: str, lines: int, text: str, *, new: bool, append: bool) -> None:
    short = vi.options.text("shortmess")
    notes = ("[New] " if "n" in short else "[New File] ") if new else ""
    if text and not text.endswith("\n"):
        notes += "[noeol] " if "i" in short else "[Incomplete last line] "
    done = " appended" if append else " [w]" if "w" in short else " written"
    fitted(vi, f'"{name}" {notes}{_size(vi, lines, len(text.encode()))}{done}', keep=True)


def update(vi: Vi, call: Call) -> None:
    """`:up`: write if there are changes."""
    if vi.buffer.changed:
        save(vi, call, expanded(vi, call.argument))


def save_as(vi: Vi, call: Call) -> None:
    """`:sav`: write to another file, and edit that one from now on."""
    name = expanded(vi, call.argument)
    call.where.first, call.where.last = 1, len(vi.lines)
    old = vi.buffer.name
    save(vi, call, name)
    vi.other = (old, vi.cursor)
    vi.registers.other_file = old
    vi.buffer.name = vi.registers.file = name
    vi.buffer.saved()


def write_quit(vi: Vi, call: Call) -> None:
    """`:wq`."""
    save(vi, call, expanded(vi, call.argument))
    vi.exit_code = 0


def exit_(vi: Vi, call: Call) -> None:
    """`:x`: write if there are changes, and end."""
    if vi.buffer.changed or call.argument:
        save(vi, call, expanded(vi, call.argument))
    vi.exit_code = 0


def write_and_quit(vi: Vi) -> None:
    """`ZZ`."""
    exit_(vi, Call("xit", Range(1, len(vi.lines))))


def quit_(vi: Vi, call: Call) -> None:
    """`:q`."""
    if vi.buffer.changed and not call.bang:
        raise Failure(UNSAVED)
    vi.exit_code = 0


def quit_badly(vi: Vi, call: Call) -> None:
    """`:cq`: end with an error code."""
    del call
    vi.exit_code = 1


# Names


def file_info(vi: Vi) -> str:
    """Return the text of Ctrl-G."""
    buffer = vi.buffer
    short = vi.options.text("shortmess")
    notes = " [Modified]" if buffer.changed else ""
    if buffer.not_edited:
        notes += " [Not edited]"
    if buffer.new_file:
        notes += " [New]" if "n" in short else " [New file]"
    if vi.readonly:
        notes += " [readonly]" if "r" not in short else " [RO]"
    name = f'"{buffer.name}"' if buffer.name else '"[No Name]"'
    if buffer.empty:
        return f"{name}{notes} --No lines in buffer--"
    row, last = vi.cursor.row + 1, len(vi.lines)
    percent = row * 100 // last
    if vi.options.on("ruler"):
        return f"{name}{notes} {last} line{'' if last == 1 else 's'} --{percent}%--"
    return f"{name}{notes} line {row} of {last} --{percent}%-- col {ruler_column(vi)}"


def ruler_column(vi: Vi) -> str:
    """Return the cursor's column in bytes, and on the screen if that differs."""
    line = vi.line
    column = vi.window.column_of(vi.cursor) + 1
    if not line and not vi.window.inserting:
        return "0-1"
    byte = len(line[: vi.cursor.col].encode()) + 1
    return str(byte) if byte == column else f"{byte}-{column}"


def file_name(vi: Vi, call: Call) -> None:
    """`:f`: show the file's name, or change it."""
    if call.argument:
        old = vi.buffer.name
        vi.buffer.name = vi.registers.file = expanded(vi, call.argument)
        vi.buffer.not_edited = True
        vi.other = (old, vi.cursor)
        vi.registers.other_file = old
    fitted(vi, file_info(vi))


def folder(vi: Vi, call: Call) -> None:
    """`:pwd`."""
    del call
    vi.say(vi.host.folder())


def source(vi: Vi, call: Call) -> Typing[None]:
    """`:so`: run a file of commands."""
    name = expanded(vi, call.argument)
    text = vi.host.read(name)
    if text is None:
        raise Failure(f"E484: Can't open file {name}")
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith('"'):
            yield from vi.run_line(line)
