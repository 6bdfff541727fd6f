"""`kluster status`: a lab's state from its files alone; the story and, in the end, the debrief."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.commands.invocation import DEFAULT_LAB, Invocation, JsonOption, NameOption, invocation, with_lab
from lab.console import duration
from lab.errors import LabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lab.cluster.base import NodeState, Role
    from lab.core.scenario import Loaded, Scenario
    from lab.core.session import Session
    from lab.core.standing import Standing

__all__ = ["status"]

_DOWN = "The next command that uses the cluster starts it again, such as: kluster shell"
_GONE = "The lab can't work without it. Recreate the lab: kluster delete, then kluster create"


def status(
    context: typer.Context,
    *,
    name: NameOption = DEFAULT_LAB,
    story: Annotated[bool, typer.Option("--story", help="Print the story again, with the board.")] = False,
    debrief: Annotated[
        bool, typer.Option("--debrief", help="Print the causes, once the attempt is over.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the lab's state: clock, stopped nodes, symptoms as last seen, hints, and what to do next.

    It does not look at the cluster; `kluster check` does.
    """
    from lab.store import Store  # noqa: PLC0415 -- --help does without all that a lab needs

    run = invocation(context)
    _finish(run, name)
    session = Store(name).load()
    if story or debrief:
        run.console.markdown(_text(session, debrief=debrief))
        return
    loaded, wrong = _scenario(session)
    states, unknown = _node_states(session)
    data = {**_data(session, loaded.scenario if loaded else None), **_nodes(session, states, unknown)}
    if as_json:
        run.console.data(data)
    else:
        _show(run, data)
    if wrong:
        run.console.say(f"{wrong.title}: the symptoms can't be shown.", "yellow")
        run.console.say(wrong.detail)


def _finish(run: Invocation, name: str) -> None:
    """Submit an exam whose time is over, if possible; the state is shown in any case."""
    from lab.store import Store, now  # noqa: PLC0415 -- --help does without

    if Store(name).load().due(now()):
        try:
            run.open(name)
        except LabError as problem:
            run.console.error(problem)


def _node_states(session: "Session") -> "tuple[Mapping[str, NodeState] | None, LabError | None]":
    """Return the states of the lab's nodes, or the reason why they are unknown."""
    from lab.backends import open_cluster  # noqa: PLC0415 -- --help does without
    from lab.places import lab_folder  # noqa: PLC0415

    if not session.identity:
        return {}, None
    try:
        # Nodes are identified by their ids, so their roles do not matter.
        roles: list[Role] = ["control-plane", "worker"]
        with closing(
            open_cluster(session.backend, session.name, lab_folder(session.name), nodes=roles)
        ) as cluster:
            return cluster.node_states(session.identity), None
    except LabError as error:
        return None, error


def _nodes(
    session: "Session", states: "Mapping[str, NodeState] | None", unknown: LabError | None
) -> dict[str, Any]:
    """Return the nodes, their problems as sentences, and the remedy."""
    if states is None:
        found, remedy = ([unknown.title], unknown.remedy) if unknown else ([], "")
        return {"nodes": None, "nodes_wrong": found, "nodes_remedy": with_lab(remedy, session.name) or None}
    down = {name: state for name, state in states.items() if state != "running"}
    remedy = _GONE if "gone" in down.values() else _DOWN if down else ""
    return {
        "nodes": [{"node": name, "state": state} for name, state in states.items()],
        "nodes_wrong": [f"node {name} is {state}" for name, state in down.items()],
        "nodes_remedy": with_lab(remedy, session.name) or None,
    }


def _load(session: "Session") -> "Loaded":
    from lab.lab import load_of  # noqa: PLC0415 -- --help does without

    return load_of(session)


def _scenario(session: "Session") -> "tuple[Loaded | None, LabError | None]":
    try:
        return _load(session), None
    except LabError as error:
        return None, error


def _text(session: "Session", *, debrief: bool) -> str:
    from lab import exams  # noqa: PLC0415 -- --help does without
    from lab.core.modes import Act  # noqa: PLC0415

    if not debrief:
        return _load(session).story
    exams.require(session, Act.SEE_ALL)
    return _load(session).debrief


def _data(session: "Session", scenario: "Scenario | None") -> dict[str, Any]:
    from lab.core.modes import Act  # noqa: PLC0415 -- --help does without

    points = _standing(session)
    return {
        "lab": session.name,
        "scenario": scenario.name if scenario else Path(session.scenario).name,
        "title": scenario.title if scenario else None,
        "backend": session.backend,
        "mode": session.mode.value,
        "team": session.team or None,
        "seed": session.seed if session.may(Act.SEE_SEED) else None,
        "state": session.state.value,
        "failure": session.failure.model_dump() if session.failure and session.failed else None,
        "created": session.created.isoformat(),
        "started": session.started.isoformat() if session.started else None,
        "deadline": session.deadline.isoformat() if session.deadline else None,
        "ended": session.ended.isoformat() if session.ended else None,
        "ending": session.ending.value if session.ending else None,
        "seconds": _seconds(session),
        "paused_seconds": round(session.paused(datetime.now(UTC)).total_seconds(), 1),
        "seconds_left": _seconds_left(session),
        "minutes_planned": scenario.minutes if scenario else None,
        "states_shown": session.may(Act.SEE_STATES),
        "symptoms": _symptoms(session, scenario) if scenario else None,
        "points": points.points if points else None,
        "maximum": points.maximum if points else None,
        "hints_took": points.hints if points else None,
        "solutions_took": points.solutions if points else None,
        "looked": session.looked.isoformat() if points and session.looked else None,
        "next": with_lab(session.next_step, session.name),
    }


