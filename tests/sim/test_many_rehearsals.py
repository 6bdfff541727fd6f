"""Rehearsals in a row in one process: memory and open files stay as they were.

KLUSTER_REHEARSALS=N holds N of them; without it there are none, since each takes four seconds of processor time.
"""

import gc
import os
from pathlib import Path

import psutil
import pytest

from lab.places import scenarios_folder, state_folder
from lab.rehearsal import rehearse
from tests.sim.unseen import Unseen

COUNT = int(os.environ.get("KLUSTER_REHEARSALS", "0"))
#: After so many, caches are full.
FIRST = min(10, COUNT) - 1
#: Bytes that the process may have grown by at the end. A leak of a cluster each time would be 2 MB each time.
GROWTH = 60_000_000

pytestmark = pytest.mark.skipif(not COUNT, reason="`make nightly` holds them")


def test_memory_and_open_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    process = psutil.Process()
    used: list[tuple[int, int, int]] = []
    for number in range(COUNT):
        done = rehearse(
            scenarios_folder() / "kluster005", Unseen(), name="again", backend="sim", virtual=True, keep=False
        )
        assert done.right, number
        # A cluster that is deleted is freed by the next collection: wait for none.
        gc.collect()
        used.append((process.memory_info().rss, process.num_fds(), process.num_threads()))
    assert not (state_folder() / "labs").exists() or not list((state_folder() / "labs").iterdir())
    (before, files, threads), (after, files_now, threads_now) = used[FIRST], used[-1]
    print(f"{before >> 20} MB and {files} files after {FIRST + 1}, {after >> 20} MB and {files_now} after {COUNT}")  # noqa: T201 -- for docs/reliability.md
    assert after - before < GROWTH, used
    assert files_now <= files + 2, used
    assert threads_now <= threads + 2, used
