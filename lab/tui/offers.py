"""The offers of the home screen: scenarios, backends with their problems, labs to resume."""

from dataclasses import dataclass
from pathlib import Path

from lab.backends import choose
from lab.catalog import CATALOG
from lab.core.load import load, names
from lab.core.session import Session, State
from lab.errors import LabError
from lab.places import hints_folder, labs, scenarios_folder
from lab.store import Store, now
from lab.tui import words

__all__ = ["BackendOffer", "LabOffer", "ScenarioOffer", "backends", "resumable", "scenarios"]

_WAITS = {
    State.CREATING: "its creation was interrupted",
    State.HEALTHY: "ready, not broken yet",
    State.INJECTING: "breaking it was interrupted",
    State.BROKEN: "under repair",
    State.PAUSED: "paused",
    State.SOLVED: "solved",
    State.GIVEN_UP: "ended unsolved",
    State.RESETTING: "a reset was interrupted",
    State.DELETING: "its removal was interrupted",
}


@dataclass(frozen=True, slots=True)
class ScenarioOffer:
    """A scenario that can be played."""

    name: str
    title: str
    summary: str
    minutes: int


@dataclass(frozen=True, slots=True)
class BackendOffer:
    """A backend, and why it can't be used (empty: it can)."""

    name: str
    about: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class LabOffer:
    """A lab on this machine, and its state."""

    name: str
    about: str


def scenarios() -> list[ScenarioOffer]:
    """Return the scenarios that come with the lab and are readable."""
    found = []
    for name in names(scenarios_folder()):
        try:
            scenario = load(scenarios_folder() / name, hints_folder(), CATALOG).scenario
        except LabError:
            continue
        found.append(ScenarioOffer(name, scenario.title, scenario.summary, scenario.minutes))
    return found


def backends() -> list[BackendOffer]:
    """Return the backends, the best first. This asks Docker, which may take a while."""
    missing = ""
    try:
        choose("kind")
    except LabError as problem:
        missing = f"{problem.title} {problem.detail} {problem.remedy}"
    return [
        BackendOffer("kind", "a real cluster in Docker, about two minutes", missing),
        BackendOffer("sim", "the simulator, at once, with nothing to install"),
    ]


def resumable() -> list[LabOffer]:
    """Return the existing labs."""
    found = []
    for name in labs():
        try:
            found.append(LabOffer(name, _where(Store(name).load())))
        except LabError as problem:
            found.append(LabOffer(name, problem.title))
    return found


def _where(session: Session) -> str:
    where = f"its {session.words}" if session.failed else _WAITS[session.state]
    if session.due(now()):
        where = "the time is over; to be submitted"
    elif session.bound and session.deadline:
        where += f", {words.countdown(session.deadline, now())}"
    elif session.started:
        where += f", {words.clock(session.played(now()))}"
    return f"{Path(session.scenario).name}, {session.mode.value}, {session.backend}: {where}"
