"""Commands that scroll."""

from collections.abc import Callable

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.keyboard import Special, Typing
from lab.cluster.sim.shell.editing.vi.state import Command, Vi
from lab.cluster.sim.shell.editing.vi.window import Window

__all__ = ["ACTIONS"]


def _keep_cursor_seen(vi: Vi) -> None:
    """Move the cursor into the window, in its wanted column."""
    window = vi.window
    row = vi.cursor.row
    margin = window.margin
    first = window.top + (margin if window.top else 0)
    below = window.below
    last = below - 1 - (margin if below <= vi.buffer.last else 0)
    wanted = max(min(row, max(last, window.top)), first)
    if wanted != row:
        vi.go_row(wanted)


def _by_line(vi: Vi, command: Command) -> None:
    window = vi.window
    down = command.key == "\x05"
    for _ in range(command.times):
        if down and window.top < vi.buffer.last:
            window.top += 1
        elif not down and window.top:
            window.top -= 1
        else:
            break
    _keep_cursor_seen(vi)


def _by_half(vi: Vi, command: Command) -> None:
    window = vi.window
    down = command.key == "\x04"
    if vi.cursor.row == (vi.buffer.last if down else 0):
        raise Beep
    if command.count:
        window.scroll = min(command.count, window.height)
        vi.options.put("scroll", value=window.scroll)
    left = window.scroll or max(window.height // 2, 1)
    row, scrolled = vi.cursor.row, 0
    while left > 0 and (window.below <= vi.buffer.last if down else window.top > 0):
        rows = window.rows_of(window.top if down else window.top - 1)
        left -= rows
        if left < 0 and scrolled:
            break
        window.top += 1 if down else -1
        scrolled += rows
        row = min(row + 1, vi.buffer.last) if down else max(row - 1, 0)
    if left > 0:
        row = min(row + left, vi.buffer.last) if down else max(row - left, 0)
    vi.go_line(row)


def _by_page(vi: Vi, command: Command) -> None:
    down = command.key in "\x06" + Special.PAGE_DOWN
    if not vi.buffer.last:
        raise Beep
    for _ in range(command.times):
        if not (_page_down(vi) if down else _page_up(vi)):
            raise Beep
    vi.go_line(vi.cursor.row)


def _page_down(vi: Vi) -> bool:
    window = vi.window
    below = window.below
    if below > vi.buffer.last:
        if window.top >= vi.buffer.last - window.margin:
            return False
        window.top = vi.buffer.last
    else:
        window.top = _overlap(window, below, -1)
    if vi.cursor.row < window.top or below <= vi.buffer.last:
        vi.cursor = Pos(window.top, min(vi.cursor.col, max(len(vi.lines[window.top]) - 1, 0)))
    return True


def _page_up(vi: Vi) -> bool:
    window = vi.window
    if window.top == 0:
        return False
    row = min(_overlap(window, window.top - 1, 1), vi.buffer.last)
    vi.cursor = Pos(row, 0)
    used, top = 0, row
    while used <= window.height and top >= 0:
        top -= 1
        used += window.rows_of(top) if top >= 0 else 0
    if top < 0:
        window.top = 0
        return True
    top += 2
    if top >= window.top:
        window.top -= 1
        vi.cursor = Pos(window.below - 1, 0)
    else:
        window.top = top
    return True


def _overlap(window: Window, row: int, step: int) -> int:
    """Return the line that stays visible after a page: two lines further, if they are not too high."""
    last, room = window.buffer.last, window.height - 2

    def rows(at: int) -> int:
        return window.rows_of(at) if 0 <= at <= last else 0 if at > last else room + 1

    first, second, third, fourth = (rows(row + step * number) for number in range(4))
    if first > room or first + second > room or second + third > room:
        return row
    if second + third + fourth > room or first + second + third > room:
        return row + step
    return row + 2 * step


def _place_line(vi: Vi, command: Command) -> Typing[None]:
    """`z` and a key: put the cursor's line at the top, in the middle or at the bottom."""
    key = yield from vi.keyboard.get()
    if command.count is not None and command.count - 1 != vi.cursor.row and key != "b":
        vi.mark_jump()
    if key in "\r\n.-+^":
        if command.count is not None:
            vi.cursor = Pos(min(command.count - 1, vi.buffer.last), 0)
        if key == "+" and command.count is None:
            vi.cursor = Pos(min(vi.window.below, vi.buffer.last), 0)
        vi.go_first(vi.cursor.row)
    elif key in "tzb":
        if command.count is not None and key != "b":
            vi.go_row(command.count - 1)
    else:
        raise Beep
    if key in "\r\n+t":
        vi.window.to_top(always=True)
    elif key in ".z":
        vi.window.center(at_end=True)
    else:
        vi.window.to_bottom(fresh=True)


ACTIONS: dict[str, Callable[[Vi, Command], Typing[None] | None]] = {
    "\x05": _by_line, "\x19": _by_line, "\x04": _by_half, "\x15": _by_half, "\x06": _by_page, "\x02": _by_page,
    Special.PAGE_DOWN: _by_page, Special.PAGE_UP: _by_page, "z": _place_line,
}  # fmt: skip
