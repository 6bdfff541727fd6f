"""Rehearsals in a row in one process: memory and open files stay as they were.

KLUSTER_REHEARSALS=N holds N of them; without it there are none, since each takes four seconds of processor time.
"""

import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score
from lab.core.scenario import CheckSpec, SolutionStep
from lab.lab import Lab
from lab.places import scenarios_folder, state_folder
from lab.progress import Progress, Silent
from lab.rehearsal import rehearse

COUNT = int(os.environ.get("KLUSTER_REHEARSALS", "0"))
#: After so many, caches are full.
FIRST = min(10, COUNT) - 1
#: Bytes that the process may have grown by at the end. A leak of a cluster each time would be 2 MB each time.
GROWTH = 60_000_000

pytestmark = [pytest.mark.timeout(14400), pytest.mark.skipif(not COUNT, reason="`make nightly` holds them")]


class Quiet:
    """Shows nothing of a rehearsal."""

    def __init__(self) -> None:
        self.progress: Progress = Silent()

    def chapter(self, title: str) -> None: ...

    def evidence(self, fault: str, seen: str) -> None: ...

    def explain(self, each: SolutionStep) -> None: ...

    def listener(self, lab: Lab) -> Callable[[CheckSpec, Outcome], None]:
        del lab
        return lambda _check, _outcome: None

    def score(self, lab: Lab, score: Score) -> None: ...

    def drilled(self, step: DrillStep) -> None: ...


def test_memory_and_open_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    process = psutil.Process()
    used: list[tuple[int, int, int]] = []
    for number in range(COUNT):
        done = rehearse(
            scenarios_folder() / "kluster005", Quiet(), name="again", backend="sim", virtual=True, keep=False
        )
        assert done.right, number
        used.append((process.memory_info().rss, process.num_fds(), process.num_threads()))
    assert not (state_folder() / "labs").exists() or not list((state_folder() / "labs").iterdir())
    (before, files, threads), (after, files_now, threads_now) = used[FIRST], used[-1]
    print(f"{before >> 20} MB and {files} files after {FIRST + 1}, {after >> 20} MB and {files_now} after {COUNT}")  # noqa: T201 -- for docs/reliability.md
    assert after - before < GROWTH, used
    assert files_now <= files + 2, used
    assert threads_now <= threads + 2, used
