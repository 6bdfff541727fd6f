"""Attempts, a file for each: written line by line while they run (`lab.chain`), with the result at the end.

They outlive their labs, and the host of a game day can collect them.
"""

import re
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from lab import chain
from lab.core.session import Ending, Mode, Session
from lab.errors import LabError
from lab.places import attempts_folder
from lab.store import Store

__all__ = ["Attempt", "all_attempts", "begin", "file_of", "kept_by_server", "record"]

_UNFIT = re.compile(r"[^A-Za-z0-9]+")
_served = False


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
    #: The seed of the lab's variant; 0 without one.
    seed: int = 0
    started: datetime
    ended: datetime
    ending: Ending = Ending.SUBMITTED
    #: The attempt's final time; `paused` is the length of its pauses, in s.
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


def kept_by_server() -> None:
    """Keep no attempt files in this process: it is a worker, and the server keeps them."""
    global _served  # noqa: PLW0603 -- a process is a worker or is not
    _served = True


def begin(store: Store, session: Session, scenario: str) -> None:
    """Create the file of the attempt of `session`. A rehearsal is not an attempt.

    An unwritable file does not stop the attempt; `record` reports it at the end.
    """
    if session.mode is Mode.REHEARSAL or session.started is None or _served:
        return
    words = (_UNFIT.sub("-", name).strip("-").lower() for name in (scenario, session.team, session.name))
    stem = f"{session.started:%Y%m%d-%H%M%S}-{'-'.join(word for word in words if word)}"
    taken = sum(1 for _ in attempts_folder().glob(f"{stem}*.jsonl"))
    session.attempt = f"{stem}{f'-{taken + 1}' if taken else ''}.jsonl"
    about: dict[str, JsonValue] = {
        "lab": session.name,
        "scenario": scenario,
        "backend": session.backend,
        "mode": session.mode.value,
        "team": session.team,
    }
    try:
        store.keep(attempts_folder() / session.attempt, session.started, "begun", about)
    except OSError:
        return


def file_of(session: Session) -> Path | None:
    """Return the file of the attempt of `session`, or None if it has none or has not ended."""
    return attempts_folder() / session.attempt if session.attempt and session.ended and session.final else None


def record(store: Store, session: Session, scenario: str) -> None:
    """Add the result of the ended attempt of `session` to its file, durably.

    Raises:
        LabError: the file can't be written.

    """
    path = file_of(session)
    if not (path and session.started and session.ended and session.final):
        return
    attempt = Attempt(
        lab=session.name,
        scenario=scenario,
        backend=session.backend,
        mode=session.mode,
        team=session.team,
        seed=session.seed,
        started=session.started,
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
        store.keep(path, session.ended, "ended", attempt.model_dump(mode="json"), durably=True)
    except OSError as error:
        raise LabError(
            "The attempt could not be stored.",
            f"{path}: {error.strerror or error}",
            "Its score is saved: kluster debrief. Free disk space before the next attempt.",
        ) from error


def all_attempts() -> list[Attempt]:
    """Return the ended attempts that can be read, newest first."""
    found = []
    for path in sorted(attempts_folder().glob("*.json*"), reverse=True):
        if path.suffix not in {".json", ".jsonl"}:
            continue
        try:
            found.append(_read(path))
        except (OSError, ValidationError):
            continue
    return found


def _read(path: Path) -> Attempt:
    if path.suffix == ".json":  # of an earlier version
        return Attempt.model_validate_json(path.read_bytes())
    told = chain.last(path)
    return Attempt.model_validate(told.get("data") if told.get("kind") == "ended" else None)
