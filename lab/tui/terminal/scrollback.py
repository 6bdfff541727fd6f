"""The lines that left the screen, stored compactly: as objects, ten thousand lines take 12 MB a terminal."""

import marshal
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rich.segment import Segment
from rich.style import Style

from lab.tui.terminal.lines import PLAIN, Line

__all__ = ["Scrollback"]

#: How many lines one page holds.
_PAGE = 256


class _Page(NamedTuple):
    """`_PAGE` lines as bytes, with their styles by number."""

    packed: bytes
    styles: tuple[Style | None, ...]

    @classmethod
    def of(cls, lines: Sequence[Line]) -> "_Page":
        """Pack `lines`. A line of plain text is stored as that text, any other as a tuple of its parts."""
        styles: dict[Style | None, int] = {}
        packed: list[str | tuple[Any, ...]] = []
        for segments, length, wrapped in lines:
            text, style, _ = segments[0] if len(segments) == 1 else ("", None, None)
            if style is PLAIN and not wrapped and length == len(text):
                packed.append(text)
            else:
                parts = ((text, styles.setdefault(style, len(styles))) for text, style, _ in segments)
                packed.append((length, wrapped, *parts))
        return cls(marshal.dumps(packed), tuple(styles))

    def lines(self) -> list[Line]:
        """Unpack the lines."""
        packed = marshal.loads(self.packed)  # noqa: S302 -- packed above
        return [
            Line((Segment(line, PLAIN),), len(line)) if isinstance(line, str) else self._styled(*line)
            for line in packed
        ]

    def _styled(self, length: int, wrapped: bool, *parts: tuple[str, int]) -> Line:  # noqa: FBT001 -- as packed
        return Line(tuple(Segment(text, self.styles[style]) for text, style in parts), length, wrapped)


class Scrollback:
    """The lines that left the screen at its top. The oldest lines are dropped first.

    Lines get numbers from 0 as they leave, and keep them. `first` is the oldest kept line, `end` the next line to
    come, which is also the number of the screen's top line.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pages: deque[_Page] = deque()
        #: The lines behind those of the pages, fewer than fill a page.
        self._latest: list[Line] = []
        self._forgotten = 0
        #: The page that was read last, and its lines.
        self._read: tuple[_Page, list[Line]] | None = None
        self.end = 0

    def __len__(self) -> int:
        return self.end - self.first

    def __getitem__(self, number: int) -> Line:
        if not self.first <= number < self.end:
            raise IndexError(number)
        place = number - self.end + len(self._latest)
        if place >= 0:
            return self._latest[place]
        page = self._pages[place // _PAGE]
        if self._read is None or self._read[0] is not page:
            self._read = page, page.lines()
        return self._read[1][place % _PAGE]

    @property
    def first(self) -> int:
        """The number of the oldest kept line."""
        return max(self._forgotten, self.end - self._limit)

    def extend(self, lines: Iterable[Line]) -> None:
        """Add lines that left the screen, oldest first."""
        before = len(self._latest)
        self._latest.extend(lines)
        self.end += len(self._latest) - before
        full = len(self._latest) // _PAGE * _PAGE
        self._pages.extend(_Page.of(self._latest[at : at + _PAGE]) for at in range(0, full, _PAGE))
        del self._latest[:full]
        while self._pages and (len(self._pages) - 1) * _PAGE + len(self._latest) >= self._limit:
            self._pages.popleft()

    def clear(self) -> None:
        """Forget all lines; the numbers continue."""
        self._pages.clear()
        self._latest.clear()
        self._read = None
        self._forgotten = self.end
