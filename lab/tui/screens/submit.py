"""Submission: the last, thorough look at the cluster, check by check."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import ProgressBar, Static

from lab.core.grading import Outcome
from lab.core.scenario import END_TO_END, CheckSpec
from lab.errors import LabError
from lab.tui import words
from lab.tui.desk import Desk

__all__ = ["Submit"]

_SAMPLE = 66.0
_WORDS = {"pass": "holds", "fail": "does not hold", "blocked": "is hidden", "unreadable": "can't be read"}


class Submit(ModalScreen[bool]):
    """Ends the attempt. It ends with whether that worked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "close", "Close", show=False)]

    def __init__(self, desk: Desk, *, time_over: bool = False) -> None:
        super().__init__()
        self._desk = desk
        self._time_over = time_over
        #: A submission may fail, and the exam go on: until then it shows no states.
        self._states = not desk.exam
        self._looked = 0
        self._began = desk.clock()
        self._problem: LabError | None = None

    def compose(self) -> ComposeResult:
        """Lay out the bar over the checks as they come."""
        with Vertical(classes="dialog page"):
            title = "Watching your cluster for a minute"
            yield Static(Content(f"The time is over. {title}" if self._time_over else title), classes="title")
            yield ProgressBar(total=_SAMPLE, show_eta=False)
            yield VerticalScroll(id="checks")
            yield Static("It can't be taken back any more.", classes="foot", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self.set_interval(0.5, self._tick)
        self._submit()

    def _tick(self) -> None:
        self.query_one(ProgressBar).update(progress=min(self._desk.clock() - self._began, _SAMPLE - 1))

    @work(thread=True)
    def _submit(self) -> None:
        problem = None
        try:
            self._desk.submit(self._told)
        except LabError as error:
            problem = error
        self.app.call_from_thread(self._ended, problem)

    def _told(self, check: CheckSpec, outcome: Outcome) -> None:
        self.app.call_from_thread(self._show, check, outcome)

    def _show(self, check: CheckSpec, outcome: Outcome) -> None:
        if not self._states:
            self._looked += 1
            said = f"{self._looked} checks have ended. You see their results when the exam is over."
            self.query_one(".foot", Static).update(said)
            return
        known = {fault.name: fault.symptom.name for fault in self._desk.symptoms}
        whose = "the user" if check.fault == END_TO_END else known.get(check.fault, "")
        mark = "✓" if outcome.status.value == "pass" else "✗"
        line = f"{mark} {whose}: {check.title}: {_WORDS[outcome.status.value]}"
        checks = self.query_one("#checks", VerticalScroll)
        checks.mount(Static(Content(line)))
        checks.scroll_end(animate=False)

    def _ended(self, problem: LabError | None) -> None:
        if problem is None:
            self.dismiss(True)
            return
        self._problem = problem
        self.query_one(".foot", Static).update(
            words.error_text(problem, self._desk.name).append(
                "\nEsc leaves; `kluster play` tries again" if self._time_over else "\nEsc goes back to the lab"
            )
        )

    def action_close(self) -> None:
        """Go back to the lab if it failed."""
        if self._problem:
            self.dismiss(False)
