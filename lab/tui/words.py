"""Small pieces of text that several parts of the play screen show."""

from datetime import datetime

from rich.table import Table
from rich.text import Text

from lab.commands.invocation import with_lab
from lab.core.hints import cost
from lab.core.scenario import END_TO_END
from lab.core.standing import number
from lab.core.view import CheckView, ScoreView, SymptomView
from lab.errors import LabError

__all__ = ["causes", "clock", "countdown", "error_text", "objectives"]

_MARKS = {"pass": "✓", "fail": "✗", "blocked": "…", "unreadable": "?"}
_STYLES = {"pass": "green", "fail": "red", "blocked": "yellow", "unreadable": "yellow"}


def clock(started: datetime | None, now: datetime | None) -> str:
    """Return the time since `started` as hours, minutes and seconds."""
    seconds = max(0, int((now - started).total_seconds())) if started and now else 0
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def causes(said: int, symptoms: int) -> str:
    """Return for how many symptoms a cause is saved."""
    return f"causes {said} of {symptoms}"


def countdown(deadline: datetime, now: datetime) -> str:
    """Return the time until `deadline` as hours, minutes and seconds."""
    return f"{clock(now, deadline)} left"


def objectives(view: ScoreView) -> Table:
    """Return the state of each symptom, and below that what belongs to those that are not repaired."""
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column()
    for void in view.void:
        table.add_row("!", Text(f"All points are void: {void}", "bold red"))
    for symptom in view.symptoms:
        solved = _solved(symptom)
        mark = Text("✓" if solved else "✗", "bold green" if solved else "bold red")
        table.add_row(mark, _heading(symptom).append(_state(symptom), "not bold"))
    for symptom in view.symptoms:
        if not _solved(symptom):
            _add_details(table, symptom)
    table.add_row("", "")
    return table


def _solved(symptom: SymptomView) -> bool:
    return symptom.solved and not symptom.void


def _heading(symptom: SymptomView) -> Text:
    name = "the user" if symptom.symptom == END_TO_END else symptom.symptom
    worth = f"  {number(symptom.attempt)} of {number(symptom.maximum)}"
    return Text.assemble((name, "bold"), worth)


def _state(symptom: SymptomView) -> str:
    """Return what has become of a symptom, with what help took or will take."""
    repaired = "  repaired" if _solved(symptom) else ""
    took = number(symptom.points - symptom.attempt)
    if symptom.solution_seen:
        return f"{repaired} (the solution took {took})"
    if symptom.hint_cost:
        return f"{repaired} (hints took {took})"
    if not symptom.solved and symptom.hint_tier and cost(symptom.hint_tier):
        return f"  (hints: -{cost(symptom.hint_tier)} % once repaired)"
    return repaired


def _add_details(table: Table, symptom: SymptomView) -> None:
    name = "the user" if symptom.symptom == END_TO_END else symptom.symptom
    title = "" if symptom.symptom == END_TO_END else f": {symptom.title}"
    table.add_row("", "")
    table.add_row("", Text.assemble((name, "bold"), (title, "italic")))
    if symptom.void:
        table.add_row("!", Text(f"void: {symptom.void}", "bold red"))
    for check in symptom.checks:
        remark = _remark(check)
        line = Text.assemble(check.title, (f" ({remark})" if remark else "", "yellow"))
        table.add_row(Text(_MARKS[check.status], _STYLES[check.status]), line)


def _remark(check: CheckView) -> str:
    if check.blocked_by:
        return f"hidden by {check.blocked_by}"
    return "can't be read" if check.status == "unreadable" else check.note


def error_text(error: LabError, lab: str) -> Text:
    """Return an error for the player of `lab`: what, what was found, what to do. Nothing in it is markup."""
    text = Text(error.title, "bold")
    if error.detail:
        text.append(f"\n{error.detail}", "not bold")
    if error.remedy:
        text.append(f"\n→ {with_lab(error.remedy, lab)}", "not bold")
    return text
