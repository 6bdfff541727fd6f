"""An appeal: the submitted cluster of a seat is kept, and graded again by the same grader or another one."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lab import chain, repair
from lab.baseline import Baseline
from lab.cluster.base import Cluster
from lab.core.grading import Outcome
from lab.core.scenario import Scenario
from lab.core.session import Mode
from lab.drill.run import Drilled, hold
from lab.errors import LabError, UsageProblem
from lab.grader import Observed
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from lab.serve import regrading
from lab.serve.attempt_actions import verdicts
from lab.serve.event.folder import EventFolder
from lab.serve.event.receipts import Signer
from lab.serve.regrading import regrade
from lab.serve.report import of_event
from lab.serve.report.certificate import Certificate, certificates
from lab.serve.seats.desk import SUBMITTED, SeatDesk, SeatStore
from lab.serve.seats.jobs import Jobs, Notes
from lab.serve.seats.results import results
from lab.serve.seats.team import Team
from lab.serve.server.record import Record
from lab.store import TIMELINE, now
from tests.fakes import Kluster, kluster
from tests.serve.doors import event_in

__all__ = ["kluster"]

SEAT = "seat-001"
EVENT = """\
schema: 1
title: Exam
mode: exam
minutes: 60
pass: 10
faults: [distance]
people: [{name: Ada}, {name: Bob}]
"""


def recorded(folder: EventFolder, lab: Lab) -> None:
    """Write the seat's attempt as the server does."""
    record = Record(folder, SEAT, folder.load_state(), now, Signer(folder.path))
    lines = (lab.store.folder / TIMELINE).read_text(encoding="utf-8")
    record.lab(lines.rstrip("\n"), len(lines.encode()))
    session = lab.session
    final = {name: (session.final or {})[name] for name in ("points", "attempt", "maximum", "solved")}
    ended = session.ended.isoformat() if session.ended else None
    told = {"phase": "over", "final": final, "ending": "submitted", "ended": ended}
    record.stands({**told, **results(session, lab.loaded)})
    record.close()


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> EventFolder:
    """Return an event whose first seat has repaired its symptom and submitted. No test changes it."""
    folder = event_in(tmp_path_factory.mktemp("exam"), EVENT)
    state = folder.create_state()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(folder.home))
        scenario = scenarios_folder() / "kluster005"
        made = Lab.create(SEAT, scenario, backend="sim", mode=Mode.EXAM, image=None, progress=Silent(), here=True)
        lab = Lab(SeatStore(SEAT), made.loaded, made.cluster)
        with made.cluster.hurried():
            lab.break_(["distance"], Silent())
            solution = lab.loaded.solution.faults[lab.fault("distance").name]
            repair.run(lab.cluster, solution, lab.store, Silent(), lambda _step: None)
        state.started = now() - timedelta(minutes=5)
        folder.save(state)
        desk = SeatDesk(lab, Jobs(), Notes(), Team(["Ada"]))
        desk.submit(lambda _check, _outcome: None, Silent(), lambda _step: None)
        recorded(folder, lab)
        made.cluster.close()
    return folder


@pytest.fixture
def exam(submitted: EventFolder, tmp_path: Path) -> EventFolder:
    """Return a copy of that event, to change."""
    shutil.copytree(submitted.path, tmp_path / "exam")
    return event_in(tmp_path / "exam", EVENT)


def test_the_same_grader_finds_the_same(submitted: EventFolder) -> None:
    before = (submitted.home / "labs" / SEAT / "lab.json").read_bytes()
    for who in (SEAT, "Ada"):
        found = regrade(submitted, who, Silent())
        assert (found.seat, found.changed) == (SEAT, ())
        assert found.now == found.before > 10
    assert (submitted.home / "labs" / SEAT / "lab.json").read_bytes() == before
    assert verdicts(submitted.path)[SEAT].whole


def another_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the next version of the grader find that one check fails."""

    def held(cluster: Cluster, baseline: Baseline, scenario: Scenario, *rest: Any, **options: Any) -> Drilled:
        found = hold(cluster, baseline, scenario, *rest, **options)
        seen = found.observed.outcomes
        passing = [check for check in scenario.checks if check.name in seen and seen[check.name].share == 1]
        worth = max(passing, key=lambda check: check.points)
        outcomes = {**seen, worth.name: Outcome.failed("it is not", "it is")}
        return replace(found, observed=Observed(outcomes, found.observed.gates))

    monkeypatch.setattr(regrading, "hold", held)


def test_another_result_counts_only_if_it_is_accepted(
    exam: EventFolder, kluster: Kluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    another_grader(monkeypatch)
    before = of_event(exam).rows[0].points
    ran = kluster("event", "regrade", str(exam.path), "Ada", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert [(each["was"], each["now"], each["reason"]) for each in told["changed"]] == [
        ("pass", "fail", "it is not")
    ]
    assert told["now"] < told["before"] == before
    assert of_event(exam).rows[0].points == before

    assert kluster("event", "regrade", str(exam.path), "Ada", "--accept").code == 0
    row = next(row for row in of_event(exam).rows if row.seat == SEAT)
    assert (row.points, row.ended, row.trust, row.whole) == (told["now"], True, "hosted", True)
    assert row.points == pytest.approx(sum(points for points, _ in row.by_symptom.values()), abs=0.2)
    kinds = [each["kind"] for each in chain.entries(exam.attempt(SEAT))]
    assert kinds[-2:] == ["regraded", "stands"]
    issued = [each for each in certificates(exam, now()) if isinstance(each, Certificate)]
    assert [(each.name, each.points) for each in issued] == [("Ada", told["now"])]
    # A resumed server reads the new result from the lab.
    session = json.loads((exam.home / "labs" / SEAT / "lab.json").read_text())
    assert round(session["final"]["attempt"], 1) == told["now"]


def test_another_cluster_than_the_submitted_one_is_refused(exam: EventFolder) -> None:
    kept = exam.home / "labs" / SEAT / SUBMITTED
    kept.write_bytes(kept.read_bytes() + b" ")
    with pytest.raises(LabError, match="not the one that was submitted"):
        regrade(exam, SEAT, Silent())


def test_a_changed_attempt_is_refused(exam: EventFolder) -> None:
    path = exam.attempt(SEAT)
    path.write_bytes(path.read_bytes().replace(b'"kept"', b'"Kept"', 1))
    with pytest.raises(LabError, match="was changed"):
        regrade(exam, SEAT, Silent())


def test_what_can_not_be_graded_is_said(exam: EventFolder) -> None:
    with pytest.raises(UsageProblem, match="no seat or person 'Eve'"):
        regrade(exam, "Eve", Silent())
    with pytest.raises(LabError, match="lab of seat-002 can't be read"):
        regrade(exam, "Bob", Silent())
    (exam.home / "labs" / SEAT / SUBMITTED).unlink()
    with pytest.raises(LabError, match="Nothing was kept"):
        regrade(exam, "Ada", Silent())


def test_a_full_disk_stops_no_submission() -> None:
    told: list[str] = []

    class Full:
        def keep(self, _file: Path) -> None:
            raise OSError(28, "No space left on device")

    class Kept:
        folder = Path("/none")

        def event(self, kind: str, text: str, **_: object) -> None:
            told.append(f"{kind}: {text}")

    class Bare(SeatDesk):
        def __init__(self) -> None:
            self.lab = type("L", (), {"store": Kept()})()

    Bare()._keep(Full())  # type: ignore[arg-type]  # stand-ins
    assert told == ["kept: The submitted cluster could not be kept: No space left on device"]
