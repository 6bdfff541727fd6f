"""An appeal: the cluster that a seat has submitted is graded again, by this version of kluster.

The server keeps the submitted cluster before it is graded, and the attempt has its sum. So everybody can see that
the same cluster is graded. Nothing of the seat's lab is changed by that.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lab import __version__, chain
from lab.backends import open_cluster
from lab.baseline import Baseline
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.process.wire import SNAPSHOT
from lab.core.grading import Outcome
from lab.core.scenario import Scenario
from lab.core.score_view import view
from lab.core.session import Session
from lab.drill.run import hold
from lab.errors import ExitCode, LabError, UsageProblem
from lab.lab import load_of
from lab.progress import Progress
from lab.scoring import score
from lab.serve.event.folder import EventFolder
from lab.serve.event.receipts import Signer
from lab.serve.seats.desk import SUBMITTED
from lab.serve.server.record import Record
from lab.store import Store
from lab.sums import sha256_of

__all__ = ["Changed", "Regraded", "accept", "regrade"]


@dataclass(frozen=True, slots=True)
class Changed:
    """A check with another outcome than at the submission."""

    check: str
    was: str
    now: str
    reason: str


@dataclass(frozen=True, slots=True)
class Regraded:
    """Both results of a seat's submitted cluster."""

    seat: str
    who: str
    #: The sum of the kept cluster.
    sha256: str
    before: float
    now: float
    maximum: float
    changed: tuple[Changed, ...]
    kluster: str
    #: The new result, as a session keeps it.
    final: Mapping[str, Any]

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON data."""
        return {name: value for name, value in asdict(self).items() if name != "final"}


class _Unrecorded:
    """A journal of a drill that nobody has to clean up after: its cluster is a copy."""

    def begin(self, what: str) -> None:
        """Do nothing."""

    def done(self, what: str) -> None:
        """Do nothing."""


def regrade(folder: EventFolder, who: str, progress: Progress) -> Regraded:
    """Grade the submitted cluster of a seat again, with its drill.

    `who` is a seat, or the name of a person or a team.

    Raises:
        UsageProblem: there is no such seat.
        LabError: it has not submitted, nothing was kept, or the kept cluster or the attempt was changed.

    """
    seat, name = _seat(folder, who)
    place = folder.home / "labs" / seat
    session, baseline = _read(place, seat)
    final = session.final or {}
    sha256 = _require_kept(folder, seat, place / SUBMITTED)
    loaded = load_of(session)
    with tempfile.TemporaryDirectory() as copied:
        shutil.copyfile(place / SUBMITTED, Path(copied) / SNAPSHOT)
        cluster = open_cluster("sim", seat, Path(copied), nodes=loaded.scenario.nodes, virtual=True)
        assert isinstance(cluster, SimCluster)  # noqa: S101 -- of that backend
        try:
            # It is loaded here: checks that look side by side would wait for each other.
            cluster.verify_ownership(session.identity)
            drilled = hold(
                cluster,
                baseline,
                loaded.scenario,
                session.injected,
                mark=session.mark,
                name=session.drill_name,
                recorder=_Unrecorded(),
                progress=progress,
            )
        finally:
            cluster.close()
    found = score(session, loaded, drilled.observed)
    return Regraded(
        seat=seat,
        who=name,
        sha256=sha256,
        before=float(str(final.get("attempt", 0))),
        now=round(found.attempt, 1),
        maximum=found.maximum,
        changed=tuple(_changes(session, loaded.scenario, drilled.observed.outcomes)),
        kluster=__version__,
        final=view(loaded.scenario, loaded.solution, session, found).as_data(),
    )


def _seat(folder: EventFolder, who: str) -> tuple[str, str]:
    for name, seat in folder.load_state().seats.items():
        if who in {name, folder.who(seat), *folder.members(seat)} and not seat.forgotten:
            return name, folder.who(seat)
    raise UsageProblem(
        f"There is no seat or person '{who}' in this event.", remedy=f"They are: kluster event codes {folder.path}"
    )


def _read(place: Path, seat: str) -> tuple[Session, Baseline]:
    try:
        session = Session.model_validate_json((place / "lab.json").read_bytes())
        baseline = Baseline.model_validate_json((place / "baseline.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise LabError(f"The lab of {seat} can't be read.", str(error)) from error
    if not session.final:
        raise LabError(f"{seat} has not submitted.", code=ExitCode.REFUSED)
    return session, baseline


def _require_kept(folder: EventFolder, seat: str, file: Path) -> str:
    """Return the sum of the kept cluster, if it is the one that the attempt names."""
    verdict = folder.verdict(seat)
    if not verdict.whole:
        raise LabError(f"The attempt of {seat} was changed.", verdict.wrong, code=ExitCode.UNSOLVED)
    named = [
        str(event["data"]["sha256"])
        for told in chain.entries(folder.attempt(seat))
        if isinstance(event := told["data"].get("event"), dict)
        and event.get("kind") == "kept"
        and "sha256" in event.get("data", {})
    ]
    if not named or not file.is_file():
        raise LabError(
            f"Nothing was kept of the submission of {seat}.",
            "An older kluster held the event, or the disk was full.",
            "The recording and the timeline are kept: kluster report",
            code=ExitCode.REFUSED,
        )
    sha256 = sha256_of(file)
    if sha256 != named[-1]:
        raise LabError(
            f"The kept cluster of {seat} is not the one that was submitted.",
            f"{file}: its SHA-256 is {sha256}, and the attempt says {named[-1]}.",
            code=ExitCode.UNSOLVED,
        )
    return sha256


def _changes(session: Session, scenario: Scenario, outcomes: Mapping[str, Outcome]) -> list[Changed]:
    titles = {check.name: check.title for check in scenario.checks}
    return [
        Changed(titles.get(name, name), was, outcome.status.value, outcome.found)
        for name, outcome in outcomes.items()
        if (was := session.last_statuses.get(name, "")) != outcome.status.value
    ]


def accept(folder: EventFolder, found: Regraded) -> None:
    """Let the new result count: in the attempt, countersigned, for reports and certificates; and in the lab.

    Raises:
        LabError: it can't be written.

    """
    kept: dict[str, Any] = next(
        (told["data"] for told in reversed(list(chain.entries(folder.attempt(found.seat)))) if _is_final(told)), {}
    )
    symptoms = found.final.get("symptoms") or ()
    final = {name: found.final.get(name) for name in ("points", "attempt", "maximum", "solved")}
    by_symptom = {each["symptom"]: [each["attempt"], each["maximum"]] for each in symptoms}
    store = Store(found.seat)
    store.folder = folder.home / "labs" / found.seat
    try:
        record = Record(folder, found.seat, folder.load_state(), lambda: datetime.now(UTC), Signer(folder.path))
        record.note("regraded", before=found.before, now=found.now, sha256=found.sha256, kluster=found.kluster)
        record.stands({**kept, "final": final, "by_symptom": by_symptom})
        record.close()
        with store.update() as session:
            session.final = dict(found.final)
    except OSError as error:
        raise LabError("The new result can't be written.", os.fspath(error.filename or folder.path)) from error


def _is_final(told: dict[str, Any]) -> bool:
    return told["kind"] == "stands" and isinstance(told["data"].get("final"), dict)
