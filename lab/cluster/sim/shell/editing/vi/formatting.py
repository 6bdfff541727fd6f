"""`gq`: fill lines up to a width."""

from lab.cluster.sim.shell.editing.positions import Pos
from lab.cluster.sim.shell.editing.vi.operators import joint
from lab.cluster.sim.shell.editing.vi.state import Vi

__all__ = ["format_rows"]


def format_rows(vi: Vi, first: int, last: int, *, stay: bool) -> None:
    """Fill the paragraphs from row `first` to `last` up to 'textwidth', or to the window's width, at most 79."""
    width = vi.options.number("textwidth") or min(vi.window.width - 1, 79)
    made: list[str] = []
    paragraph: list[str] = []
    for line in [*vi.lines[first : last + 1], None]:
        if line is not None and line.strip(" \t"):
            paragraph.append(line)
            continue
        made += _filled(vi, paragraph, width)
        paragraph = []
        if line is not None:
            made.append(line)
    cursor = vi.cursor
    vi.cursor = Pos(first, 0)
    if made != vi.lines[first : last + 1]:
        vi.replace_lines(first, last - first + 1, made)
    if stay:
        vi.go(cursor)
    else:
        vi.go_first(first + len(made) - 1)
    vi.changed_between(Pos(first, 0), Pos(first + len(made) - 1, 0))


def _filled(vi: Vi, lines: list[str], width: int) -> list[str]:
    if not lines:
        return []
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip(" \t"))]
    rows = [indent]
    for line in lines:
        words = line.split()
        for place, word in enumerate(words):
            row = rows[-1]
            gap = ""
            if row.strip(" \t"):
                gap = joint(vi, row, word)
                if place:
                    before = line.find(word, line.find(words[place - 1]) + len(words[place - 1]))
                    gap = " " * max(len(line[:before]) - len(line[:before].rstrip(" ")), 1)
            if row.strip(" \t") and len(row) + len(gap) + len(word) > width:
                rows.append((indent if vi.options.on("autoindent") else "") + word)
            else:
                rows[-1] = row + gap + word
    return rows
