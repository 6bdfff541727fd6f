"""The list of objectives, and the page about one objective: found, expected, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.core.scenario import END_TO_END, FaultSpec
from lab.core.score_view import CheckView, ScoreView, SymptomView
from lab.core.standing import number

__all__ = ["Row", "objective_page", "rows", "unseen"]

_MARKS = {"pass": "✓", "fail": "✗", "blocked": "…", "unreadable": "?"}
_STYLES = {"pass": "green", "fail": "red", "blocked": "yellow", "unreadable": "yellow"}
_STATES = {"pass": "It holds.", "fail": "It does not hold.", "unreadable": "It can't be read."}
_LATER = (
    "You see what was found, and why it matters, after the repair, after a hint that names the cause, or in the "
    "debrief."
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the list: a mark and a text. `symptom` names the symptom of the page behind it, if any."""

    mark: Text
    text: Text
    symptom: str = ""
    #: Whether the row begins a group.
    head: bool = False

    def drawn(self) -> Table:
        """Return the row with its text indented behind the mark."""
        table = _grid()
        table.add_row(self.mark, self.text)
        return table


def rows(view: ScoreView) -> Iterator[Row]:
    """Return the state of each symptom; below an unrepaired symptom come its checks."""
    for void in view.void:
        yield Row(Text("!", "bold red"), Text(f"All points are void: {void}", "bold red"))
    for symptom in view.symptoms:
        solved = _solved(symptom)
        mark = Text("✓" if solved else "✗", "bold green" if solved else "bold red")
        yield Row(mark, _heading(symptom).append(_state(symptom), "not bold"), symptom.symptom)
    for symptom in view.symptoms:
        if not _solved(symptom):
            yield from _details(symptom)


def unseen(faults: Iterable[FaultSpec]) -> Iterator[Row]:
    """Return the symptoms without states: no look has ended yet, or the mode hides states."""
    for fault in faults:
        text = Text.assemble((fault.symptom.name, "bold"), "\n", (fault.symptom.title, "italic"))
        yield Row(Text("·"), text, fault.symptom.name)


def objective_page(name: str, faults: Iterable[FaultSpec], seen: ScoreView | None) -> tuple[str, RenderableType]:
    """Return the title and the text of the page about the symptom called `name`; `seen` is the visible part."""
    fault = next((each for each in faults if each.symptom.name == name), None)
    symptom = next((each for each in seen.symptoms if each.symptom == name), None) if seen else None
    title = f"{name}: {fault.symptom.title}" if fault else "The user"
    parts: list[RenderableType] = [Text(fault.symptom.description)] if fault else []
    if symptom:
        parts.append(Text.assemble("\n" if fault else "", _heading(symptom), _state(symptom)))
        if symptom.void:
            parts.append(Text(f"void: {symptom.void}", "bold red"))
        parts += [_outcome(check) for check in symptom.checks]
        if any(check.why is None for check in symptom.checks):
            parts.append(Text(f"\n{_LATER}", "italic"))
    return title, Group(*parts)


def _grid() -> Table:
    """Return a table of marks and texts."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, width=1)
    table.add_column()
    return table


def _solved(symptom: SymptomView) -> bool:
    return symptom.solved and not symptom.void


def _heading(symptom: SymptomView) -> Text:
    name = "the user" if symptom.symptom == END_TO_END else symptom.symptom
    worth = f"  {number(symptom.attempt)} of {number(symptom.maximum)}"
    return Text.assemble((name, "bold"), worth)


def _state(symptom: SymptomView) -> str:
    """Return a symptom's state, and the cost of the help that was or will be taken."""
    repaired = "  repaired" if _solved(symptom) else ""
    took = number(symptom.points - symptom.attempt)
    if symptom.solution_seen:
        return f"{repaired} (the solution took {took})"
    if symptom.hint_cost and symptom.points:
        return f"{repaired} (hints took {took})"
    return f"  (hints: -{symptom.hint_cost} %)" if symptom.hint_cost else repaired


def _details(symptom: SymptomView) -> Iterator[Row]:
    name = "the user" if symptom.symptom == END_TO_END else symptom.symptom
    title = "" if symptom.symptom == END_TO_END else f": {symptom.title}"
    yield Row(Text(), Text.assemble((name, "bold"), (title, "italic")), head=True)
    if symptom.void:
        yield Row(Text("!"), Text(f"void: {symptom.void}", "bold red"))
    for check in symptom.checks:
        yield Row(_mark(check), _line(check), symptom.symptom)


def _mark(check: CheckView) -> Text:
    return Text(_MARKS[check.status], _STYLES[check.status])


def _line(check: CheckView) -> Text:
    remark = _remark(check)
    return Text.assemble(check.title, (f" ({remark})" if remark else "", "yellow"))


def _remark(check: CheckView) -> str:
    if check.blocked_by:
        return f"hidden by {check.blocked_by}"
    return check.note or ("can't be read" if check.status == "unreadable" else "")


def _outcome(check: CheckView) -> Table:
    """Return a check with the visible part of its outcome."""
    table = _grid()
    table.add_row("", "")
    worth = f"  {number(check.points)} of {number(check.maximum)}" if check.maximum else ""
    table.add_row(_mark(check), Text.assemble((check.title, "bold"), worth))
    if check.status in _STATES:
        table.add_row("", _STATES[check.status])
    if check.blocked_by:
        table.add_row("", f"It can't be checked before {check.blocked_by} is repaired.")
    if check.note:
        table.add_row("", f"It {check.note}." if check.note.startswith(("counts", "waits")) else check.note)
    facts = [("found", check.found), ("expected", check.expected), ("why", check.why)]
    for name, fact in facts:
        if fact:
            table.add_row("", Text.assemble((f"{name}: ", "bold"), fact))
    return table
