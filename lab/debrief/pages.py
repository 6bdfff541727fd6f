"""The debrief as Markdown, and as one HTML file without other files."""

import re
from collections.abc import Sequence

from lab.console import clock as minutes_and_seconds
from lab.console import duration, printable
from lab.core.hints import TIER_TITLES
from lab.core.scenario import END_TO_END
from lab.core.score_view import CheckView, DrillStepView, SymptomView
from lab.core.standing import number
from lab.debrief.collect import Debrief, Repair
from lab.debrief.markdown import parser
from lab.debrief.moments import Command
from lab.html_page import html_page

__all__ = ["clock", "plain", "repairs_page", "score_page", "timeline_page", "to_html", "to_markdown"]

#: A mark always has a word beside it, since not every reader sees marks.
_MARKS = {"pass": "✓ holds", "fail": "✗ fails", "blocked": "… hidden", "unreadable": "? unread"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#!~&])")

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; }
td:first-child { white-space: nowrap; } td { overflow-wrap: anywhere; }
pre, code { font: .9rem/1.4 ui-monospace, monospace; background: #8882; border-radius: .3rem; }
pre { padding: .7rem; overflow-x: auto; } code { padding: 0 .2rem; } pre code { background: none; padding: 0; }
blockquote { border-left: .25rem solid #8886; margin-left: 0; padding-left: 1rem; }
"""


def to_markdown(debrief: Debrief) -> str:
    """Return the whole debrief as Markdown."""
    parts = (score_page(debrief), timeline_page(debrief), repairs_page(debrief), debrief.story.strip())
    return "\n\n".join(parts) + "\n"


def to_html(debrief: Debrief) -> str:
    """Return the whole debrief as an HTML page. Text from the cluster never becomes markup."""
    return html_page(f"Debrief: {debrief.title}", _STYLE, parser().render(to_markdown(debrief)))


def clock(seconds: float | None) -> str:
    """Return a time since the start as minutes and seconds."""
    return "never" if seconds is None else minutes_and_seconds(seconds)


def _paused(debrief: Debrief) -> str:
    return f", paused for {duration(debrief.paused)}" if debrief.paused else ""


def score_page(debrief: Debrief) -> str:
    """Return the score by symptom: found, expected, and why it matters."""
    score = debrief.score
    who = f", team {plain(debrief.team)}" if debrief.team else ""
    time = f"{clock(debrief.seconds)} min{_paused(debrief)}"
    what = f"{plain(debrief.title)}, {debrief.mode}{who}, on {debrief.backend}, {time}"
    worth = f"The cluster alone earned {number(score.points)}"
    taken = f"; {took}." if (took := score.standing.took) else "."
    finding = "" if debrief.first_finding is None else f" First finding after {clock(debrief.first_finding)}."
    lines = [
        f"# {number(score.attempt)} of {number(score.maximum)} points",
        "",
        f"*{what}.* {worth}{taken}{finding}",
        "",
    ]
    if debrief.seed:
        lines += [f"This was the variant of seed {debrief.seed}. To play it again: `{debrief.again}`.", ""]
    lines += [f"**All of it is void:** {plain(void)}\n" for void in score.void]
    repairs = {repair.symptom: repair for repair in debrief.repairs}
    for symptom in score.symptoms:
        lines += _symptom(symptom, repairs.get(symptom.symptom))
    lines += _drill(score.drill)
    if score.diagnosis_points is not None:
        lines += [f"## Diagnosis: {number(score.diagnosis_points)} of {number(score.diagnosis_maximum)}", ""]
        lines += [_diagnosis(symptom) for symptom in score.symptoms if symptom.diagnosis]
    return "\n".join(lines).rstrip()


def timeline_page(debrief: Debrief) -> str:
    """Return the events with their times."""
    rows = [f"| {clock(moment.seconds)} | {plain(moment.text)} |" for moment in debrief.timeline]
    return "\n".join(["## What happened", "", "| time | what |", "|---|---|", *rows])


def repairs_page(debrief: Debrief, *, most: int | None = None) -> str:
    """Return the reference repair of each symptom beside the trainee's commands: all, or the last `most`."""
    return "\n\n".join(["## Repairs", *(_repair(repair, most) for repair in debrief.repairs)])


def _drill(steps: Sequence[DrillStepView]) -> list[str]:
    """Return the result of each step of the drill; nothing without a drill."""
    if not steps:
        return []
    held = all(step.status == "held" for step in steps)
    lines = [f"## The drill: {'passed' if held else 'failed'}", ""]
    marks = {"held": "✓ passed", "failed": "✗ failed"}
    lines += [
        f"- {marks.get(step.status, '… skipped')}: **{plain(step.title)}** ({number(step.seconds)} s)  \n"
        f"  {plain(step.shown)}"
        for step in steps
    ]
    return [*lines, ""]


def _symptom(symptom: SymptomView, repair: Repair | None) -> list[str]:
    name = "the user" if symptom.symptom == END_TO_END else symptom.symptom
    what = f": {symptom.fault} ({plain(symptom.culprit or '')})" if symptom.fault else ""
    lines = [
        f"## {name}{what}: {number(symptom.attempt)} of {number(symptom.maximum)}",
        "",
        plain(symptom.title),
        "",
    ]
    if repair:
        when = f"Repaired after {clock(repair.seconds)}." if repair.seconds is not None else "Not repaired."
        lines += [f"{when} In the exams: {plain(repair.domain)}.", ""]
    if symptom.void:
        lines += [f"**Void:** {plain(symptom.void)}", ""]
    if symptom.solution_seen:
        lines += ["The solution was seen: it earns nothing.", ""]
    elif symptom.hint_tier is not None:
        lines += [f"Hints up to: {TIER_TITLES[symptom.hint_tier]}. {_cost(symptom)}", ""]
    lines += [_check(check) for check in symptom.checks]
    return [*lines, ""]


def _cost(symptom: SymptomView) -> str:
    return (
        f"They cost {symptom.hint_cost} % of what the symptom earned." if symptom.hint_cost else "They were free."
    )


def _check(check: CheckView) -> str:
    worth = f" {number(check.points)} of {number(check.maximum)}" if check.maximum else ""
    line = f"- {_MARKS[check.status]}: **{plain(check.title)}**{worth}"
    if check.note:
        line += f" ({plain(check.note)})"
    if check.blocked_by:
        line += f" (by {check.blocked_by})"
    if check.found:
        line += f"  \n  found: {plain(check.found)}"
    if check.expected and check.status != "pass":
        line += f"  \n  expected: {plain(check.expected)}"
    return f"{line}  \n  why: {plain(check.why)}" if check.why else line


def _diagnosis(symptom: SymptomView) -> str:
    said = symptom.diagnosis
    if not said:
        return ""
    right = f"{said.right_component}, {said.right_cause}"
    if said.right:
        return f"- ✓ right: {symptom.symptom}: {right}"
    if not said.component:
        return f"- · not answered: {symptom.symptom}: {right}"
    return f"- ✗ not right: {symptom.symptom}: {right} (you said {said.component}, {said.cause})"


def _repair(repair: Repair, most: int | None) -> str:
    when = f"repaired after {clock(repair.seconds)}" if repair.seconds is not None else "not repaired"
    lines = [f"### {repair.symptom}: {plain(repair.title)} ({when})", "", f"*{plain(repair.domain)}*", ""]
    if repair.solution_seen:
        lines += ["The solution below was run for you.", ""]
    commands = repair.commands if most is None else repair.commands[-most:]
    ran = _fence("\n".join(_typed(each) for each in commands)) if commands else ""
    left_out = len(repair.commands) - len(commands)
    of = f" (the last {len(commands)} of {len(repair.commands):,}; the timeline has all)" if left_out else ""
    lines += [f"What you ran{of}:", "", ran or "no recorded commands", "", "The reference repair:"]
    for place, step in enumerate(repair.reference, 1):
        where = "on every node" if step.nodes == "all" else "on the control plane"
        lines += [
            "",
            f"{place}. **{plain(step.title)}** ({where}): {plain(step.why)}",
            "",
            _fence(step.run.rstrip()),
        ]
    return "\n".join(lines)


def _typed(ran: Command) -> str:
    return f"{ran.node}# {ran.text}" if ran.node else ran.text


def _fence(text: str) -> str:
    """Return `text` as a block of code, whatever it contains."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}bash\n{printable(text)}\n{fence}"


def plain(text: str) -> str:
    """Return `text` on one line, with everything escaped that Markdown or a terminal would interpret."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))
