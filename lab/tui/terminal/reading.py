"""Reading back by keys, as in tmux and less: a cursor in the scroll-back, searching, and selecting."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

from textual import events

from lab.tui.terminal.selection import Place, Selection, Unit
from lab.tui.terminal.view import View

__all__ = ["Reading"]

_Direction = Literal["older", "newer"]
_OTHER: dict[_Direction, _Direction] = {"older": "newer", "newer": "older"}


class Reading:
    """Takes a terminal's keys while its user reads back. `ended` is called when a key ends the reading."""

    def __init__(self, view: View, *, search: bool = False) -> None:
        self._view = view
        cursor = view.emulator.cursor
        row, column = (cursor.y, cursor.x) if cursor and not view.scrolled_back else (view.emulator.rows - 1, 0)
        self._place = Place(view.top + row, column)
        self._anchor: Place | None = None
        self._unit: Unit = "cell"
        #: The search text, while it is typed, and the last one.
        self._typed: str | None = "" if search else None
        self._pattern = ""
        self._direction: _Direction = "older"
        self._missed = False
        self.ended = False
        self._move(self._place)

    @property
    def hint(self) -> str:
        """The line about the present keys."""
        if self._typed is not None:
            return f"{'/' if self._direction == 'older' else '?'}{self._typed}▏"
        if self._missed:
            return f"{self._pattern}: not found"
        if self._anchor:
            return "Enter copies · Esc: no selection"
        return "/ search · n next · v select · q ends"

    def key(self, event: events.Key) -> None:
        """Carry out a key."""
        self._missed = False
        if self._typed is not None:
            self._type(self._typed, event)
        elif act := self._acts().get(event.character or "") or self._acts().get(event.key):
            act()

    def leave(self) -> None:
        """End reading; the view returns to the screen."""
        self.ended = True
        self._view.read_at(None, None)
        self._view.scroll_to_screen()

    # --- keys ---

    def _acts(self) -> dict[str, Callable[[], None]]:
        place, view = self._place, self._view
        page, half = max(1, view.emulator.rows - 1), max(1, view.emulator.rows // 2)
        first, last = view.emulator.scrollback.first, view.emulator.scrollback.end + view.emulator.rows - 1
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "ctrl+b": -page, "pagedown": page}
        steps |= {"ctrl+f": page, "ctrl+u": -half, "ctrl+d": half}
        moves = {key: Place(place.line + step, place.column) for key, step in steps.items()}
        moves["left"] = moves["h"] = Place(place.line, place.column - 1)
        moves["right"] = moves["l"] = Place(place.line, place.column + 1)
        moves["home"] = moves["0"] = Place(place.line, 0)
        moves["end"] = moves["$"] = Place(place.line, self._length(place.line))
        moves |= {"g": Place(first, 0), "G": Place(last, 0)}
        acts: dict[str, Callable[[], None]] = {key: partial(self._move, to) for key, to in moves.items()}
        acts |= {"v": lambda: self._select("cell"), "space": lambda: self._select("cell")}
        acts |= {"V": lambda: self._select("line"), "y": self._copy, "enter": self._copy}
        acts |= {"/": lambda: self._ask("older"), "?": lambda: self._ask("newer")}
        acts |= {"n": lambda: self._find(self._direction), "N": lambda: self._find(_OTHER[self._direction])}
        return acts | {"escape": self._escape, "q": self.leave, "ctrl+c": self.leave}

    def _escape(self) -> None:
        if self._anchor:
            self._anchor = None
            self._move(self._place)
        else:
            self.leave()

    def _move(self, to: Place) -> None:
        view = self._view
        first, last = view.emulator.scrollback.first, view.emulator.scrollback.end + view.emulator.rows - 1
        line = min(max(to.line, first), last)
        self._place = Place(line, min(max(to.column, 0), view.emulator.cols - 1))
        self._show(Selection(self._anchor, self._place, self._unit) if self._anchor else None)

    def _show(self, selection: Selection | None) -> None:
        self._view.show_line(self._place.line)
        self._view.read_at(self._place, selection)

    def _length(self, line: int) -> int:
        return max(0, self._view.line_at(line).length - 1)

    # --- selecting ---

    def _select(self, unit: Unit) -> None:
        self._anchor, self._unit = self._place, unit
        self._move(self._place)

    def _copy(self) -> None:
        self._view.copy_selected()
        self.leave()

    # --- searching ---

    def _ask(self, direction: _Direction) -> None:
        self._typed, self._direction = "", direction

    def _type(self, typed: str, event: events.Key) -> None:
        if event.key == "enter":
            self._pattern, self._typed = typed or self._pattern, None
            self._find(self._direction)
        elif event.key in {"escape", "ctrl+c"}:
            self._typed = None
        elif event.key in {"backspace", "ctrl+h"}:
            self._typed = typed[:-1] if typed else None
        elif event.is_printable and event.character:
            self._typed = typed + event.character

    def _find(self, direction: _Direction) -> None:
        """Go to the next match in a direction, wrapping around. Capitals count only if the pattern has any."""
        if not self._pattern:
            return
        flags = re.NOFLAG if any(char.isupper() for char in self._pattern) else re.IGNORECASE
        pattern = re.compile(re.escape(self._pattern), flags)
        places = [place for text, cells in self._texts() for place in _matches(pattern, text, cells)]
        if direction == "older":
            places.reverse()
        ahead = [
            each for each in places if (each[0] < self._place if direction == "older" else each[0] > self._place)
        ]
        found = next(iter(ahead or places), None)
        self._missed = found is None
        if found:
            self._move(found[0])
            if not self._anchor:
                self._show(Selection(*found))

    def _texts(self) -> Iterator[tuple[str, list[Place]]]:
        """Return each line's text, with the place of each character; wrapped lines are joined."""
        scrollback = self._view.emulator.scrollback
        text, cells = "", list[Place]()
        for number in range(scrollback.first, scrollback.end + self._view.emulator.rows):
            line = self._view.line_at(number)
            strip = line.strip
            text += line.text
            cells += [Place(number, strip.index_to_cell_position(index)) for index in range(len(line.text))]
            if not line.wrapped:
                yield text, cells
                text, cells = "", []
        yield text, cells


def _matches(pattern: re.Pattern[str], text: str, cells: list[Place]) -> Iterator[tuple[Place, Place]]:
    """Return the start and end of each match in `text`."""
    for match in pattern.finditer(text):
        yield cells[match.start()], cells[match.end() - 1]
