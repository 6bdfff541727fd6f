"""The report as tables: CSV for spreadsheets and learning platforms, Markdown, and JSON lines for programs."""

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from lab.console import clock
from lab.core.standing import number
from lab.serve.report.model import Report, Row

__all__ = ["canvas", "markdown", "spreadsheet", "summary", "to_lines"]


def spreadsheet(report: Report) -> str:
    """Return a CSV table with a row for each person. Moodle recognises learners by the column *learner id*."""
    symptoms = list(dict.fromkeys(name for row in report.rows for name in row.order))
    titles = ["place", "seat", "team", "name", "learner id", "points", "maximum", "passed", "ended"]
    titles += ["last gain (s)", "hints", "solutions", "commands", "scenario", "backend", "kept", "whole"]
    titles += [f"points {name}" for name in symptoms] + [f"repaired {name} (s)" for name in symptoms]
    return _csv(
        titles,
        [
            [row.place, row.seat, row.who if len(row.people) > 1 else "", name, learner, *_cells(row, symptoms)]
            for row in report.rows
            if not row.forgotten
            for name, learner in row.people or [(row.who, "")]
        ],
    )


def _cells(row: Row, symptoms: list[str]) -> list[Any]:
    passed = "" if row.passed is None else "yes" if row.passed else "no"
    cells: list[Any] = [row.points, row.maximum, passed]
    cells += [row.ending or "no", round(row.gained), row.hints, row.given_up, row.commands]
    cells += [row.scenario, row.backend, row.trust, "yes" if row.whole else "no"]
    cells += [row.by_symptom[name][0] if name in row.by_symptom else "" for name in symptoms]
    return cells + [round(row.repaired[name]) if name in row.repaired else "" for name in symptoms]


def canvas(report: Report) -> str:
    """Return a CSV table for the gradebook of Canvas; the learner's id is the SIS user id."""
    titles = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", report.title]
    most = max((row.maximum for row in report.rows), default=0.0)
    rows: list[list[Any]] = [["    Points Possible", "", "", "", "", number(most)]]
    rows += [
        [name, "", learner, "", "", number(row.points)]
        for row in report.rows
        if not row.forgotten
        for name, learner in row.people
        if learner
    ]
    return _csv(titles, rows)


def _csv(titles: list[str], rows: list[list[Any]]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow([_harmless(title) for title in titles])
    table.writerows([_harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return out.getvalue()


def _harmless(text: str) -> str:
    """Return `text` changed so that no spreadsheet treats it as a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def markdown(report: Report) -> str:
    """Return the report as Markdown."""
    lines = [f"# {_plain(report.title)}", "", summary(report), ""]
    for scenario in report.scenarios:
        for backend in sorted({row.backend for row in report.of(scenario)}):
            lines += _ranking(report, scenario, backend)
    broken = [row.seat for row in report.rows if not row.whole]
    changed = f"Changed attempts: {', '.join(broken)}."
    lines += [changed if broken else "No attempt was changed.", ""]
    lines += [f"- {row.seat}: {gap}" for row in report.rows for gap in row.gaps]
    return "\n".join(lines) + "\n"


def _ranking(report: Report, scenario: str, backend: str) -> list[str]:
    lines = [
        f"## {_plain(scenario)}, {_plain(backend)}",
        "",
        "| place | name | points | last gain | hints | repaired | kept |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in (each for each in report.of(scenario) if each.backend == backend):
        repaired = ", ".join(name for name, solved in row.symptoms.items() if solved) or "nothing"
        points = f"{number(row.points)} of {number(row.maximum)}{'' if row.ended else ' (not submitted)'}"
        kept = row.trust if row.whole else "NOT whole"
        lines.append(
            f"| {row.place} | {_plain(row.who)} | {points} | {clock(row.gained)} | {row.hints} "
            f"| {_plain(repaired)} | {kept} |"
        )
    return [*lines, ""]


def summary(report: Report) -> str:
    """Return the date and the number of players, in one sentence."""
    when = f"Started {report.started[:16].replace('T', ' ')} UTC. " if report.started else ""
    forgotten = sum(row.forgotten for row in report.rows)
    paused = (
        f" {report.pauses} {'pause' if report.pauses == 1 else 'pauses'} of {clock(report.paused_seconds)} min "
        "in all: not counted."
        if report.pauses
        else ""
    )
    gone = f" The data of {forgotten} was removed." if forgotten else ""
    ended = sum(row.ended for row in report.rows)
    return f"{when}{len(report.rows)} attempts, {ended} of them submitted.{paused}{gone}"


def _plain(text: str) -> str:
    """Return `text` without characters that Markdown would interpret."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+!|<>~&" else char for char in " ".join(text.split()))


def to_lines(report: Report) -> str:
    """Return a line of JSON for each attempt."""
    return "".join(f"{json.dumps(asdict(row))}\n" for row in report.rows)
