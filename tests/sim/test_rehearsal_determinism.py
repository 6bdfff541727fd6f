"""A rehearsal in virtual time is a function of its inputs: answers, timeline and state are the same bytes."""

import itertools
import secrets
from collections.abc import Callable
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from lab import store
from lab.cluster.sim.process.wire import SNAPSHOT
from lab.cluster.sim.timing import clock
from lab.cluster.sim.timing.clock import Clock
from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Progress, Silent
from lab.rehearsal import rehearse
from tests.sim.test_determinism import BESIDE, RUNS, START, busy_loops

NAME = "the-same"


class Answers:
    """Keeps all that a rehearsal shows."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.progress: Progress = Silent()

    def chapter(self, title: str) -> None:
        self.lines.append(f"== {title}")

    def evidence(self, fault: str, seen: str) -> None:
        self.lines.append(f"{fault}: {seen}")

    def explain(self, each: SolutionStep) -> None:
        self.lines.append(repr(each))

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        return lambda check, outcome: self.lines.append(f"{lab.scenario.name} {check.name}: {outcome}")

    def score(self, lab: Lab, score: Score) -> None:
        self.lines.append(f"{lab.scenario.name} {score}")

    def drilled(self, step: DrillStep) -> None:
        self.lines.append(repr(step))


def rehearsed(folder: Path, patch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return answers, timeline, final state and virtual seconds of a rehearsal in a new home."""
    # What comes from outside of the cluster: the host's time, and the grader's random names.
    numbers = itertools.count(1)
    patch.setenv("KLUSTER_HOME", str(folder))
    patch.setattr(clock, "Clock", lambda *, turned: Clock(turned=turned, start=START))
    patch.setattr(secrets, "token_hex", lambda size: f"{next(numbers):0{2 * size}x}")

    class Noon(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Noon":
            return cls.fromtimestamp(START, tz)

    patch.setattr(store, "datetime", Noon)
    answers = Answers()
    done = rehearse(scenarios_folder() / "kluster005", answers, name=NAME, backend="sim", virtual=True, keep=True)
    kept = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if (file.is_file() and file.suffix in {".json", ".jsonl"}) or file.name == SNAPSHOT
    }
    assert any(name.endswith(SNAPSHOT) for name in kept)
    Lab.open(NAME).delete()
    assert done.right
    return {"answers": "\n".join(answers.lines), "seconds": str(done.virtual_seconds), **kept}


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with pytest.MonkeyPatch.context() as patch:
        return rehearsed(tmp_path_factory.mktemp("first"), patch)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("loops", [0, BESIDE])
def test_a_rehearsal_says_the_same_each_time(
    first: dict[str, str], loops: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with busy_loops(loops):
        for run in range(RUNS):
            assert rehearsed(tmp_path / str(run), monkeypatch) == first
