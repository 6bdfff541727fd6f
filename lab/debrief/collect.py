"""The debrief as data, collected from the lab's files."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from lab.core.events import Event
from lab.core.modes import Act
from lab.core.scenario import Loaded, SolutionStep
from lab.core.score_view import ScoreView
from lab.core.session import Session
from lab.debrief.markdown import Link, links
from lab.debrief.moments import Command, Moment, command, findings, moments, since
from lab.errors import ExitCode, LabError

__all__ = ["Debrief", "Repair", "collect"]


@dataclass(frozen=True, slots=True)
class Repair:
    """The repair of one symptom: the reference, and the trainee's commands. `seconds` is None without a repair."""

    symptom: str
    title: str
    fault: str
    culprit: str
    domain: str
    seconds: float | None
    solution_seen: bool
    reference: tuple[SolutionStep, ...]
    #: Commands between the previous repair and this one, each listed once per node.
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class Debrief:
    """An attempt that has ended."""

    lab: str
    title: str
    mode: str
    backend: str
    team: str
    #: The seed of the variant, and the command that plays it again; 0 and empty for the lab without a variant.
    seed: int
    again: str
    started: datetime
    #: The clock's final time, and the length of the pauses.
    seconds: float
    paused: float
    score: ScoreView
    #: Seconds until a check first passed; None if none did.
    first_finding: float | None
    timeline: tuple[Moment, ...]
    #: In the order of repair; symptoms that were never repaired come last.
    repairs: tuple[Repair, ...]
    #: The causes and their culprits: Markdown.
    story: str
    #: Further reading that the story recommends.
    reading: tuple[Link, ...]

    def as_data(self) -> dict[str, Any]:
        """Return the debrief as JSON data."""
        data = asdict(self)
        data["started"] = self.started.isoformat()
        for repair, found in zip(data["repairs"], self.repairs, strict=True):
            repair["reference"] = [step.model_dump(exclude={"only"}) for step in found.reference]
        return data


def collect(session: Session, loaded: Loaded, timeline: list[Event], *, score: ScoreView | None = None) -> Debrief:
    """Return the debrief of the attempt that `session` has ended.

    A rehearsal has no secrets: with its present `score`, the debrief is available before the end too.

    Raises:
        LabError: it has not ended yet.
    """
    if session.over and session.final:
        score = TypeAdapter(ScoreView).validate_python(session.final)
    else:
        session.require(Act.SEE_ALL)
    started = session.started
    if not (score and started):
        raise LabError("The debrief comes after the attempt.", "", session.next_step, code=ExitCode.REFUSED)
    events = _of_attempt(timeline, started)
    ended = session.ended or max((event.at for event in events), default=started)
    found = findings(session, loaded, events)
    return Debrief(
        lab=session.name,
        title=loaded.scenario.title,
        mode=session.mode.value,
        backend=session.backend,
        team=session.team,
        seed=session.seed,
        again=f"kluster play {loaded.scenario.name} --seed {session.seed}" if session.seed else "",
        started=started,
        seconds=since(session, ended),
        paused=round(session.paused(ended).total_seconds(), 1),
        score=score,
        first_finding=since(session, found[0].at) if found else None,
        timeline=tuple(moments(session, loaded, events)),
        repairs=tuple(_repairs(session, loaded, events, started, ended)),
        story=loaded.debrief,
        reading=tuple(links(loaded.debrief)),
    )


def _of_attempt(timeline: list[Event], started: datetime) -> list[Event]:
    """Return the events from the attempt's start to its end, without other attempts and later looks."""
    events = [event for event in timeline if event.at >= started]
    ends = [number for number, event in enumerate(events) if event.kind == "submitted"]
    return events[: ends[0] + 1] if ends else events


def _repairs(
    session: Session, loaded: Loaded, events: list[Event], started: datetime, ended: datetime
) -> list[Repair]:
    injected = [fault for fault in loaded.scenario.faults if fault.name in session.injected]
    times = [started, *(session.repaired[fault.name] for fault in injected if fault.name in session.repaired)]
    injected.sort(key=lambda fault: session.repaired.get(fault.name, datetime.max.replace(tzinfo=ended.tzinfo)))
    found = []
    for fault in injected:
        at = session.repaired.get(fault.name)
        # Two repairs found by the same look share the commands before it.
        before = max(time for time in times if at is None or time < at or time == started)
        ran = [command(each) for each in events if each.kind == "command" and before <= each.at <= (at or ended)]
        found.append(
            Repair(
                symptom=fault.symptom.name,
                title=fault.symptom.title,
                fault=fault.name,
                culprit=fault.culprit,
                domain=fault.domain,
                seconds=since(session, at) if at else None,
                solution_seen=fault.name in session.viewed,
                reference=tuple(loaded.solution.faults[fault.name]),
                commands=tuple({(each.node, each.text): each for each in ran}.values()),
            )
        )
    return found
