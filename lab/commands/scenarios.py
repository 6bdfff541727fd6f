"""`kluster list`, `validate` and `schema`: scenarios as data."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.commands import candidates
from lab.commands.invocation import JsonOption, command, invocation
from lab.console import duration
from lab.errors import ExitCode, LabError

if TYPE_CHECKING:
    from lab.attempts import Attempt
    from lab.core.load import ScenarioInvalid
    from lab.core.scenario import Loaded

__all__ = ["list_", "schema", "validate"]


class File(StrEnum):
    """The values of `schema`."""

    SCENARIO = "scenario"
    SOLUTION = "solution"
    HINTS = "hints"
    VARIANTS = "variants"


def list_(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the scenarios, the labs on this machine, and the attempts that have ended."""
    from lab.attempts import all_attempts  # noqa: PLC0415 -- --help does without all that a lab needs
    from lab.core.load import names  # noqa: PLC0415
    from lab.places import labs, scenarios_folder  # noqa: PLC0415

    console = invocation(context).console
    folder = scenarios_folder()
    scenarios = [_scenario(folder / name) for name in names(folder)]
    made = [_lab(name) for name in labs()]
    attempts = [_attempt(each) for each in all_attempts()]
    if as_json:
        console.data({"scenarios": scenarios, "labs": made, "attempts": attempts})
        return
    lines = ["Scenarios:"]
    for each in scenarios:
        about = (
            f"{each['summary']} ({each['minutes']} min)" if each["valid"] else "not valid: see kluster validate"
        )
        lines += [f"  {each['name']}: {each['title']}", f"    {about}"]
    lines += ["", "Labs:" if made else "Labs: none yet"]
    lines += [f"  {each['name']}: {_lab_line(each)}" for each in made]
    if attempts:
        lines += ["", "Attempts:", *(f"  {_attempt_line(each)}" for each in attempts[:_MOST])]
        older = len(attempts) - _MOST
        lines += [f"  and {older} before these: kluster list --json"] if older > 0 else []
    console.text("\n".join(lines))


#: Number of attempts that a person sees.
_MOST = 10


def _scenario(folder: Path) -> dict[str, Any]:
    try:
        scenario = _load(folder).scenario
    except LabError as error:
        return {"name": folder.name, "valid": False, "title": error.title, "summary": "", "minutes": None}
    return {
        "name": scenario.name,
        "valid": True,
        "title": scenario.title,
        "summary": scenario.summary,
        "minutes": scenario.minutes,
    }


def _lab(name: str) -> dict[str, Any]:
    from lab.store import Store  # noqa: PLC0415 -- --help does without

    try:
        session = Store(name).load()
    except LabError:
        return {
            "name": name,
            "scenario": None,
            "backend": None,
            "mode": None,
            "state": "damaged",
            "failed": False,
            "deadline": None,
        }
    return {
        "name": name,
        "scenario": Path(session.scenario).name,
        "backend": session.backend,
        "mode": session.mode.value,
        "state": session.state.value,
        "failed": session.failed,
        "deadline": session.deadline.isoformat() if session.bound and session.deadline else None,
    }


def _lab_line(lab: dict[str, Any]) -> str:
    """Return a lab's line for a person, without its name."""
    from lab.store import now  # noqa: PLC0415 -- --help does without

    if lab["mode"] is None:
        return str(lab["state"])
    words = [lab["scenario"], lab["backend"], lab["mode"], _state(lab)]
    if lab["deadline"]:
        left = (datetime.fromisoformat(lab["deadline"]) - now()).total_seconds()
        words.append(
            f"{duration(left)} left" if left > 0 else f"the time is over: {command('submit', lab['name'])}"
        )
    return ", ".join(words)


def _state(lab: dict[str, Any]) -> str:
    from lab.core.session import State  # noqa: PLC0415 -- --help does without

    state = State(lab["state"])
    return state.words_after_failure if lab["failed"] else state.words


