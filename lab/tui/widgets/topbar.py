"""The top line: the present screen, and the clock with the score."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

__all__ = ["TopBar"]

_BETWEEN = "  ·  "
#: The width of the screen's name at the left, in characters.
_LEAST_CRUMBS = 8


class TopBar(Horizontal):
    """Bread crumbs on the left, the status on the right."""

    DEFAULT_CSS = """
    TopBar {
        dock: top;
        height: 1;
        background: $panel;
        color: $foreground;
        & > .crumbs { width: auto; padding: 0 1; text-style: bold; text-wrap: nowrap; }
        & > .status { width: 1fr; padding: 0 1; text-align: right; text-wrap: nowrap; }
    }
    """

    def __init__(self, *crumbs: str) -> None:
        super().__init__()
        self._crumbs = ("Kluster 005", *crumbs)
        self._parts: tuple[str, ...] = ()
        #: The texts at both ends.
        self._texts: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Lay out the two ends."""
        yield Static(classes="crumbs")
        yield Static(classes="status")

    def on_resize(self) -> None:
        """Show as much as fits now."""
        self._fit()

    def show(self, *parts: str) -> None:
        """Show the status, the most important part first; a narrow window drops the last parts."""
        if parts != self._parts:
            self._parts = parts
            self._fit()

    def _fit(self) -> None:
        width = self.app.size.width
        parts = [part for part in self._parts if part]
        while len(parts) > 1 and len(_BETWEEN.join(parts)) + 2 > width - _LEAST_CRUMBS:
            parts.pop()
        status = _BETWEEN.join(parts)
        crumbs = list(self._crumbs)
        while len(crumbs) > 1 and len(" › ".join(crumbs)) + 2 > width - len(status) - 2:
            # The name of the screen is more useful than the program's name, and the lab's name less.
            crumbs.pop(2 if len(crumbs) > 2 else 0)
        self._put(".crumbs", " › ".join(crumbs)[: max(0, width - len(status) - 4)])
        self._put(".status", status)

    def _put(self, end: str, text: str) -> None:
        """Show `text` at one end. The clock changes often, so the status always gets the rest of the line."""
        old, self._texts[end] = self._texts.get(end, ""), text
        if text != old:
            layout = end == ".crumbs" and cell_len(text) != cell_len(old)
            self.query_one(end, Static).update(Content(text), layout=layout)
