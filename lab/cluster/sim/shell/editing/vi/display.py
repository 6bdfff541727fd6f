"""The display of a line: tabs, wide and unprintable characters, line numbers, and its rows in a window."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from wcwidth import wcwidth

from lab.cluster.sim.shell.editing.canvas import Row, Span
from lab.cluster.sim.shell.editing.vi.options import Options

__all__ = ["NUMBER_WIDTH", "STYLE", "Look", "cells", "line_rows", "look_of", "visible_column"]

#: Columns of a line number with the blank after it.
NUMBER_WIDTH = 8
#: Vim's colours, for a light and for a dark background.
STYLE = {
    "filler": "94", "number": "38;5;130", "special": "34", "error": "97;41", "warning": "31", "visual": "47",
    "mode": "1", "question": "32", "title": "35", "status": "1;7", "directory": "34",
}  # fmt: skip


class Look(NamedTuple):
    """The options that affect the display of a line."""

    tab_stop: int
    #: Tabs as `^I` and a `$` at the end.
    listed: bool
    number: bool
    wrap: bool
    #: Whether wrapped rows start below the line numbers.
    number_column_used: bool


def look_of(options: Options) -> Look:
    """Return the display for these options."""
    return Look(
        options.number("tabstop"),
        options.on("list"),
        options.on("number"),
        options.on("wrap"),
        options.like_vi("n"),
    )


def _shown(char: str, column: int, look: Look) -> str:
    """Return the displayed text of a character at a column."""
    if char == "\t":
        return "^I" if look.listed else " " * (look.tab_stop - column % look.tab_stop)
    if " " <= char <= "~":
        return char
    code = ord(char)
    if code < 0x20 or code == 0x7F:
        return "^" + chr(code ^ 0x40)
    if code < 0xA0:
        return f"<{code:02x}>"
    if wcwidth(char) < 0 or (unicodedata.category(char) == "Cf" and wcwidth(char) == 0):
        return f"<{code:x}>"
    return char


@lru_cache(maxsize=2048)
def cells(line: str, look: Look) -> tuple[list[str], list[int]]:
    """Return the displayed text of each character and its first column, with the line's width at the end."""
    if line.isascii() and line.isprintable():
        return list(line), list(range(len(line) + 1))
    drawn, columns, column = [], [], 0
    for char in line:
        text = _shown(char, column, look)
        drawn.append(text)
        columns.append(column)
        column += len(text) if text != char else max(wcwidth(char), 0)
    columns.append(column)
    return drawn, columns


def visible_column(line: str, col: int, look: Look, *, at_end: bool) -> int:
    """Return the column of the cursor on a character; `at_end` is the last column of a tab."""
    _, columns = cells(line, look)
    if col >= len(line):
        return columns[len(line)]
    if at_end and line[col] == "\t" and not look.listed:
        return columns[col + 1] - 1
    return columns[col]


@lru_cache(maxsize=2048)
def line_rows(line: str, number: int, look: Look, width: int, marked: tuple[int, int, int] | None) -> list[Row]:
    """Return the rows of a line. `marked` is the selection: first column, last, and columns past the end."""
    return _Rows(line, number, look, width, marked).made()


class _Rows:
    """One line while it is laid out."""

    def __init__(
        self, line: str, number: int, look: Look, width: int, marked: tuple[int, int, int] | None
    ) -> None:
        self._line = line
        self._look = look
        self._width = width
        self._marked = marked
        self._rows: list[list[Span]] = []
        self._lead = f"{number + 1:{NUMBER_WIDTH - 1}d} " if look.number else ""
        self._used = 0

    def made(self) -> list[Row]:
        self._begin()
        drawn, columns = cells(self._line, self._look)
        for text, column, char in zip(drawn, columns, self._line, strict=False):
            self._put(text, column, "special" if text != char and text.strip() else "", char)
        end = columns[len(self._line)]
        if self._look.listed:
            self._put("$", end, "filler", "$")
        elif self._marked is not None and self._marked[1] >= end:
            for column in range(max(end, self._marked[0]), min(self._marked[1], end + self._marked[2] - 1) + 1):
                self._put(" ", column, "", " ")
        return [tuple(_joined(row)) for row in self._rows]

    def _begin(self) -> None:
        """Start a row."""
        self._used = 0
        lead = self._lead if not self._rows else " " * len(self._lead) if not self._look.number_column_used else ""
        self._rows.append([])
        if lead:
            self._rows[-1].append(Span(lead, STYLE["number"] if lead.strip() else ""))
            self._used = len(lead)

    def _put(self, text: str, column: int, style: str, char: str) -> None:
        marked = self._marked is not None and self._marked[0] <= column <= self._marked[1]
        code = STYLE["visual"] if marked else STYLE.get(style, "")
        pieces = list(text) if text != char or len(text) > 1 else [text]
        for piece in pieces:
            wide = max(wcwidth(piece), 0) if piece > "~" else 1
            if self._used + wide > self._width:
                if wide > 1 and self._used < self._width:
                    self._rows[-1].append(Span(">", STYLE["filler"]))
                self._begin()
            self._rows[-1].append(Span(piece, code))
            self._used += wide


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Join neighbours with the same style."""
    out: list[Span] = []
    for span in spans:
        if out and out[-1].style == span.style:
            out[-1] = Span(out[-1].text + span.text, span.style)
        else:
            out.append(span)
    return out
