"""Submission: the last, thorough look at the cluster, check by check."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import ProgressBar, Static

from lab.core.drill import DrillStep
from lab.core.grading import Outcome
from lab.core.scenario import END_TO_END, CheckSpec
from lab.errors import LabError
from lab.tui import words
from lab.tui.desk import Desk
from lab.tui.screens.sized import Sized
from lab.tui.widgets.steps import FromThread

__all__ = ["Submit"]

_SAMPLE = 66.0
_WORDS = {"pass": "holds", "fail": "does not hold", "blocked": "is hidden", "unreadable": "can't be read"}
_MARKS = {"pass": "✓", "fail": "✗", "blocked": "…", "unreadable": "?"}


class Submit(ModalScreen[bool], Sized[bool]):
    """Ends the attempt. The screen's result says whether that worked."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "close", "Close", show=False)]

    def __init__(self, desk: Desk, *, time_over: bool = False) -> None:
        super().__init__()
        self._desk = desk
        self._time_over = time_over
        #: A submission may fail, and then the exam continues: until the end, it shows no states.
        self._states = not desk.exam
        self._looked = 0
        #: The steps that have ended, including the first look; the line of the running step.
        self._held = 0
        self._line: Static | None = None
        self._title = ""
        self._step_began: float | None = None
        self._total = float(len(desk.scenario.drill) + 1) if desk.scenario.drill else _SAMPLE
        self._began = desk.clock()
        self._problem: LabError | None = None

    def compose(self) -> ComposeResult:
        """Lay out the bar above the checks."""
        with Vertical(classes="dialog page"):
            title = "The drill" if self._desk.scenario.drill else "Watching your cluster for a minute"
            yield Static(Content(f"The time is over. {title}" if self._time_over else title), classes="title")
            yield ProgressBar(total=self._total, show_eta=False)
            yield VerticalScroll(id="checks")
            yield Static("The submission can't be cancelled any more.", classes="foot", markup=False)

    def on_mount(self) -> None:
        """Begin."""
        self.set_interval(0.5, self._tick)
        self._submit()

    def _tick(self) -> None:
        done = float(self._held) if self._desk.scenario.drill else self._desk.clock() - self._began
        self.query_one(ProgressBar).update(progress=min(done, self._total - 1))
        if self._line and self._step_began is not None:
            seconds = self._desk.since(self._step_began)
            self._line.update(Content(f"› {self._title} … {seconds:.0f} s"))

    @work(thread=True)
    def _submit(self) -> None:
        problem = None
        try:
            self._desk.submit(self._told, FromThread(self.app, self), self._step_ended)
        except LabError as error:
            problem = error
        self.app.call_from_thread(self._ended, problem)

    # The screen is the `Progress`: its methods are called in the app's own thread.

    def begin(self, title: str) -> None:
        """Show a step of the drill as running."""
        if self._desk.scenario.drill:
            self._title, self._step_began = title, self._desk.clock()
            self._line = Static(Content(f"› {title} …"), classes="step")
            self._add(self._line)

    def advance(self, fraction: float, note: str = "") -> None:
        """Do nothing: steps have no sub-steps."""

    def end(self, *, ok: bool) -> None:
        """Count the step."""
        self._held += 1
        self._step_began = None
        if self._line and self._held == 1:
            # The first look is not a step of the drill. Its checks appear below it.
            self._line.update(Content("✓ Looked at the cluster" if ok else "✗ Looked at the cluster"))

    def note(self, text: str) -> None:
        """Do nothing."""

    def _step_ended(self, step: DrillStep) -> None:
        self.app.call_from_thread(self._show_step, step)

    def _show_step(self, step: DrillStep) -> None:
        if self._line is None:
            return
        self._step_began = None
        mark = {"held": "✓", "failed": "✗"}.get(step.status, "…") if self._states else "·"
        shown = f"\n  {step.shown}" if self._states else ""
        self._line.update(Content(f"{mark} {step.title}{shown}"))
        self.query_one("#checks", VerticalScroll).scroll_end(animate=False)

    def _add(self, line: Static) -> None:
        checks = self.query_one("#checks", VerticalScroll)
        checks.mount(line)
        checks.scroll_end(animate=False)

    def _told(self, check: CheckSpec, outcome: Outcome) -> None:
        self.app.call_from_thread(self._show, check, outcome)

    def _show(self, check: CheckSpec, outcome: Outcome) -> None:
        if not self._states:
            self._looked += 1
            said = f"{self._looked} checks are done. You see their results when the exam is over."
            self.query_one(".foot", Static).update(said)
            return
        known = {fault.name: fault.symptom.name for fault in self._desk.symptoms}
        whose = "the user" if check.fault == END_TO_END else known.get(check.fault, "")
        said = _WORDS[outcome.status.value]
        if outcome.blocked_by in known:
            said += f" by {known[outcome.blocked_by]}"
        self._add(Static(Content(f"{_MARKS[outcome.status.value]} {whose}: {check.title}: {said}")))

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
        """Go back to the lab if the submission failed."""
        if self._problem:
            self.dismiss(False)
