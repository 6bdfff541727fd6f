"""Make a report from the stored lines of attempts."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lab import chain
from lab.core.pauses import Pause, played
from lab.serve.event.folder import EventFolder, EventState, SeatState, evidence
from lab.serve.event.ranking import Standing, ranked
from lab.serve.event.receipts import Receipt, beside, read
from lab.serve.event.verdict import Verdict, judge
from lab.serve.report.model import HintTaken, Report, Row

__all__ = ["of_event", "of_folder"]

#: Converts a time to seconds of the attempt's clock.
Clock = Callable[[str], float]


def of_event(folder: EventFolder) -> Report:
    """Return the report of an event."""
    state, event = folder.load_state(), folder.invited.event
    scenario = folder.invited.loaded.scenario
    titles = {fault.name: fault.symptom.name for fault in scenario.faults}
    given, key = evidence(folder.path)
    rows = []
    for name, seat in sorted(state.seats.items()):
        row = Row(
            name,
            folder.who(seat),
            _people(folder, seat),
            scenario=scenario.name,
            seed=folder.invited.seed(seat.number),
        )
        path = folder.attempt(name)
        _judged(row, judge(path, given, key, seat=name))
        _read(row, list(chain.entries(path)), _event_clock(state), titles)
        if not row.ended and not row.forgotten and (last := state.stopped or state.alive):
            row.seconds = max(row.seconds, min(state.lived(last), 60.0 * folder.invited.minutes))
        if event.pass_mark is not None and row.ended:
            row.passed = row.points >= event.pass_mark
        rows.append(row)
    over = [pause for pause in state.pauses if pause.ended]
    return Report(
        title=event.title,
        started=state.started.isoformat() if state.started else "",
        stopped=state.stopped.isoformat() if state.stopped else "",
        pauses=len(state.pauses),
        paused_seconds=sum((pause.ended - pause.began).total_seconds() for pause in over if pause.ended),
        rows=_ranked(rows),
    )


def _people(folder: EventFolder, seat: SeatState) -> tuple[tuple[str, str], ...]:
    names = folder.members(seat)
    known = () if seat.team else folder.invited.event.learners(seat.number)
    return tuple((name, known[i] if i < len(known) else "") for i, name in enumerate(names))


def of_folder(folder: Path, given: Sequence[Receipt] = (), key: str = "") -> Report:
    """Return the report of all attempts in `folder`, as single machines store them.

    Receipts of the server with the public `key` count: those beside the attempts, and those in `given`.
    """
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        told = list(chain.entries(path))
        if not told or told[0]["kind"] != "begun":
            continue
        about = told[0]["data"]
        row = Row(
            path.stem,
            str(about.get("team") or about.get("lab") or path.stem),
            scenario=str(about.get("scenario", "")),
            backend=str(about.get("backend", "")),
        )
        _judged(row, judge(path, [*given, *read(beside(path))], key))
        _read(row, told, _own_clock(told), {})
        rows.append(row)
    return Report(f"Attempts in {folder.name}", "", "", 0, 0.0, _ranked(rows))


def _ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows with their places. Simulated clusters, real clusters and scenarios are ranked separately."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.scenario, row.backend), []).append(row)
    found = []
    for _, group in sorted(groups.items()):
        by_name = {row.seat: row for row in group}
        present = [row for row in group if not row.forgotten]
        for each in ranked(Standing(row.seat, row.points, row.gained) for row in present):
            by_name[each.standing.name].place = each.place
        found += sorted(group, key=lambda row: (row.forgotten, row.place, row.seat))
    return tuple(found)


def _judged(row: Row, verdict: Verdict) -> None:
    row.whole, row.trust, row.gaps, row.head = verdict.whole, verdict.trust, verdict.gaps, verdict.head
    row.forgotten = verdict.lines > 0 and verdict.forgotten == verdict.lines


def _event_clock(state: EventState) -> Clock:
    return lambda at: state.lived(datetime.fromisoformat(at)) if _is_time(at) else 0.0


def _own_clock(told: list[dict[str, Any]]) -> Clock:
    """Return the clock of an attempt by its own lines."""
    started = datetime.fromisoformat(told[0]["at"])
    pauses: list[Pause] = []
    for each in told:
        kind = _event(each).get("kind")
        if kind == "paused":
            pauses.append(Pause(since=datetime.fromisoformat(each["at"])))
        elif kind == "resumed" and pauses:
            pauses[-1].until = datetime.fromisoformat(each["at"])
    return lambda at: played(started, pauses, datetime.fromisoformat(at)).total_seconds() if _is_time(at) else 0.0


def _is_time(text: object) -> bool:
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _event(told: dict[str, Any]) -> dict[str, Any]:
    found = told["data"].get("event")
    return found if told["kind"] == "lab" and isinstance(found, dict) else {}


def _read(row: Row, told: list[dict[str, Any]], clock: Clock, titles: dict[str, str]) -> None:
    """Add the data of an attempt's lines to its row. `titles` has the symptom of each known fault."""
    hints: list[tuple[float, str, int | None]] = []
    for each in told:
        data = each["data"]
        if each["kind"] == "stands":
            _add_standing(row, data, clock)
        elif each["kind"] == "ended":
            _add_result(row, data, titles)
        elif each["kind"] == "gift":
            hints.append((clock(str(each["at"])), str(data.get("symptom", "")), None))
        elif event := _event(each):
            at = clock(str(event.get("at", each["at"])))
            if not row.ended:
                row.seconds = max(row.seconds, at)
            _add_event(row, event, at, hints)
    row.hints_taken = [HintTaken(at, titles.get(fault, fault), tier) for at, fault, tier in hints]
    row.progress = sorted({*row.progress, *row.repaired.values()})


