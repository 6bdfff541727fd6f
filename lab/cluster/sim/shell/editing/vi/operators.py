"""The effects of operators on a region: delete, yank, shift, change of case, join, put."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.display import cells, look_of
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.regions import Region, block_span, yanked
from lab.cluster.sim.shell.editing.vi.registers import Kind, Register
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = [
    "change_case",
    "delete",
    "delete_text",
    "indent_columns",
    "join",
    "joint",
    "keep",
    "put",
    "replace_chars",
    "say_lines",
    "set_indent",
    "shift",
    "shift_row",
    "yank",
]


def yank(vi: Vi, region: Region, register: str | None) -> None:
    """Store a region's text."""
    vi.registers.yanked(register, yanked(vi, region))
    rows = region.rows
    if rows > vi.options.number("report") and not vi.globally:
        block = "block of " if region.kind is Kind.BLOCK else ""
        vi.messages.drawn(scrolled=False)
        into = f' into "{register}' if register else ""
        vi.say(f"{block}{rows} line{'' if rows == 1 else 's'} yanked{into}")
    vi.changed_between(
        Pos(region.start.row, 0 if region.kind is Kind.LINES else region.start.col),
        Pos(region.end.row, max(region.end.col - 1, 0) if region.kind is Kind.CHARS else region.end.col),
    )


def delete(vi: Vi, region: Region, register: str | None) -> None:
    """Delete a region, and store it."""
    if region.empty:
        vi.bell = vi.bell or vi.options.like_vi("E")
        vi.go(region.start)
        return
    if vi.buffer.empty:
        return
    region = _whole_if_blank(vi, region)
    keep(vi, region, register)
    vi.cursor = region.start
    if region.kind is Kind.LINES:
        before = len(vi.lines)
        vi.delete_lines(region.start.row, region.rows)
        vi.buffer.line_kept = None
        vi.go_first(min(region.start.row, vi.buffer.last))
        if vi.buffer.empty:
            vi.say("--No lines in buffer--", keep=True)
        else:
            say_lines(vi, len(vi.lines) - before)
        vi.changed_between(Pos(vi.cursor.row, 0), Pos(vi.cursor.row, 0))
        return
    before = len(vi.lines)
    delete_text(vi, region)
    vi.go(region.start if region.kind is Kind.CHARS else _block_corner(vi, region))
    say_lines(vi, len(vi.lines) - before)
    vi.changed_between(region.start, vi.cursor)


def say_lines(vi: Vi, more: int) -> None:
    """Show how many lines were added or removed."""
    other = vi.messages.kept and not vi.messages.counted
    if abs(more) > vi.options.number("report") and not vi.globally and not other:
        what = ("more line" if more > 0 else "line less") if abs(more) == 1 else (
            "more lines" if more > 0 else "fewer lines")  # fmt: skip
        vi.say(f"{abs(more)} {what}", keep=True)
        vi.messages.counted = True


def _whole_if_blank(vi: Vi, region: Region) -> Region:
    """Extend to whole lines, as Vi does, if the rest of several lines would be blank."""
    if region.kind is Kind.CHARS and region.rows > 1 and not region.selected:
        first, last = vi.lines[region.start.row], vi.lines[region.end.row]
        if not first[: region.start.col].strip(" \t") and not last[region.end.col :].strip(" \t"):
            return Region(Kind.LINES, region.start, region.end)
    return region


def keep(vi: Vi, region: Region, register: str | None) -> None:
    """Store a region before its deletion."""
    held = yanked(vi, region)
    one_line = region.rows == 1 and region.kind is not Kind.LINES
    vi.registers.deleted(register, held, small=one_line and not region.to_first)
    if one_line and region.to_first and register is None:
        vi.registers.deleted(register, held, small=True)


def delete_text(vi: Vi, region: Region) -> None:
    """Delete characters or a block."""
    if region.kind is Kind.CHARS:
        vi.splice(region.start, region.end, "")
        return
    made = []
    for row in range(region.start.row, region.end.row + 1):
        start, end, before, after = block_span(vi, row, region)
        line = vi.lines[row]
        made.append(line[:start] + " " * (before + after if end > start else 0) + line[end:])
    vi.replace_lines(region.start.row, len(made), made)


def _block_corner(vi: Vi, region: Region) -> Pos:
    return Pos(region.start.row, vi.window.char_at(region.start.row, region.left))


# Indent


