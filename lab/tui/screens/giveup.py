"""Repair a symptom that the user gives up, with an explanation of each step."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from lab.core.scenario import SolutionStep
from lab.errors import LabError
from lab.tui import words
from lab.tui.desk import Desk
from lab.tui.screens.sized import Sized
from lab.tui.widgets.prose import Prose
from lab.tui.widgets.steps import FromThread, Steps

__all__ = ["GiveUp", "explained"]


class GiveUp(ModalScreen[None], Sized[None]):
    """Runs the reference repair of `symptom`; it can be closed once the repair has ended."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "Close")]

    def __init__(self, desk: Desk, symptom: str) -> None:
        super().__init__()
        self._desk = desk
        self._symptom = symptom
        self._done = False

    def compose(self) -> ComposeResult:
        """Lay out the explanation above the steps."""
        steps = self._desk.lab.loaded.solution.faults[self._desk.lab.fault(self._symptom).name]
        with Vertical(classes="dialog page"):
            yield Static(Content(f"How {self._symptom} is repaired"), classes="title")
            with VerticalScroll(classes="explanation"):
                yield Prose("\n\n".join(explained(step) for step in steps))
            yield Steps()
            yield Static("The lab is repairing it …", classes="foot", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self._repair()

    @work(thread=True)
    def _repair(self) -> None:
        problem = None
        try:
            self._desk.give_up(self._symptom, FromThread(self.app, self.query_one(Steps)), lambda _step: None)
        except LabError as error:
            problem = error
        self.app.call_from_thread(self._ended, problem)

    def _ended(self, problem: LabError | None) -> None:
        self._done = True
        self.query_one(".foot", Static).update(
            words.error_text(problem, self._desk.name) if problem else "Done. Esc closes"
        )

    def action_close(self) -> None:
        """Close, once the repair has ended."""
        if self._done:
            self.dismiss()
        else:
            self.notify("The repair still runs.")


def explained(step: SolutionStep) -> str:
    """Return a step of a repair as Markdown: goal, reason and commands."""
    where = "on every node" if step.nodes == "all" else "on the control plane"
    return f"**{step.title}** ({where})\n\n{step.why}\n\n```bash\n{step.run.rstrip()}\n```"