def _add_standing(row: Row, data: dict[str, Any], clock: Clock) -> None:
    """Add the server's notes about a seat."""
    final = data.get("final")
    found = final if isinstance(final, dict) else data
    points = found.get("attempt" if final else "points")
    row.points = row.points if points is None else round(float(points), 1)
    row.maximum = float(found.get("maximum") or row.maximum)
    row.gained = float(data.get("gained", row.gained))
    row.hints, row.given_up = int(data.get("hints", row.hints)), int(data.get("given_up", row.given_up))
    row.symptoms = data.get("symptoms") or row.symptoms
    for name, (got, most) in (data.get("by_symptom") or {}).items():
        row.by_symptom[name] = (float(got), float(most))
    for name, at in (data.get("repaired") or {}).items():
        row.repaired.setdefault(name, clock(str(at)))
    if final is not None:
        row.ended, row.ending = True, str(data.get("ending") or "submitted")
        row.seconds = clock(str(data["ended"])) if data.get("ended") else row.seconds


def _add_result(row: Row, data: dict[str, Any], titles: dict[str, str]) -> None:
    """Add the result at the end of an attempt on a single machine."""
    row.ended, row.ending = True, str(data.get("ending", ""))
    row.points, row.maximum = round(float(data["points"]), 1), float(data["maximum"])
    row.seconds, row.seed = float(data["seconds"]), int(data.get("seed", 0))
    row.hints, row.given_up = len(data.get("hint_tiers", {})), len(data.get("viewed", []))
    for each in (data.get("score") or {}).get("symptoms", []):
        titles[str(each["fault"])] = str(each["symptom"])
        row.by_symptom[each["symptom"]] = (float(each["attempt"]), float(each["maximum"]))
        row.symptoms[each["symptom"]] = bool(each["solved"])
    row.repaired = {titles.get(name, name): float(at) for name, at in data.get("repaired", {}).items()}
    row.gained = max(row.repaired.values(), default=0.0)


def _add_event(row: Row, event: dict[str, Any], at: float, hints: list[tuple[float, str, int | None]]) -> None:
    data = event.get("data") or {}
    match event.get("kind"):
        case "command":
            row.commands += 1
        case "hint":
            tier = data.get("tier")
            hints.append((at, str(data.get("fault", "")), tier if isinstance(tier, int) else 0))
        case "turned" if str(event.get("text", "")).endswith(": pass") and data.get("was") is not None:
            row.progress.append(at)
        case _:
            pass
