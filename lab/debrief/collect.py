"""The debrief as data, from what the lab has kept."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from lab.core.events import Event
from lab.core.scenario import Loaded, SolutionStep
from lab.core.session import Session
from lab.core.view import ScoreView
from lab.errors import ExitCode, LabError

__all__ = ["Debrief", "Moment", "Repair", "collect"]

_WORDS = {
    "broken": "the clock starts",
    "hint": "hint taken",
    "diagnosed": "diagnosis",
    "solution": "the solution repairs",
    "gave-up": "had enough of",
    "submitted": "submitted",
    "node-started": "node started",
    "command": "$",
    "cut-short": "a wait cut short",
    "advice": "advice",
    "turned": "turned",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened, so many seconds after the clock started."""

    seconds: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Repair:
    """How one symptom is repaired, beside what was done about it; `seconds` is None if it never was repaired."""

    symptom: str
    title: str
    culprit: str
    domain: str
    seconds: float | None
    reference: tuple[SolutionStep, ...]
    #: Commands run since the repair before this one.
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Debrief:
    """An attempt that is over."""

    lab: str
    title: str
    mode: str
    backend: str
    team: str
    started: datetime
    seconds: float
    score: ScoreView
    #: Seconds until the first check turned; None if none did.
    first_finding: float | None
    timeline: tuple[Moment, ...]
    repairs: tuple[Repair, ...]
    story: str

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        data = asdict(self)
        data["started"] = self.started.isoformat()
        for repair, found in zip(data["repairs"], self.repairs, strict=True):
            repair["reference"] = [step.model_dump() for step in found.reference]
        return data


def collect(session: Session, loaded: Loaded, timeline: list[Event]) -> Debrief:
    """Return the debrief of the attempt that `session` has ended.

    Raises:
        LabError: it has not ended yet.

    """
    if not (session.over and session.started and session.ended and session.final):
        raise LabError("The debrief is for afterwards.", "", session.next_step, code=ExitCode.REFUSED)
    started = session.started
    events = [event for event in timeline if event.at >= started]
    turned = [event for event in events if event.kind == "turned" and event.text.endswith(": pass")]
    # What held from the start is told with the first look: it is no finding.
    turned = [event for event in turned if event.data.get("was")]
    return Debrief(
        lab=session.name,
        title=loaded.scenario.title,
        mode=session.mode.value,
        backend=session.backend,
        team=session.team,
        started=started,
        seconds=(session.ended - started).total_seconds(),
        score=TypeAdapter(ScoreView).validate_python(session.final),
        first_finding=_since(started, turned[0].at) if turned else None,
        timeline=tuple(_moment(event, started, loaded) for event in events if event.kind in _WORDS),
        repairs=tuple(_repairs(session, loaded, events, started)),
        story=loaded.debrief,
    )


def _since(started: datetime, at: datetime) -> float:
    return round((at - started).total_seconds(), 1)


def _moment(event: Event, started: datetime, loaded: Loaded) -> Moment:
    text = event.text
    if event.kind == "turned":
        name, _, status = text.partition(": ")
        titles = {check.name: check.title for check in loaded.scenario.checks}
        text = f"{titles.get(name, name)}: {status}"
    elif event.kind == "command":
        code = event.data.get("exit_code")
        text = f"{text}  ({event.data.get('node')}, exit {code}, {event.data.get('seconds')} s)"
    elif event.kind in {"hint", "advice"}:
        text = text.replace("-", " ")
    return Moment(_since(started, event.at), event.kind, f"{_WORDS[event.kind]} {text}".strip())


def _repairs(session: Session, loaded: Loaded, events: list[Event], started: datetime) -> list[Repair]:
    """In the order in which they were repaired; what never was comes last."""
    scenario = loaded.scenario
    injected = [fault for fault in scenario.faults if fault.name in session.injected]
    injected.sort(key=lambda fault: session.repaired.get(fault.name, session.ended or started))
    found, before = [], started
    for fault in injected:
        at = session.repaired.get(fault.name)
        until = at or session.ended or started
        commands = [event.text for event in events if event.kind == "command" and before <= event.at <= until]
        found.append(
            Repair(
                symptom=fault.symptom.name,
                title=fault.symptom.title,
                culprit=fault.culprit,
                domain=fault.domain,
                seconds=_since(started, at) if at else None,
                reference=tuple(loaded.solution.faults[fault.name]),
                commands=tuple(dict.fromkeys(commands)),
            )
        )
        before = until
    return found
