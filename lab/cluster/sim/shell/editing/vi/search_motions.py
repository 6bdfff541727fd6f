"""Searches as commands: `/`, `?`, `n`, `N`, `*` and `#`."""

from lab.cluster.sim.shell.editing.vi.cmdline import read_line
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.keyboard import Typing
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.searching import search_again, search_for, word_search
from lab.cluster.sim.shell.editing.vi.state import Command, Vi

__all__ = ["again", "search", "star", "starred"]


def search(vi: Vi, command: Command) -> Typing[Motion | None]:
    """Search for a typed pattern (`/`, `?`)."""
    text = yield from read_line(vi, command.key)
    if text is None:
        raise Beep
    motion = search_for(vi, text, command.times, forward=command.key == "/")
    motion.jump = True
    return motion


def again(vi: Vi, command: Command, operator: str) -> Motion:
    """Repeat the search (`n`, `N`)."""
    del operator
    forward = vi.last.search.forward == (command.key == "n")
    if vi.last.search.pattern:
        vi.say(("/" if forward else "?") + vi.last.search.pattern)
    motion = search_again(vi, command.times, forward=forward)
    motion.jump = True
    return motion


def star(vi: Vi, command: Command, operator: str) -> Motion:
    """Search for the word at the cursor (`*`, `#`)."""
    del operator
    return starred(vi, command, whole=True)


def starred(vi: Vi, command: Command, *, whole: bool) -> Motion:
    """Search for the text of the word at the cursor, as a `whole` word or anywhere."""
    before = vi.cursor
    vi.mark_jump()
    try:
        motion = word_search(vi, command.times, forward=command.key == "*", whole=whole)
    finally:
        vi.cursor = before
    if vi.messages.row == () or not "".join(span.text for span in vi.messages.row).startswith("search hit"):
        vi.say(("/" if command.key == "*" else "?") + vi.last.search.pattern)
    motion.jump = True
    return motion
