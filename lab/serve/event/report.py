"""The report of an event, made from the stored attempts: one table for people and one for other programs."""

import csv
import io
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lab import chain
from lab.serve.event.folder import EventFolder
from lab.serve.event.ranking import Standing, ranked
from lab.store import write_durably

__all__ = ["Report", "Row", "collected", "write"]


@dataclass(slots=True)
class Row:
    """The result of a seat."""

    seat: str
    who: str
    learner: str
    place: int = 0
    points: float = 0.0
    maximum: float = 0.0
    ended: bool = False
    passed: bool | None = None
    #: Seconds of the event's clock until the last gain.
    gained: float = 0.0
    hints: int = 0
    given_up: int = 0
    #: Symptom -> whether it was repaired.
    symptoms: dict[str, bool] = field(default_factory=dict)
    commands: int = 0
    #: Whether the attempt's chain is unbroken, and the hash of its last line.
    whole: bool = True
    head: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The results of an event."""

    title: str
    scenario: str
    started: str
    stopped: str
    pauses: int
    paused_seconds: float
    rows: tuple[Row, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the report in JSON's types."""
        return asdict(self)


def collected(folder: EventFolder) -> Report:
    """Read the results from the attempts in `folder`."""
    state, event = folder.load_state(), folder.invited.event
    rows = []
    for name, seat in sorted(state.seats.items()):
        row = Row(name, event.who(seat.number), event.learner(seat.number))
        verdict = chain.verify(folder.attempt(name))
        row.whole, row.head = verdict.whole, verdict.head
        for told in chain.entries(folder.attempt(name)):
            _add(row, told)
        if event.pass_mark is not None and row.ended:
            row.passed = row.points >= event.pass_mark
        rows.append(row)
    by_name = {row.seat: row for row in rows}
    for each in ranked(Standing(row.seat, row.points, row.gained) for row in rows):
        by_name[each.standing.name].place = each.place
    rows.sort(key=lambda row: (row.place, row.seat))
    ended = [pause for pause in state.pauses if pause.ended]
    return Report(
        title=event.title,
        scenario=folder.invited.loaded.scenario.name,
        started=state.started.isoformat() if state.started else "",
        stopped=state.stopped.isoformat() if state.stopped else "",
        pauses=len(state.pauses),
        paused_seconds=sum((pause.ended - pause.began).total_seconds() for pause in ended if pause.ended),
        rows=tuple(rows),
    )


def _add(row: Row, told: dict[str, Any]) -> None:
    data = told.get("data", {})
    if told.get("kind") == "stands":
        final = data.get("final")
        found = final if isinstance(final, dict) else data
        row.points = round(float(found.get("attempt" if final else "points") or 0.0), 1)
        row.maximum = float(found.get("maximum") or row.maximum)
        row.ended = row.ended or final is not None
        row.gained = float(data.get("gained", row.gained))
        row.hints, row.given_up = int(data.get("hints", 0)), int(data.get("given_up", 0))
        row.symptoms = data.get("symptoms") or row.symptoms
    elif told.get("kind") == "lab" and data.get("event", {}).get("kind") == "command":
        row.commands += 1


def write(told: Report, folder: Path) -> list[Path]:
    """Write the report's files into `folder`, and return their paths."""
    files = {"report.csv": _csv(told), "report.md": _markdown(told), "report.jsonl": _lines(told)}
    for name, text in files.items():
        write_durably(folder / name, text)
    return [folder / name for name in files]


def _csv(told: Report) -> str:
    """Return a table for spreadsheets and learning platforms. Cells that look like formulas are defused."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    symptoms = list(dict.fromkeys(name for row in told.rows for name in row.symptoms))
    table.writerow(
        ["place", "seat", "name", "learner", "points", "maximum", "passed", "ended", "last gain (s)", "hints"]
        + [f"repaired {name}" for name in symptoms]
    )
    for row in told.rows:
        passed = "" if row.passed is None else "yes" if row.passed else "no"
        table.writerow(
            [row.place, row.seat, _harmless(row.who), _harmless(row.learner), row.points, row.maximum, passed]
            + ["yes" if row.ended else "no", round(row.gained), row.hints]
            + ["yes" if row.symptoms.get(name) else "no" for name in symptoms]
        )
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _markdown(told: Report) -> str:
    lines = [f"# {_plain(told.title)}", ""]
    lines.append(f"Scenario {told.scenario}, started {told.started or 'not yet'}, {told.pauses} pauses.")
    lines += [
        "",
        "| place | name | points | last gain | hints | repaired |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in told.rows:
        repaired = ", ".join(name for name, solved in row.symptoms.items() if solved) or "nothing"
        gained = f"{int(row.gained) // 60}:{int(row.gained) % 60:02}"
        points = f"{row.points:g} of {row.maximum:g}{'' if row.ended else ' (not submitted)'}"
        lines.append(f"| {row.place} | {_plain(row.who)} | {points} | {gained} | {row.hints} | {repaired} |")
    broken = [row.seat for row in told.rows if not row.whole]
    lines += [
        "",
        f"Attempts that are not as they were written: {', '.join(broken)}."
        if broken
        else "All attempts are whole.",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return `text` with Markdown's special characters escaped."""
    return "".join(f"\\{char}" if char in r"\`*_{}[]()#+!|<>~" else char for char in text)


def _lines(told: Report) -> str:
    return "".join(f"{json.dumps(asdict(row))}\n" for row in told.rows)
