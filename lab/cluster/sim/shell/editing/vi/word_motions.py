"""Moves by words, sentences and paragraphs, as commands."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.errors import Beep
from lab.cluster.sim.shell.editing.vi.motion import Motion
from lab.cluster.sim.shell.editing.vi.state import Command, Vi
from lab.cluster.sim.shell.editing.vi.words import (
    Walk,
    paragraph,
    sentence_back,
    sentence_forward,
    word_back,
    word_end,
    word_end_back,
    word_forward,
)

__all__ = ["back", "ends", "ends_back", "forward", "paragraphs", "sentences"]


def forward(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the start of a word after (`w`, `W`); for `c` to the end of the word, as Vi does it."""
    big = command.key == "W"
    walk = Walk(vi.lines, vi.cursor, big=big)
    if operator == "c" and vi.line[vi.cursor.col :]:
        if walk.kind:
            word_end(walk, command.times, stop=True)
            return Motion(_on_text(vi, walk.pos), inclusive=True)
        if command.times == 1 and vi.options.like_vi("w"):
            return Motion(vi.cursor, inclusive=True)
    moved = word_forward(walk, command.times, stop_at_end=bool(operator))
    if not moved and not operator:
        if walk.pos == vi.cursor or _on_text(vi, walk.pos) == vi.cursor:
            raise Beep
        vi.go(_on_text(vi, walk.pos))
        raise Beep
    if operator:
        return _word_for_operator(vi, walk.pos)
    return Motion(_on_text(vi, walk.pos))


def _word_for_operator(vi: Vi, to: Pos) -> Motion:
    """An operator takes no line end with the last word of a line."""
    length = len(vi.lines[to.row])
    if to.col >= length > 0:
        return Motion(Pos(to.row, length - 1), inclusive=True)
    return Motion(to)


def _on_text(vi: Vi, pos: Pos) -> Pos:
    beyond = vi.visual is not None and vi.options.text("selection") != "old"
    length = len(vi.lines[pos.row])
    return Pos(pos.row, min(pos.col, max(length - (0 if beyond else 1), 0)))


def back(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the start of a word before (`b`, `B`)."""
    del operator
    walk = Walk(vi.lines, vi.cursor, big=command.key == "B")
    if not word_back(walk, command.times):
        if walk.pos != vi.cursor:
            vi.go(walk.pos)
        raise Beep
    return Motion(walk.pos)


def ends(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the end of a word (`e`, `E`)."""
    walk = Walk(vi.lines, vi.cursor, big=command.key == "E")
    if not word_end(walk, command.times) and not operator:
        if _on_text(vi, walk.pos) != vi.cursor:
            vi.go(_on_text(vi, walk.pos))
        raise Beep
    pos = walk.pos
    return Motion(Pos(pos.row, min(pos.col, max(len(vi.lines[pos.row]) - 1, 0))), inclusive=True)


def ends_back(vi: Vi, command: Command, operator: str) -> Motion:
    """Move to the end of a word before (`ge`, `gE`)."""
    del operator
    walk = Walk(vi.lines, vi.cursor, big=command.key == "E")
    if not word_end_back(walk, command.times):
        raise Beep
    return Motion(_on_text(vi, walk.pos), inclusive=True)


def sentences(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump by sentences (`(`, `)`)."""
    pos: Pos | None = vi.cursor
    for _ in range(command.times):
        step = sentence_forward if command.key == ")" else sentence_back
        pos = step(vi.lines, pos, two_spaces=vi.options.like_vi("J")) if pos else None
    if pos is None:
        raise Beep
    at_end = pos == (vi.buffer.last, max(len(vi.lines[-1]) - 1, 0))
    return Motion(pos, inclusive=bool(operator) and at_end and command.key == ")", jump=True)


def paragraphs(vi: Vi, command: Command, operator: str) -> Motion:
    """Jump by paragraphs (`{`, `}`)."""
    pos = paragraph(vi.lines, vi.cursor.row, 1 if command.key == "}" else -1, command.times)
    if pos is None:
        raise Beep
    inclusive = False
    if pos.col:
        pos = Pos(pos.row, pos.col - 1)
        inclusive = bool(operator)
    return Motion(pos, inclusive=inclusive, jump=True)
