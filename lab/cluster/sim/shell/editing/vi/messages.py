"""The last row of the screen, and output that needs more than it."""

from wcwidth import wcwidth

from lab.cluster.sim.shell.editing.canvas import Row, Span
from lab.cluster.sim.shell.editing.vi.display import STYLE

__all__ = ["PROMPT", "Messages", "folded"]

PROMPT = Span("Press ENTER or type command to continue", STYLE["question"])


def folded(spans: list[Span], width: int) -> list[Row]:
    """Return styled text as rows of at most `width` columns."""
    rows: list[list[Span]] = [[]]
    used = 0
    for span in spans:
        for char in span.text:
            if char == "\n":
                rows.append([])
                used = 0
                continue
            shown = char if char >= " " else "^" + chr(ord(char) ^ 0x40)
            wide = sum(max(wcwidth(part), 0) for part in shown)
            if used + wide > width:
                rows.append([])
                used = 0
            last = rows[-1]
            if last and last[-1].style == span.style:
                last[-1] = Span(last[-1].text + shown, span.style)
            else:
                last.append(Span(shown, span.style))
            used += wide
    return [tuple(row) for row in rows]


class Messages:
    """What is said to whoever edits: one line at the bottom, or lines that push the text up."""

    def __init__(self) -> None:
        #: What the last row shows.
        self.row: Row = ()
        #: Whether it outlives the next time that the text scrolls.
        self.kept = False
        #: Whether it counts lines: the next such message may take its place.
        self.counted = False
        #: Whether it is an error: that is seen before the text scrolls.
        self.loud = False
        #: Whether it goes with the name of a mode that was in the last row.
        self.stale = False
        #: What has been printed below the text since the screen was drawn, or None if it is as it should be.
        self.printed: list[Row] | None = None
        #: Whether what was printed was a command's own output, which the terminal shows in place of the text.
        self.outside = False
        #: Whether a key must be pressed even if one line was printed.
        self.pressing = False
        #: Whether what is printed next takes the place of the last row.
        self._over = True

    def clear(self) -> None:
        """Show nothing in the last row."""
        self.row = ()
        self.kept = False

    def drawn(self, *, scrolled: bool) -> None:
        """Take note that the text is drawn: if it scrolls a message goes, so that it does not stay for ever."""
        if (self.stale and not self.kept) or (scrolled and not self.kept and not self.loud):
            self.row = ()
        self.kept = self.stale = self.loud = False

    def say(self, text: str, room: int, width: int, style: str = "", *, keep: bool = False) -> None:
        """Show a message in the last row, or print it if it is longer than `room` columns."""
        rows = folded([Span(text, STYLE.get(style, ""))], width)
        if len(rows) == 1 and len(text) <= room and self.printed is None:
            self.row = rows[0]
            self.kept, self.counted, self.loud = keep, False, style == "error"
            return
        self.lines(rows)
        self.pressing = True

    def echo(self, text: str, width: int) -> None:
        """Show what was typed in the last row."""
        if self.printed is None:
            self.row = folded([Span(text)], width)[-1]
            self.kept = self.stale = False

    def below(self) -> None:
        """Print what is printed next below the last row, not in its place."""
        self._over = False

    def lines(self, rows: list[Row]) -> None:
        """Print rows below the text."""
        if self.printed is None:
            self.printed = [] if self._over else [self.row]
        self.printed += rows

    @property
    def waits(self) -> bool:
        """Whether a key must be pressed before what was printed goes."""
        return self.printed is not None and (len(self.printed) > 1 or self.pressing)

    def settle(self) -> None:
        """End a command: show what it printed in the last row if it is one line."""
        if self.printed:
            self.row = self.printed[-1]
        self.printed = None
        self.pressing = self.outside = False
        self._over = True

    def end(self) -> None:
        """Take away what was printed."""
        self.printed = None
        self.clear()
        self.settle()
