"""A score as a readable table, for 40 columns as well as for 120."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lab.console import duration, printable
from lab.core.score_view import CheckView, DiagnosisView, ScoreView, SymptomView
from lab.core.standing import number

__all__ = ["score_table"]

_MARKS = {"pass": "\N{CHECK MARK}", "fail": "\N{BALLOT X}", "blocked": "\N{DOTTED CIRCLE}", "unreadable": "?"}
_PLAIN_MARKS = {"pass": "+", "fail": "x", "blocked": "o", "unreadable": "?"}
_STYLES = {"pass": "green", "fail": "red", "blocked": "yellow", "unreadable": "magenta"}
_WORDS = {"pass": "pass", "fail": "fail", "blocked": "blocked", "unreadable": "unread"}


def score_table(score: ScoreView, *, marks: bool = True, reasons: bool = False) -> RenderableType:
    """Return the table: each symptom with its checks, then the sum; with `reasons`, why each check matters."""
    titles = {symptom.symptom: symptom.title for symptom in score.symptoms}
    parts: list[RenderableType] = []
    for symptom in score.symptoms:
        parts += [
            _head(symptom, all_void=bool(score.void)),
            _checks(symptom, titles, marks=marks, reasons=reasons),
            Text(),
        ]
    if score.drill:
        parts += [_drill(score, marks=marks), Text()]
    for void in score.void:
        parts.append(Text(f"The whole attempt is void. {printable(void)}", style="bold red"))
    parts.append(_sum(score))
    return Group(*parts)


def _head(symptom: SymptomView, *, all_void: bool) -> RenderableType:
    name = "" if symptom.symptom == "end-to-end" else f" ({symptom.symptom})"
    head = Text(f"{symptom.title}{name}  {number(symptom.attempt)} of {number(symptom.maximum)}", style="bold")
    lines = []
    if symptom.fault:
        lines.append(f"the cause: {symptom.fault}, by {symptom.culprit}")
    if symptom.void and not all_void:
        lines.append(f"void: {symptom.void}")
    if symptom.solution_seen:
        lines.append(f"the solution was shown, and cost its {number(symptom.points)} points")
    elif symptom.hint_cost:
        took = number(symptom.points - symptom.attempt)
        lines.append(f"hints take {symptom.hint_cost} % of what it earns: {took} points")
    lines += _diagnosis(symptom.diagnosis)
    return Group(head, *(Text(f"  {printable(line)}") for line in lines))


def _diagnosis(said: DiagnosisView | None) -> list[str]:
    if said is None or (said.component is None and said.right is None):
        return []
    if not said.component:
        return [f"your diagnosis: not answered; correct is {said.right_component}, {said.right_cause}"]
    words = f"{said.component}, {said.cause}"
    if said.right is None:
        return [f"your diagnosis: {words}"]
    if said.right:
        return [f"your diagnosis: {words}: right"]
    return [f"your diagnosis: {words}: wrong; correct is {said.right_component}, {said.right_cause}"]


def _checks(symptom: SymptomView, titles: dict[str, str], *, marks: bool, reasons: bool) -> RenderableType:
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, min_width=7)
    table.add_column(no_wrap=True, min_width=5, justify="right")
    table.add_column(overflow="fold")
    for check in symptom.checks:
        words = Text(check.title)
        for line in _remarks(check, titles, reasons=reasons):
            words.append(f"\n{printable(line)}", style="dim")
        table.add_row(
            Text(f" {(_MARKS if marks else _PLAIN_MARKS)[check.status]}", style=_STYLES[check.status]),
            Text(_WORDS[check.status], style=_STYLES[check.status]),
            Text(f"{check.points:g}/{check.maximum:g}" if check.maximum else ""),
            words,
        )
    return table


def _remarks(check: CheckView, titles: dict[str, str], *, reasons: bool) -> list[str]:
    lines = []
    if check.blocked_by:
        lines.append(f"blocked by: {titles.get(check.blocked_by, check.blocked_by)} ({check.blocked_by})")
    if check.note:
        lines.append(check.note)
    if check.status == "unreadable" and check.found is None:
        lines.append("could not be read, so it does not count")
    if check.found and (reasons or check.status != "pass"):
        lines.append(f"found: {check.found}")
    if check.expected and check.status != "pass":
        lines.append(f"expected: {check.expected}")
    if check.why and (reasons or check.status in {"fail", "unreadable"}):
        lines.append(f"why: {check.why}")
    return lines


def _drill(score: ScoreView, *, marks: bool) -> RenderableType:
    """Return the drill's steps, each with what it has shown."""
    table = Table.grid(padding=(0, 1), expand=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for step in score.drill:
        status = {"held": "pass", "failed": "fail"}.get(step.status, "blocked")
        mark = Text(f" {(_MARKS if marks else _PLAIN_MARKS)[status]}", style=_STYLES[status])
        words = Text(step.title)
        words.append(f"\n{printable(step.shown)}", style="dim")
        table.add_row(mark, words)
    held = all(step.status == "held" for step in score.drill)
    return Group(Text(f"The drill: {'passed' if held else 'failed'}", style="bold"), table)


def _sum(score: ScoreView) -> RenderableType:
    lines = [score.standing.text]
    if score.diagnosis_points is None:
        given = sum(1 for s in score.symptoms if s.diagnosis and s.diagnosis.component)
        wanted = sum(1 for s in score.symptoms if s.diagnosis)
        lines.append(
            f"Diagnosis: {given} of {wanted} given; up to {score.diagnosis_maximum:g} more points at the end"
        )
    else:
        lines.append(f"Included for the diagnosis: {score.diagnosis_points:g} of {score.diagnosis_maximum:g}")
    if score.seconds is not None:
        lines.append(f"Time: {duration(score.seconds)}")
    return Group(*(Text(line, style="bold" if place == 0 else "") for place, line in enumerate(lines)))
