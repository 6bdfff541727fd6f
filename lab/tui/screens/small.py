"""What stands in a window that nothing fits into."""

from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.widgets import Static

__all__ = ["TooSmall"]


class TooSmall(Screen[None]):
    """Waits for a larger window; all that was there is still there."""

    def compose(self) -> ComposeResult:
        """Lay out the one message."""
        yield Static()

    def on_mount(self) -> None:
        """Say how small it is."""
        self.show(self.app.size)

    def show(self, size: Size) -> None:
        """Say that `size` is too small."""
        words = f"Too small:\n{size.width}x{size.height}\nIt needs 50x14."
        self.query_one(Static).update(Content(words))