def _attempt(attempt: "Attempt") -> dict[str, Any]:
    """Return the parts of an attempt that a later player of the scenario may read: nothing about causes."""
    return {
        "lab": attempt.lab,
        "scenario": attempt.scenario,
        "backend": attempt.backend,
        "mode": attempt.mode.value,
        "team": attempt.team or None,
        "started": attempt.started.isoformat(),
        "ended": attempt.ended.isoformat(),
        "seconds": round(attempt.seconds, 1),
        "paused_seconds": round(attempt.paused, 1),
        "ending": attempt.ending.value,
        "solved": attempt.solved,
        "points": attempt.points,
        "maximum": attempt.maximum,
    }


def _attempt_line(attempt: dict[str, Any]) -> str:
    ended = datetime.fromisoformat(attempt["ended"]).astimezone()
    who = f", team {attempt['team']}" if attempt["team"] else ""
    came_to = f"{attempt['points']:g} of {attempt['maximum']:g} points in {duration(attempt['seconds'])}"
    if round(attempt["paused_seconds"]):
        came_to += f", paused for {duration(attempt['paused_seconds'])}"
    ending = {"time-over": ", the time was over", "withdrawn": ", withdrawn"}.get(attempt["ending"], "")
    how = f"{attempt['scenario']}, {attempt['backend']}, {attempt['mode']}{who}{ending}"
    return f"{ended:%Y-%m-%d %H:%M}  {came_to} ({how})"


def validate(
    context: typer.Context,
    *,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="A scenario's folder, its scenario.yaml, or its name.",
            autocompletion=candidates.scenarios,
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Check a scenario. Each error shows its file, line and column. For an unknown key it suggests a valid one."""
    from lab.core.load import ScenarioInvalid, find  # noqa: PLC0415 -- --help does without
    from lab.places import scenarios_folder  # noqa: PLC0415

    console = invocation(context).console
    try:
        scenario = _load_all(find(path, scenarios_folder()))[0].scenario
    except ScenarioInvalid as invalid:
        if as_json:
            console.data(_problems(invalid))
        else:
            console.text(invalid.detail)
            console.say(f"Error: {invalid.title}", "bold red")
        raise typer.Exit(ExitCode.USAGE) from invalid
    points = sum(check.points for check in scenario.checks) + scenario.diagnosis.points
    if as_json:
        console.data({"valid": True, "name": scenario.name, "problems": []})
    else:
        counts = f"{len(scenario.faults)} faults, {len(scenario.checks)} checks, {points} points"
        console.text(f"{scenario.name} is valid: {counts}")


def schema(
    context: typer.Context,
    *,
    file: Annotated[
        File, typer.Argument(metavar="FILE", help="scenario, solution, hints or variants.")
    ] = File.SCENARIO,
) -> None:
    """Print the JSON Schema of one of a scenario's files, for editors."""
    from lab.catalog import CATALOG  # noqa: PLC0415
    from lab.core.load import schema as schema_of  # noqa: PLC0415 -- --help does without

    invocation(context).console.text(json.dumps(schema_of(file.value, CATALOG), indent=2))


def _load(folder: Path) -> "Loaded":
    from lab.catalog import CATALOG  # noqa: PLC0415
    from lab.core.load import load  # noqa: PLC0415 -- --help does without
    from lab.places import hints_folder  # noqa: PLC0415

    return load(folder, hints_folder(), CATALOG)


def _load_all(folder: Path) -> "list[Loaded]":
    from lab.catalog import CATALOG  # noqa: PLC0415
    from lab.core.load import load_all  # noqa: PLC0415 -- --help does without
    from lab.places import hints_folder  # noqa: PLC0415

    return load_all(folder, hints_folder(), CATALOG)


def _problems(invalid: "ScenarioInvalid") -> dict[str, Any]:
    return {
        "valid": False,
        "name": None,
        "problems": [
            {
                "file": str(problem.file),
                "line": problem.line,
                "column": problem.column,
                "message": problem.message,
                "hint": problem.hint or None,
            }
            for problem in invalid.problems
        ],
    }
