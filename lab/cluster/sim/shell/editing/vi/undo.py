"""Undo and redo with their messages."""

import time

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.buffer import Undone
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["redo", "undo", "undo_line"]


def undo(vi: Vi, count: int) -> None:
    """Undo changes; Vi's `u` reverses the last `u`."""
    history = vi.buffer.history
    history.undoing = not history.undoing if vi.options.like_vi("u") else True
    _turn(vi, count)


def redo(vi: Vi, count: int) -> None:
    """Redo changes; Vi continues in the last direction of `u`."""
    if not vi.options.like_vi("u"):
        vi.buffer.history.undoing = False
    _turn(vi, count)


def _turn(vi: Vi, count: int) -> None:
    buffer = vi.buffer
    before, after = -1 if buffer.empty else 0, 0
    backwards, missed = buffer.history.undoing, False
    for number in range(count):
        done = buffer.undo() if backwards else buffer.redo()
        if done is None:
            if number == 0:
                vi.say("Already at oldest change" if backwards else "Already at newest change")
                raise Beep
            missed = True
            break
        before, after = before + done.before, after + done.after
        _place(vi, done)
    if buffer.empty:
        after -= 1
    if before != after or before:
        _say(vi, before, after, backwards=backwards)
    if missed:
        # The rest of a macro is dropped.
        raise Beep


def _place(vi: Vi, done: Undone) -> None:
    """Put the cursor at the first changed line."""
    row = done.row if done.row is not None else vi.cursor.row
    kept = done.cursor
    row = min(row, vi.buffer.last + 1)
    if kept is not None and kept.row + 1 == row and row > 0:
        row -= 1
    if row > vi.buffer.last:
        vi.go(Pos(vi.buffer.last, 0))
    elif kept is not None and kept.row == row:
        vi.go(Pos(row, kept.col))
    else:
        vi.go_first(row)


def _say(vi: Vi, before: int, after: int, *, backwards: bool) -> None:
    more = after - before
    if more:
        what = ("more line" if more > 0 else "line less") if abs(more) == 1 else (
            "more lines" if more > 0 else "fewer lines")  # fmt: skip
        count = abs(more)
    else:
        count = after
        what = "change" if count == 1 else "changes"
    history = vi.buffer.history
    change = None
    if history.at < len(history.changes) and backwards:
        change = history.changes[history.at]
    elif history.at:
        change = history.changes[history.at - 1]
    when = "before" if backwards else "after"
    number = change.number if change else 0
    vi.say(f"{count} {what}; {when} #{number}  {_ago(vi, change.time if change else 0)}", keep=True)


def _ago(vi: Vi, then: float) -> str:
    seconds = int(vi.host.now()) - int(then)
    if seconds >= 100:
        form = "%H:%M:%S" if seconds < 12 * 3600 else "%Y/%m/%d %H:%M:%S"
        return time.strftime(form, time.gmtime(then))
    return f"{seconds} second{'' if seconds == 1 else 's'} ago"


def undo_line(vi: Vi) -> None:
    """Restore the line that was changed last."""
    kept = vi.buffer.line_kept
    if kept is None or kept[0] > vi.buffer.last:
        raise Beep
    row, text, col = kept
    now, here = vi.lines[row], vi.cursor
    vi.set_line(row, text)
    vi.buffer.line_kept = (row, now, here.col if here.row == row else 0)
    vi.go(Pos(row, col if here.row == row else 0))
