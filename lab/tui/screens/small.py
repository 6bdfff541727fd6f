"""The message in a window that is too small for any screen."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

__all__ = ["TooSmall"]


class TooSmall(Screen[None]):
    """Waits for a larger window; everything behind it is kept. It asks before the user leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "leave", show=False),
        Binding("y", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asking = False

    def compose(self) -> ComposeResult:
        """Lay out the message."""
        yield Static()

    def on_mount(self) -> None:
        """Show how small the window is."""
        self.show()

    def show(self) -> None:
        """Say that the window is too small, or ask whether to leave."""
        width, height = self.app.size
        words = (
            "Leave?\ny: yes\nn: no"
            if self._asking
            else f"Too small:\n{width}x{height}\nIt needs 50x14.\nF10 leaves."
        )
        self.query_one(Static).update(Content(words))

    def action_leave(self) -> None:
        """Ask whether to leave."""
        self._asking = True
        self.show()

    def action_answer(self, yes: bool) -> None:  # noqa: FBT001 -- an action's parameter
        """Leave if the user confirms; the lab is unchanged."""
        if self._asking and yes:
            self.app.exit()
        self._asking = False
        self.show()
