"""A certificate as one HTML page: for the printer and for PDF. It loads nothing."""

from html import escape

from lab.console import clock
from lab.core.standing import number
from lab.html_page import html_page
from lab.serve.report.certificate import Certificate

__all__ = ["certificate_page"]

_STYLE = """
@page { size: A4; margin: 20mm; }
:root { --ink: #1b1f24; --rule: #8b949e; }
body { font: 11pt/1.5 Georgia, 'Times New Roman', serif; color: var(--ink); background: #fff;
  max-width: 170mm; margin: 2rem auto; padding: 0 1rem; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
h1 { font-size: 26pt; font-weight: normal; margin: 0 0 12mm; }
.name { font-size: 20pt; margin: 0; }
.result { font-size: 13pt; margin: 4mm 0 8mm; }
table { border-collapse: collapse; width: 100%; break-inside: avoid; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; }
th, td { border-bottom: .3mm solid var(--rule); padding: 1mm 2mm; text-align: left; }
.n { text-align: right; }
footer { margin-top: 12mm; font-size: 8pt; break-inside: avoid; }
code { font: 7.5pt/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
"""


def certificate_page(told: Certificate, file: str) -> str:
    """Return the page of a certificate whose JSON is in the file called `file`."""
    team = f" in the team {escape(told.team)}" if told.team else ""
    learner = f"<p>Learner: {escape(told.learner)}</p>" if told.learner else ""
    verb = {True: "passed", False: "did not pass", None: "took part in"}[told.passed]
    what = {"exam": "the exam", "game-day": "the game day", "training": "the training"}[told.mode]
    mark = f" {told.pass_mark} points pass." if told.pass_mark is not None else ""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="n">{number(got)}</td>'
        f'<td class="n">{number(most)}</td></tr>\n'
        for name, (got, most) in _parts(told).items()
    )
    table = (
        "<table><caption>Points by symptom</caption>\n"
        '<thead><tr><th scope="col">symptom</th><th scope="col" class="n">points</th>'
        f'<th scope="col" class="n">of</th></tr></thead>\n<tbody>{rows}</tbody></table>\n'
    )
    body = (
        f"<h1>{escape(told.event)}</h1>\n"
        f'<p class="name">{escape(told.name)}</p>\n{learner}'
        f'<p class="result">{verb} {what}{team} on {told.started:%d %B %Y}, with <strong>{number(told.points)} of '
        f"{number(told.maximum)} points</strong>, in {clock(told.seconds)} minutes.{mark}</p>\n"
        f"{table if rows else ''}"
        f"<p>Hints: {told.hints}. Solutions shown: {told.solutions}. Scenario: {escape(told.scenario)}, "
        f"kluster {escape(told.kluster)}.</p>\n"
        f"{_proof(told, escape(file))}\n"
    )
    return html_page(f"{told.event}: {told.name}", _STYLE, body)


def _parts(told: Certificate) -> dict[str, tuple[float, float]]:
    """Return the points and the maximum of each symptom, and of the diagnoses, which have the rest."""
    rest = told.maximum - sum(most for _, most in told.by_symptom.values())
    if not told.by_symptom or rest < 0.1:
        return told.by_symptom
    return {**told.by_symptom, "diagnoses": (told.points - sum(got for got, _ in told.by_symptom.values()), rest)}


def _proof(told: Certificate, file: str) -> str:
    command = f"<code>kluster verify {file} --key witness.pub</code>"
    return (
        f"<footer><p>Issued {told.issued:%d %B %Y, %H:%M %Z}. This page proves nothing. The file {file} does: "
        f"{command}, with the key from whoever held the event.</p>"
        f"<p>Key: <code>{told.key}</code></p><p>Signature: <code>{told.signature}</code></p></footer>"
    )