def set_indent(vi: Vi, row: int, columns: int) -> None:
    """Set a line's indent in columns, with tabs as far as possible unless 'expandtab' is on."""
    line = vi.lines[row]
    stop = vi.options.number("tabstop")
    tabs, spaces = (0, columns) if vi.options.on("expandtab") else divmod(columns, stop)
    text = "\t" * tabs + " " * spaces + line.lstrip(" \t")
    if text != line:
        vi.set_line(row, text)


def indent_columns(vi: Vi, line: str) -> int:
    """Return a line's indent in columns."""
    blanks = line[: len(line) - len(line.lstrip(" \t"))]
    _, columns = cells(blanks, look_of(vi.options)._replace(listed=False))
    return columns[len(blanks)]


def shift_row(vi: Vi, row: int, times: int, *, rounded: bool) -> None:
    """Shift a line right, or left if `times` is negative."""
    width = vi.options.shift
    columns = indent_columns(vi, vi.lines[row])
    if rounded:
        whole, rest = divmod(columns, width)
        if rest and times < 0:
            whole += 1
        columns = (whole + times) * width
    else:
        columns += times * width
    set_indent(vi, row, max(columns, 0))


def shift(vi: Vi, region: Region, times: int) -> None:
    """Shift the lines of a region."""
    vi.keep_lines(region.start.row, region.rows)
    if region.kind is Kind.BLOCK:
        _shift_block(vi, region, times)
    else:
        for row in range(region.start.row, region.end.row + 1):
            if vi.lines[row]:
                shift_row(vi, row, times, rounded=vi.options.on("shiftround"))
    if region.kind is Kind.BLOCK:
        vi.go(_block_corner(vi, region))
    else:
        vi.go_first(region.start.row)
    rows = region.rows
    if rows > vi.options.number("report") and not vi.globally:
        sign = ">" if times > 0 else "<"
        count = abs(times)
        vi.say(
            f"{rows} line{'s' if rows != 1 else ''} {sign}ed {count} time{'s' if count != 1 else ''}", keep=True
        )
    vi.changed_between(Pos(region.start.row, 0), Pos(region.end.row, max(len(vi.lines[region.end.row]) - 1, 0)))


def _shift_block(vi: Vi, region: Region, times: int) -> None:
    width = vi.options.shift * abs(times)
    for row in range(region.start.row, region.end.row + 1):
        start, _, _, _ = block_span(vi, row, region)
        line = vi.lines[row]
        if start >= len(line):
            continue
        if times > 0:
            # Blanks before the block are made tabs with the others.
            start = len(line[:start].rstrip(" \t"))
        rest = line[start:]
        text = rest.lstrip(" \t")
        _, columns = cells(line, look_of(vi.options)._replace(listed=False))
        first, end = columns[start], columns[len(line) - len(text)]
        end = max(end + width * (1 if times > 0 else -1), first)
        vi.set_line(row, line[:start] + _blanks(vi, first, end) + text)


def _blanks(vi: Vi, first: int, end: int) -> str:
    """Return blanks from a column to another, with tabs as far as possible unless 'expandtab' is on."""
    stop = vi.options.number("tabstop")
    made = ""
    while not vi.options.on("expandtab") and first // stop * stop + stop <= end:
        made += "\t"
        first = first // stop * stop + stop
    return made + " " * (end - first)


# Characters


def change_case(vi: Vi, region: Region, change: Callable[[str], str]) -> None:
    """Change each character of a region."""
    before = vi.buffer.edition
    vi.keep_lines(region.start.row, region.rows)
    for row, start, end in _pieces(vi, region):
        line = vi.lines[row]
        made = line[:start] + "".join(map(change, line[start:end])) + line[end:]
        if made != line:
            vi.set_line(row, made)
    if vi.buffer.edition != before:
        vi.changed_between(region.start, region.end)
    if region.rows > vi.options.number("report") and not vi.globally:
        vi.say(f"{region.rows} lines changed")


def replace_chars(vi: Vi, region: Region, char: str) -> None:
    """Replace each character of a region by `char`."""
    for row, start, end in _pieces(vi, region):
        line = vi.lines[row]
        vi.set_line(row, line[:start] + char * (end - start) + line[end:])


def _pieces(vi: Vi, region: Region) -> list[tuple[int, int, int]]:
    """Return the rows of a region, with their columns in it."""
    rows = range(region.start.row, region.end.row + 1)
    if region.kind is Kind.LINES:
        return [(row, 0, len(vi.lines[row])) for row in rows]
    if region.kind is Kind.BLOCK:
        return [(row, *block_span(vi, row, region)[:2]) for row in rows]
    return [
        (row, region.start.col if row == region.start.row else 0,
         region.end.col if row == region.end.row else len(vi.lines[row]))
        for row in rows
    ]  # fmt: skip


