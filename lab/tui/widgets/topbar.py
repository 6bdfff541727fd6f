"""The line at the top: where one is, and the clock with what counts."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

__all__ = ["TopBar"]


class TopBar(Horizontal):
    """Bread crumbs on the left, `status` on the right."""

    DEFAULT_CSS = """
    TopBar {
        dock: top;
        height: 1;
        background: $panel;
        color: $foreground;
        & > .crumbs { width: 1fr; padding: 0 1; text-style: bold; }
        & > .status { width: auto; padding: 0 1; }
    }
    """

    def __init__(self, *crumbs: str) -> None:
        super().__init__()
        self._crumbs = ("Kluster 005", *crumbs)

    def compose(self) -> ComposeResult:
        """Lay out the two ends."""
        yield Static(Content(" › ".join(self._crumbs)), classes="crumbs")
        yield Static(classes="status")

    def show(self, status: str) -> None:
        """Show `status` on the right."""
        self.query_one(".status", Static).update(Content(status))
