"""The last row of the screen, and longer output."""

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
    """Messages to the user: one line at the bottom, or lines that push the text up."""

    def __init__(self) -> None:
        #: The content of the last row.
        self.row: Row = ()
        #: Whether it survives the next scroll of the text.
        self.kept = False
        #: Whether it counts lines: the next such message may replace it.
        self.counted = False
        #: Whether it is an error: it is shown before the text scrolls.
        self.loud = False
        #: Whether it disappears with a mode's name in the last row.
        self.stale = False
        #: The output below the text since the screen was drawn; None if there is none.
        self.printed: list[Row] | None = None
        #: Whether it is a command's own output, which the terminal shows instead of the text.
        self.outside = False
        #: Whether a key must be pressed even if one line was printed.
        self.pressing = False
        #: Whether the next output replaces the last row.
        self._over = True

    def clear(self) -> None:
        """Clear the last row."""
        self.row = ()
        self.kept = False

    def drawn(self, *, scrolled: bool) -> None:
        """Handle a redraw of the text: when the text scrolls, the message disappears."""
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
        """Show typed input in the last row."""
        if self.printed is None:
            self.row = folded([Span(text)], width)[-1]
            self.kept = self.stale = False

    def below(self) -> None:
        """Print the next output below the last row, not in its place."""
        self._over = False

    def lines(self, rows: list[Row]) -> None:
        """Print rows below the text."""
        if self.printed is None:
            self.printed = [] if self._over else [self.row]
        self.printed += rows

    @property
    def waits(self) -> bool:
        """Whether a key must be pressed before the output disappears."""
        return self.printed is not None and (len(self.printed) > 1 or self.pressing)

    def settle(self) -> None:
        """End a command: show one line of output in the last row."""
        if self.printed:
            self.row = self.printed[-1]
        self.printed = None
        self.pressing = self.outside = False
        self._over = True

    def end(self) -> None:
        """Remove the output."""
        self.printed = None
        self.clear()
        self.settle()