# Joining


def join(vi: Vi, row: int, count: int, *, blanks: bool) -> None:
    """Join `count` lines from `row` on; with `blanks` their indents become one blank, two after a sentence."""
    if row + count > len(vi.lines) or count < 2:
        raise Beep
    text = piece = vi.lines[row]
    col = first_seam = len(text)
    for number, line in enumerate(vi.lines[row + 1 : row + count]):
        seam = len(text)
        if blanks:
            line = line.lstrip(" \t")  # noqa: PLW2901 -- what is left of it
            text += joint(vi, piece, line) if text else ""
        if number == 0:
            first_seam = seam
        col = seam
        text += line
        piece = line
    vi.replace_lines(row, count, [text])
    # Vi puts the cursor where it would be after joining two lines.
    vi.go(Pos(row, first_seam if vi.options.like_vi("q") else col))
    vi.changed_between(Pos(row, 0), Pos(row, len(text)))


def joint(vi: Vi, piece: str, line: str) -> str:
    """Return the blanks between two joined pieces of a line, two after a sentence."""
    if not line or line.startswith(")") or piece.endswith("\t"):
        return ""
    ends = "." if vi.options.like_vi("j") else (".", "!", "?")
    if piece.endswith(" "):
        return " " if vi.options.on("joinspaces") and piece[:-1].endswith(ends) else ""
    return "  " if vi.options.on("joinspaces") and piece.endswith(ends) else " "


# Putting


def put(vi: Vi, held: Register, count: int, *, after: bool, cursor_after: bool = False) -> None:
    """Put a register's text after the cursor or before it, `count` times."""
    if held.kind is Kind.LINES:
        row = vi.cursor.row + 1 if after and not vi.buffer.empty else vi.cursor.row
        if vi.buffer.empty:
            row = 1
            vi.set_line(0, "")
            row = 1 if after else 0
        vi.insert_lines(row, held.lines * count)
        size = len(held.lines) * count
        if cursor_after:
            vi.go(Pos(min(row + size, vi.buffer.last), 0))
        else:
            vi.go_first(row)
        vi.changed_between(Pos(row, 0), Pos(row + size - 1, 0))
        say_lines(vi, size)
        return
    col = vi.cursor.col + (1 if after and vi.line else 0)
    at = Pos(vi.cursor.row, col)
    if held.kind is Kind.BLOCK:
        _put_block(vi, held, count, at, after=after, cursor_after=cursor_after)
        return
    if len(held.lines) == 1:
        text = held.lines[0] * count
        if not text:
            return
        vi.splice(at, at, text)
        vi.go(Pos(at.row, at.col + len(text) - (0 if cursor_after else 1)))
        vi.changed_between(at, Pos(at.row, at.col + len(text) - 1))
        return
    lines = list(held.lines)
    for _ in range(count - 1):
        lines = [*lines[:-1], lines[-1] + held.lines[0], *held.lines[1:]]
    vi.splice(at, at, "\n".join(lines))
    end = Pos(at.row + len(lines) - 1, len(lines[-1]))
    vi.changed_between(at, Pos(end.row, max(end.col - 1, 0)))
    vi.go(end if cursor_after else at)
    say_lines(vi, len(lines) - 1)


def _put_block(vi: Vi, held: Register, count: int, at: Pos, *, after: bool, cursor_after: bool) -> None:
    look = look_of(vi.options)._replace(listed=False)
    _, columns = cells(vi.lines[at.row], look)
    left = columns[at.col] if at.col <= len(vi.lines[at.row]) else columns[-1] + 1
    if after and not vi.lines[at.row]:
        left = 0
    made = []
    for number, text in enumerate(held.lines):
        row = at.row + number
        line = vi.lines[row] if row <= vi.buffer.last else ""
        _, columns = cells(line, look)
        width = columns[len(line)]
        if width < left:
            line += " " * (left - width)
            col = len(line)
        else:
            col = next(place for place in range(len(line) + 1) if columns[place] >= left)
        padded = text + " " * (held.width - len(text))
        inserted = padded * (count - 1) + (padded if line[col:] else text)
        made.append(line[:col] + inserted + line[col:])
    existing = min(len(made), len(vi.lines) - at.row)
    vi.replace_lines(at.row, existing, made)
    start = Pos(at.row, vi.window.char_at(at.row, left))
    size = held.width * count
    vi.changed_between(start, Pos(at.row + len(made) - 1, start.col + size - 1))
    vi.go(Pos(at.row + len(made) - 1, start.col + size) if cursor_after else start)
