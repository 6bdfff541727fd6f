"""Ex commands on lines: delete, move, copy, join, shift, print, sort, filter."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.shell import Shell
from lab.cluster.sim.shell.editing.vi.display import cells, look_of
from lab.cluster.sim.shell.editing.vi.errors import Beep, Failure
from lab.cluster.sim.shell.editing.vi.excall import Call
from lab.cluster.sim.shell.editing.vi.insert import insert
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.operators import delete, indent_columns, join, shift, yank
from lab.cluster.sim.shell.editing.vi.operators import say_lines as _say_lines
from lab.cluster.sim.shell.editing.vi.ranges import Range, read_range
from lab.cluster.sim.shell.editing.vi.regions import Region
from lab.cluster.sim.shell.editing.vi.registers import Kind
from lab.cluster.sim.shell.editing.vi.state import Vi
from lab.cluster.sim.shell.editing.vi.undo import redo, undo
from lab.cluster.sim.shell.editing.vi.window import END_OF_LINE


def _region(call: Call) -> Region:
    return Region(Kind.LINES, Pos(call.where.first - 1, 0), Pos(call.where.last - 1, 0))


def delete_lines(vi: Vi, call: Call) -> None:
    """`:d`."""
    if vi.buffer.empty:
        raise Beep
    vi.go_first(call.where.first - 1)
    region = _region(call)
    region.start = vi.cursor
    delete(vi, region, call.register)
    _print_flags(vi, call)


def yank_lines(vi: Vi, call: Call) -> None:
    """`:y`."""
    yank(vi, _region(call), call.register)


def put_register(vi: Vi, call: Call) -> None:
    """`:pu`."""
    held = vi.registers.get(call.register)
    vi.go(Pos(max(call.where.last - 1, 0), vi.cursor.col))
    if held is None:
        raise Failure("E353: Nothing in register " + (call.register or '"'))
    row = call.where.last - (1 if call.bang else 0)
    row = max(row, 0)
    vi.insert_lines(row, held.lines)
    vi.go_first(row + len(held.lines) - 1)
    _say_lines(vi, len(held.lines))


def _target(vi: Vi, call: Call) -> int:
    """Return the target line of `:m` and `:t`."""
    where, rest = read_range(vi, call.argument)
    if not where.given:
        raise Failure("E14: Invalid address")
    if rest.strip():
        raise Failure(f"E488: Trailing characters: {rest.strip()}")
    if where.last > len(vi.lines) or where.last < 0:
        raise Failure("E16: Invalid range")
    return where.last


def copy(vi: Vi, call: Call) -> None:
    """`:t` and `:co`."""
    target = _target(vi, call)
    lines = vi.lines[call.where.first - 1 : call.where.last]
    vi.insert_lines(target, lines)
    vi.go_first(target + len(lines) - 1)
    vi.changed_between(Pos(target, 0), Pos(target + len(lines) - 1, 0))
    _say_lines(vi, len(lines))


def move(vi: Vi, call: Call) -> None:
    """`:m`."""
    target = _target(vi, call)
    first, last = call.where.first, call.where.last
    if first <= target < last:
        raise Failure("E134: Cannot move a range of lines into itself")
    count = last - first + 1
    if target in {first - 1, last}:
        vi.go_first(last - 1 if target == last or not vi.globally else target)
        return
    lines = vi.lines[first - 1 : last]
    marks = dict(vi.buffer.marks)
    vi.insert_lines(target, lines)
    old = first - 1 if target > last else first - 1 + count
    vi.delete_lines(old, count)
    new_first = target - count if target > last else target
    for name, mark in marks.items():
        if first - 1 <= mark.row < last:
            vi.buffer.marks[name] = Pos(new_first + mark.row - (first - 1), mark.col)
    vi.go_first(new_first + count - 1)
    if count > vi.options.number("report") and not vi.globally:
        vi.say(f"{count} lines moved")


def join_lines(vi: Vi, call: Call) -> None:
    """`:j`."""
    vi.go(Pos(call.where.first - 1, vi.cursor.col))
    first, last = call.where.first, call.where.last
    if call.where.given < 2 and call.count is None:
        if first == len(vi.lines):
            raise Beep
        last = first + 1
    elif call.count is not None and last == first:
        last = min(first + 1, len(vi.lines))
    elif first == last:
        return
    if call.count is not None:
        last = min(call.where.first + call.count - 1, len(vi.lines))
    if last == first:
        return
    join(vi, first - 1, last - first + 1, blanks=not call.bang)
    vi.go_first(vi.cursor.row)


def shift_lines(vi: Vi, call: Call) -> None:
    """`:>` and `:<`."""
    sign = call.name
    text = call.raw
    times = 1
    while text.startswith(sign):
        times += 1
        text = text[1:]
    text = text.strip(" \t")
    where = call.where
    if text[:1].isdigit():
        digits = text[: len(text) - len(text.lstrip("0123456789"))]
        where.first = where.last
        where.last = min(where.last + int(digits) - 1, len(vi.lines))
        text = text[len(digits) :].strip(" \t")
    if text.strip("lp#"):
        raise Failure(f"E488: Trailing characters: {text}")
    shift(vi, _region(call), times if sign == ">" else -times)
    vi.go_first(where.last - 1)


def mark(vi: Vi, call: Call) -> None:
    """`:k` and `:mark`."""
    name = call.argument
    if not name:
        raise Failure("E471: Argument required")
    if len(name) > 1:
        raise Failure(f"E488: Trailing characters: {name[1:]}")
    if not (name.isascii() and (name.isalpha() or name in "'`[]<>")):
        raise Failure("E191: Argument must be a letter or forward/backward quote")
    vi.buffer.marks["'" if name == "`" else name] = Pos(call.where.last - 1, 0)


def normal(vi: Vi, call: Call) -> Typing[None]:
    """`:normal`: type keys, on each line of a range."""
    if not call.where.given:
        yield from _type(vi, call.argument)
        return
    for row in list(call.rows):
        if row > vi.buffer.last:
            break
        vi.go(Pos(row, 0))
        yield from _type(vi, call.argument)


def _type(vi: Vi, keys: str) -> Typing[None]:
    outer = vi.keyboard
    try:
        vi.keyboard = outer.inner(keys)
        while vi.keyboard.playing:
            vi.window.follow()
            yield from _closed(vi, vi.run_command())
    except Beep:
        pass
    finally:
        vi.keyboard = outer


def _closed(vi: Vi, command: Typing[None]) -> Typing[None]:
    """Run a command without further keys: Escape ends whatever waits for one."""
    answer = None
    while True:
        try:
            wish = command.send(answer)
        except StopIteration:
            return
        if wish is not None:
            answer = yield wish
        else:
            vi.keyboard.type("\x1b")
            answer = None


def _print(vi: Vi, row: int, *, numbered: bool, listed: bool) -> None:
    line = vi.lines[row]
    drawn, _ = cells(line, look_of(vi.options)._replace(listed=listed or vi.options.on("list")))
    text = "".join(drawn) + ("$" if listed or vi.options.on("list") else "")
    lead = f"{row + 1:7d} " if numbered or vi.options.on("number") else ""
    vi.print(lead + text)


def _print_rows(vi: Vi, call: Call, *, numbered: bool = False, listed: bool = False) -> None:
    numbered = numbered or "#" in call.argument
    listed = listed or "l" in call.argument
    for row in call.rows:
        _print(vi, row, numbered=numbered, listed=listed)
    vi.go_first(call.where.last - 1)


def _print_flags(vi: Vi, call: Call) -> None:
    if call.argument:
        _print(vi, vi.cursor.row, numbered="#" in call.argument, listed="l" in call.argument)


def print_lines(vi: Vi, call: Call) -> None:
    """`:p`."""
    if vi.buffer.empty:
        raise Failure("E749: Empty buffer")
    _print_rows(vi, call)


def print_numbered(vi: Vi, call: Call) -> None:
    """`:nu` and `:#`."""
    _print_rows(vi, call, numbered=True)


def print_listed(vi: Vi, call: Call) -> None:
    """`:l`."""
    _print_rows(vi, call, listed=True)


def print_around(vi: Vi, call: Call) -> None:
    """`:z`: print a page from a line on."""
    size = vi.window.height - 2
    call.where.last = min(call.where.first + size, len(vi.lines))
    call.argument = ""
    _print_rows(vi, call)


def line_number(vi: Vi, call: Call) -> None:
    """`:=`."""
    vi.say(str(call.where.last))


def undo_change(vi: Vi, call: Call) -> None:
    """`:u`."""
    if call.count is not None:
        while vi.buffer.history.at and vi.buffer.history.changes[vi.buffer.history.at - 1].number > call.count:
            undo(vi, 1)
        return
    undo(vi, 1)


def redo_change(vi: Vi, call: Call) -> None:
    """`:red`."""
    del call
    redo(vi, 1)


def retab(vi: Vi, call: Call) -> None:
    """`:ret`: rewrite the blanks of lines by the options, also with another 'tabstop'."""
    if call.argument:
        if not call.argument.isdigit():
            raise Failure("E474: Invalid argument")
        new = int(call.argument)
    else:
        new = vi.options.number("tabstop")
    look = look_of(vi.options)._replace(listed=False)
    for row in call.rows:
        line = vi.lines[row]
        if "\t" not in line and not call.bang:
            continue
        made = _retabbed(line, cells(line, look)[1], new, expand=vi.options.on("expandtab"), all_=call.bang)
        if made != line:
            vi.set_line(row, made)
    vi.options.put("tabstop", value=new)


def _retabbed(line: str, columns: list[int], new: int, *, expand: bool, all_: bool) -> str:
    out, col = "", 0
    while col < len(line):
        if line[col] not in " \t":
            out += line[col]
            col += 1
            continue
        end = col
        while end < len(line) and line[end] in " \t":
            end += 1
        if "\t" not in line[col:end] and not all_:
            out += line[col:end]
        elif expand:
            out += " " * (columns[end] - columns[col])
        else:
            first, last = columns[col], columns[end]
            tabs = last // new - first // new
            out += "\t" * tabs + " " * (last - max(first, last // new * new) if tabs else last - first)
        col = end
    return out


def sort(vi: Vi, call: Call) -> None:
    """`:sort`: by text or by number; `u` removes duplicates, `i` ignores case, `!` reverses."""
    flags = call.argument
    if flags.strip("uinxobr "):
        raise Failure(f"E488: Trailing characters: {flags}")
    first, count = call.where.first - 1, call.where.last - call.where.first + 1
    lines = vi.lines[first : first + count]

    def key(line: str) -> tuple[int, int, str]:
        if "n" in flags:
            digits = _first_number(line)
            return (0, 0, "") if digits is None else (1, digits, "")
        return (0, 0, line.lower() if "i" in flags else line)

    made = sorted(lines, key=key, reverse=call.bang)
    if "u" in flags:
        made = [line for number, line in enumerate(made) if not number or key(line) != key(made[number - 1])]
    vi.cursor = Pos(first, 0)
    if made != lines:
        vi.replace_lines(first, count, made)
    vi.go_first(first)
    _say_lines(vi, len(made) - count)


def _first_number(line: str) -> int | None:
    start = next((at for at, char in enumerate(line) if char.isdigit()), None)
    if start is None:
        return None
    end = start
    while end < len(line) and line[end].isdigit():
        end += 1
    return int(line[start:end]) * (-1 if line[start - 1 : start] == "-" else 1)


def start_insert(vi: Vi, call: Call) -> Typing[None]:
    """`:startinsert`."""
    if call.bang:
        with vi.inserting():
            vi.go(Pos(vi.cursor.row, END_OF_LINE))
    yield from insert(vi)


def play(vi: Vi, call: Call) -> Typing[None]:
    """`:@a`: run a register as a command line."""
    name = call.argument[:1]
    if name in {"", "@", "*"}:
        if vi.last.register is None:
            raise Failure("E748: No previously used register")
        name = vi.last.register
    held = vi.registers.get(name)
    vi.go(Pos(call.where.last - 1, vi.cursor.col))
    if held is None:
        raise Beep
    vi.last.register = name
    for line in held.lines:
        yield from vi.run_line(line)


def filter_lines(vi: Vi, where: Range, command: str) -> Typing[None]:
    """Replace lines by the output of a command."""
    first, last = max(where.first, 1) - 1, where.last
    result = yield Shell(command, vi.buffer.text(first, last))
    lines = result.output.removesuffix("\n").split("\n") if result.output else []
    before = last - first
    vi.cursor = Pos(first, 0)
    if lines:
        vi.replace_lines(first, before, lines)
    else:
        vi.delete_lines(first, before)
    vi.go_first(first)
    if result.code:
        vi.messages.below()
        vi.print(f"shell returned {result.code}")
    elif before > vi.options.number("report"):
        vi.say(f"{before} lines filtered")


def indent_of(vi: Vi, row: int) -> int:
    """Return the columns of a line's indent."""
    return indent_columns(vi, vi.lines[row])
