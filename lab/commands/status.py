"""`kluster status`: where a lab is, from its files alone; the story, and in the end the debrief."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, invocation, with_lab
from lab.console import duration
from lab.errors import ExitCode, LabError

if TYPE_CHECKING:
    from lab.core.scenario import Loaded, Scenario
    from lab.core.session import Session

__all__ = ["status"]


def status(
    context: typer.Context,
    *,
    name: NameOption = DEFAULT_LAB,
    story: Annotated[bool, typer.Option("--story", help="Print the story again, with the board.")] = False,
    debrief: Annotated[bool, typer.Option("--debrief", help="Print what was behind it, once it is over.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say where the lab is: symptoms as last seen, hints, clock, what to do next.

    It asks nothing of the cluster: `kluster check` does.
    """
    from lab.store import Store  # noqa: PLC0415 -- --help does without all that a lab needs

    run = invocation(context)
    session = Store(name).load()
    if story or debrief:
        run.console.markdown(_text(session, debrief=debrief))
        return
    loaded, wrong = _scenario(session)
    data = _data(session, loaded.scenario if loaded else None)
    if as_json:
        run.console.data(data)
    else:
        _show(run, data)
    if wrong:
        run.console.say(f"{wrong.title}: the symptoms can't be shown.", "yellow")
        run.console.say(wrong.detail)


def _load(session: "Session") -> "Loaded":
    from lab.core.load import load  # noqa: PLC0415 -- --help does without
    from lab.lab import CATALOG  # noqa: PLC0415
    from lab.places import hints_folder  # noqa: PLC0415

    return load(Path(session.scenario), hints_folder(), CATALOG)


def _scenario(session: "Session") -> "tuple[Loaded | None, LabError | None]":
    try:
        return _load(session), None
    except LabError as error:
        return None, error


def _text(session: "Session", *, debrief: bool) -> str:
    from lab.core.view import open_book  # noqa: PLC0415 -- --help does without

    if not debrief:
        return _load(session).story
    if not open_book(session):
        raise LabError("The debrief is for afterwards.", "", session.next_step, code=ExitCode.REFUSED)
    return _load(session).debrief


def _data(session: "Session", scenario: "Scenario | None") -> dict[str, Any]:
    final = session.final or {}
    return {
        "lab": session.name,
        "scenario": scenario.name if scenario else Path(session.scenario).name,
        "title": scenario.title if scenario else None,
        "backend": session.backend,
        "mode": session.mode.value,
        "team": session.team or None,
        "state": session.state.value,
        "created": session.created.isoformat(),
        "started": session.started.isoformat() if session.started else None,
        "ended": session.ended.isoformat() if session.ended else None,
        "seconds": _seconds(session),
        "minutes_planned": scenario.minutes if scenario else None,
        "symptoms": _symptoms(session, scenario) if scenario else None,
        "points": final.get("attempt"),
        "maximum": final.get("maximum"),
        "next": with_lab(session.next_step, session.name),
    }


def _seconds(session: "Session") -> float | None:
    if not session.started:
        return None
    return round(((session.ended or datetime.now(UTC)) - session.started).total_seconds(), 1)


def _symptoms(session: "Session", scenario: "Scenario") -> list[dict[str, Any]]:
    from lab.core.hints import cost  # noqa: PLC0415 -- --help does without
    from lab.core.session import State  # noqa: PLC0415

    if session.state not in {State.BROKEN, State.SOLVED, State.GIVEN_UP}:
        return []
    found = []
    for fault in scenario.faults:
        if fault.name not in session.injected:
            continue
        checks = [check.name for check in scenario.checks_of(fault.name) if check.name not in session.left_out]
        seen = [session.last_statuses[name] for name in checks if name in session.last_statuses]
        tier = session.hint_tiers.get(fault.name)
        found.append(
            {
                "symptom": fault.symptom.name,
                "title": fault.symptom.title,
                "checks": len(checks),
                "passed": seen.count("pass") if seen else None,
                "hint_tier": tier,
                "hint_cost_percent": cost(tier) if tier is not None else 0,
                "solution_seen": fault.name in session.viewed,
                "diagnosed": fault.name in session.diagnosis,
            }
        )
    return found


def _show(run: Invocation, data: dict[str, Any]) -> None:
    team = f" (team {data['team']})" if data["team"] else ""
    lines = [
        f"Lab {data['lab']}: {data['title'] or data['scenario']}",
        f"  {data['state']}, {data['mode']} mode{team}, on {data['backend']}",
    ]
    if data["seconds"] is not None:
        planned = f" (planned: {data['minutes_planned']} min)" if data["minutes_planned"] else ""
        lines.append(f"  clock: {duration(data['seconds'])}{planned}")
    if data["points"] is not None:
        lines.append(f"  score: {data['points']:g} of {data['maximum']:g}")
    for each in data["symptoms"] or []:
        lines += [f"  {each['symptom']}: {each['title']}", f"    {', '.join(_remarks(each))}"]
    run.console.text("\n".join(lines))
    run.console.say(f"Next: {data['next']}")


def _remarks(symptom: dict[str, Any]) -> list[str]:
    seen = symptom["passed"]
    said = ["not looked at yet" if seen is None else f"{seen} of {symptom['checks']} checks passed last time"]
    if symptom["hint_tier"] is not None:
        said.append(f"hints up to tier {symptom['hint_tier']} (-{symptom['hint_cost_percent']} %)")
    if symptom["solution_seen"]:
        said.append("solution shown")
    if symptom["diagnosed"]:
        said.append("diagnosis given")
    return said
