"""The last drawn rows, which decide whether Vim would scroll the screen for the next ones."""

from lab.cluster.sim.shell.editing.vi.window import Window

__all__ = ["Drawn"]


class Drawn:
    """The lines in a window, and the number of rows of each."""

    def __init__(self, window: Window) -> None:
        self._top = window.top
        self._count = len(window.buffer.lines)
        self._lines = window.buffer.lines[window.top : window.below]
        self._sizes = [window.rows_of(row) for row in range(window.top, window.below)]
        self._height = window.height

    def scrolls(self, window: Window) -> bool:
        """Whether rows move on the screen to show the window's present lines."""
        pushed, window.pushed = window.pushed, False
        if window.top != self._top:
            return self._scrolls_whole(window)
        if pushed:
            return False
        lines = window.buffer.lines
        more = len(lines) - self._count
        if window.buffer.lines[self._top : self._top + len(self._lines)] == self._lines and not more:
            return False
        return self._scrolls_part(window, more)

    def _scrolls_whole(self, window: Window) -> bool:
        """Whether the window's first line was on the screen, or the former first line is still near."""
        if window.top > self._top:
            return window.top < self._top + len(self._lines)
        rows = 0
        if self._top > window.buffer.last:
            return False
        for row in range(window.top, self._top):
            rows += window.rows_of(row)
            if rows >= self._height - 2:
                return False
        return True

    def _scrolls_part(self, window: Window, more: int) -> bool:
        """Whether lines below a change move up or down."""
        lines, old = window.buffer.lines, self._lines
        same = 0
        while same < len(old) and self._top + same < len(lines) and old[same] == lines[self._top + same]:
            same += 1
        after = 0
        while after < len(old) - same:
            at = self._top + len(old) - 1 - after + more
            if not self._top + same <= at < len(lines) or old[len(old) - 1 - after] != lines[at]:
                break
            after += 1
        if not after:
            return False
        row = sum(self._sizes[:same])
        before = sum(self._sizes[same : len(old) - after])
        now = 0
        for at in range(self._top + same, self._top + len(old) - after + more):
            now += window.rows_of(at)
            if now > self._height - row - 2:
                return False
        extra = now - before
        if extra < 0:
            return row - extra < self._height - 2
        return extra > 0 and row + extra < self._height - 2
