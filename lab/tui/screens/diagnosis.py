"""The diagnosis: the component and the cause of each symptom, chosen from lists until the submission."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Select, Static

from lab.errors import LabError
from lab.tui.desk import Desk
from lab.tui.screens.sized import Sized

__all__ = ["Diagnosis"]


class Diagnosis(ModalScreen[bool], Sized[bool]):
    """A short form; complete answers are saved. Ends with whether to go on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "Back")]

    def __init__(self, desk: Desk, *, last: bool = False) -> None:
        super().__init__()
        self._desk = desk
        self._last = last

    def compose(self) -> ComposeResult:
        """Lay out two lists for each symptom."""
        lists = self._desk.scenario.diagnosis
        components = [(choice.title, choice.name) for choice in lists.components]
        causes = [(choice.title, choice.name) for choice in lists.causes]
        said = self._desk.session.diagnosis
        with Vertical(classes="dialog form"):
            yield Static(Content("What caused each symptom?"), classes="title")
            worth = f"{lists.points} points in all. A symptom without an answer earns nothing and costs nothing."
            keys = "Enter submits it, Shift+Tab goes back." if self._ready else "Enter opens a list, Tab goes on."
            yield Static(Content(f"{worth} {keys}"), classes="text")
            with VerticalScroll():
                for fault in self._desk.symptoms:
                    name, answer = fault.symptom.name, said.get(fault.name)
                    yield Static(Content.assemble((name, "bold"), f"  {fault.symptom.title}"), classes="symptom")
                    with Horizontal(classes="answer"):
                        yield _list("component", name, components, answer.component if answer else None)
                        yield _list("cause", name, causes, answer.cause if answer else None)
            with Horizontal(classes="buttons"):
                yield Button("Submit" if self._last else "Save", id="ok", variant="primary")
                yield Button("Back (Esc)", id="back")

    def on_mount(self) -> None:
        """Focus the first unanswered list, or the button if everything is answered."""
        lists = list(self.query(Select))
        unanswered = next((each for each in lists if each.value is Select.NULL), lists[0])
        (self.query_one("#ok") if self._ready else unanswered).focus()

    @property
    def _ready(self) -> bool:
        """Whether all lists are answered and a submission follows."""
        said = self._desk.session.diagnosis
        return self._last and all(fault.name in said for fault in self._desk.symptoms)

    @on(Button.Pressed, "#back")
    def _back(self) -> None:
        self.dismiss(False)

    @on(Button.Pressed, "#ok")
    def _ok(self) -> None:
        if self.save():
            self.dismiss(True)

    def save(self) -> bool:
        """Save the complete answers; return whether that worked."""
        try:
            for fault in self._desk.symptoms:
                self._note(fault.symptom.name)
        except LabError as problem:
            self.notify(str(problem), severity="error", markup=False)
            return False
        return True

    def _note(self, symptom: str) -> None:
        component = self.query_one(f"#component-{symptom}", Select).value
        cause = self.query_one(f"#cause-{symptom}", Select).value
        if isinstance(component, str) and isinstance(cause, str):
            self._desk.lab.diagnose(symptom, component, cause)


def _list(what: str, symptom: str, choices: list[tuple[str, str]], chosen: str | None) -> Select[str]:
    """Return the list of `what` (component or cause) for a symptom."""
    return Select(
        choices,
        prompt=f"{what} …",
        id=f"{what}-{symptom}",
        value=Select.NULL if chosen is None else chosen,
        compact=True,
    )
