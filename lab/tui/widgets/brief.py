"""The brief: objectives with their live state, and the letters and the board below them."""

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from lab.tui import words
from lab.tui.desk import Desk
from lab.tui.widgets.prose import Prose

__all__ = ["Brief"]


class Brief(VerticalScroll):
    """What a trainee knows, and how far it is."""

    DEFAULT_CSS = """
    Brief {
        border: round $border-blurred;
        border-title-color: $foreground;
        padding: 0 1;
        &:focus { border: round $border; border-title-style: bold reverse; }
        & > #objectives { height: auto; }
        & > Markdown { padding: 0; margin: 0; }
    }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="brief")
        self._desk = desk
        self.border_title = "Brief"

    def compose(self) -> ComposeResult:
        """Lay out the objectives over the story."""
        yield Static(id="objectives", markup=False)
        yield Prose(self._desk.lab.loaded.story)

    def on_mount(self) -> None:
        """Show what is known."""
        self.show()

    def show(self) -> None:
        """Show the objectives as they were seen last."""
        self.query_one("#objectives", Static).update(self._objectives())

    def _objectives(self) -> Text | Table:
        if self._desk.exam:
            text = Text("In an exam you see no states, and submit once.\n\n", "italic")
        elif self._desk.seen:
            return words.objectives(self._desk.seen)
        else:
            text = Text("Looking at the cluster …\n\n", "italic")
        for fault in self._desk.symptoms:
            text.append(f"· {fault.symptom.name}\n", "bold")
            text.append(f"  {fault.symptom.title}\n", "italic")
        return text.append("\n")
