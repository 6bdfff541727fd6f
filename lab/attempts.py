"""Ended attempts, a file for each. They outlive their labs, and the host of a game day can collect them."""

import re
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lab.core.session import Ending, Mode, Session
from lab.errors import LabError
from lab.places import state_folder
from lab.store import write_durably

__all__ = ["Attempt", "all_attempts", "file_of", "folder", "record"]

_UNFIT = re.compile(r"[^A-Za-z0-9]+")


class Attempt(BaseModel):
    """One attempt. `points` are those of the attempt, after hints and solutions.

    The file names the faults. While the same scenario can be played again, its names must not be displayed.
    """

    model_config = ConfigDict(frozen=True)

    lab: str
    scenario: str
    backend: str
    mode: Mode
    team: str
    started: datetime
    ended: datetime
    ending: Ending = Ending.SUBMITTED
    #: What the attempt's clock showed at the end; `paused` is how long it stood still, in s.
    seconds: float
    paused: float = 0.0
    solved: bool
    points: float
    maximum: float
    #: Fault -> seconds until it was first found repaired.
    repaired: dict[str, float]
    hint_tiers: dict[str, int]
    viewed: list[str]
    score: dict[str, object]


def folder() -> Path:
    """Return the folder of the attempts, a JSON file each."""
    return state_folder() / "attempts"


def file_of(session: Session, scenario: str) -> Path | None:
    """Return the file of the attempt of `session`, or None if it is not an attempt or has not ended."""
    if session.mode is Mode.REHEARSAL or not (session.started and session.ended and session.final):
        return None
    who = "-".join(word for name in (session.team, session.name) if (word := _UNFIT.sub("-", name).strip("-")))
    return folder() / f"{session.ended:%Y%m%d-%H%M%S}-{scenario}-{who.lower()}.json"


def record(session: Session, scenario: str) -> None:
    """Save the ended attempt of `session` durably. A rehearsal is not an attempt.

    Raises:
        LabError: the file can't be written.

    """
    path = file_of(session, scenario)
    if not (path and session.started and session.ended and session.final):
        return
    started = session.started
    attempt = Attempt(
        lab=session.name,
        scenario=scenario,
        backend=session.backend,
        mode=session.mode,
        team=session.team,
        started=started,
        ended=session.ended,
        ending=session.ending or Ending.SUBMITTED,
        seconds=session.played(session.ended).total_seconds(),
        paused=session.paused(session.ended).total_seconds(),
        solved=bool(session.final["solved"]),
        points=float(str(session.final["attempt"])),
        maximum=float(str(session.final["maximum"])),
        repaired={name: session.played(at).total_seconds() for name, at in session.repaired.items()},
        hint_tiers=session.hint_tiers,
        viewed=session.viewed,
        score=session.final,
    )
    try:
        write_durably(path, attempt.model_dump_json(indent=1))
    except OSError as error:
        raise LabError(
            "The attempt could not be kept.",
            f"{path}: {error.strerror}",
            "Its score stands: kluster debrief. Make room on the disk before the next one.",
        ) from error


def all_attempts() -> list[Attempt]:
    """Return the readable attempts, newest first."""
    found = []
    for path in sorted(folder().glob("*.json"), reverse=True):
        try:
            found.append(Attempt.model_validate_json(path.read_bytes()))
        except (OSError, ValidationError):
            continue
    return found