def _standing(session: "Session") -> "Standing | None":
    from pydantic import TypeAdapter  # noqa: PLC0415 -- --help does without

    from lab.core.score_view import ScoreView  # noqa: PLC0415
    from lab.core.standing import of_session  # noqa: PLC0415

    if session.final:
        return TypeAdapter(ScoreView).validate_python(session.final).standing
    return of_session(session)


def _seconds(session: "Session") -> float | None:
    if not session.started:
        return None
    return round(session.played(session.ended or datetime.now(UTC)).total_seconds(), 1)


def _seconds_left(session: "Session") -> float | None:
    if not (session.bound and session.deadline):
        return None
    return round(max(0.0, (session.deadline - datetime.now(UTC)).total_seconds()), 1)


def _symptoms(session: "Session", scenario: "Scenario") -> list[dict[str, Any]]:
    from lab.core.hints import cost  # noqa: PLC0415 -- --help does without
    from lab.core.modes import Act, Phase  # noqa: PLC0415

    if session.phase is Phase.BEFORE:
        return []
    statuses = session.last_statuses if session.may(Act.SEE_STATES) else {}
    found = []
    for fault in scenario.faults:
        if fault.name not in session.injected:
            continue
        checks = [check.name for check in scenario.checks_of(fault.name) if check.name not in session.left_out]
        seen = [statuses[name] for name in checks if name in statuses]
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
    from lab.core.session import State  # noqa: PLC0415 -- --help does without

    state = State(data["state"])
    words = state.words_after_failure if data["failure"] else state.words
    team = f" (team {data['team']})" if data["team"] else ""
    seed = f", seed {data['seed']}" if data["seed"] else ""
    lines = [
        f"Lab {data['lab']}: {data['title'] or data['scenario']}",
        f"  {words}, {data['mode']} mode{team}, on {data['backend']}{seed}",
    ]
    if failure := data["failure"]:
        lines += [f"  {failure['title']}", *(f"    {line}" for line in failure["detail"].splitlines())]
    if clock := _clock(data):
        lines.append(f"  clock: {clock}")
    if data["points"] is not None:
        lines.append(f"  score: {_points(data)}")
    lines += [f"  {wrong}" for wrong in data["nodes_wrong"]]
    if data["nodes_remedy"]:
        lines.append(f"    -> {data['nodes_remedy']}")
    for each in data["symptoms"] or []:
        lines.append(f"  {each['symptom']}: {each['title']}")
        if remarks := _remarks(each, seen=data["states_shown"]):
            lines.append(f"    {', '.join(remarks)}")
    run.console.text("\n".join(lines))
    run.console.say(f"Next: {data['next']}")


def _points(data: dict[str, Any]) -> str:
    from lab.core.standing import Standing  # noqa: PLC0415 -- --help does without

    text = Standing(data["points"], data["maximum"], data["hints_took"], data["solutions_took"]).text
    if data["ended"] or not data["looked"]:
        return text
    age = (datetime.now(UTC) - datetime.fromisoformat(data["looked"])).total_seconds()
    return f"{text}, seen {duration(age)} ago"


def _clock(data: dict[str, Any]) -> str:
    """Return the remaining or the elapsed time; empty before the clock starts."""
    if data["seconds_left"] is not None:
        return f"{duration(data['seconds_left'])} left"
    if data["seconds"] is None:
        return ""
    planned = f" (planned: {data['minutes_planned']} min)" if data["minutes_planned"] else ""
    paused = f", paused for {duration(data['paused_seconds'])}" if round(data["paused_seconds"]) else ""
    return f"{duration(data['seconds'])}{planned}{paused}"


def _remarks(symptom: dict[str, Any], *, seen: bool) -> list[str]:
    said = []
    if seen:
        passed = symptom["passed"]
        said.append(
            "not looked at yet" if passed is None else f"{passed} of {symptom['checks']} checks passed last time"
        )
    if symptom["hint_tier"] is not None:
        took = f"-{symptom['hint_cost_percent']} %" if symptom["hint_cost_percent"] else "free"
        said.append(f"hints up to tier {symptom['hint_tier']} ({took})")
    if symptom["solution_seen"]:
        said.append("solution shown")
    if symptom["diagnosed"]:
        said.append("diagnosis given")
    return said
