"""Where a simulated cluster lives."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from lab.cluster.sim.cluster import SimCluster
from lab.progress import Silent

if TYPE_CHECKING:
    from lab.cluster.sim.world import World


def test_threads_that_ask_at_once_get_the_same_cluster(tmp_path: Path) -> None:
    made = SimCluster("k5", tmp_path)
    made.create(Silent())
    made.close()
    barrier = threading.Barrier(4)
    worlds: list[World] = []

    def ask() -> None:
        cluster = SimCluster("k5", tmp_path)
        barrier.wait()
        worlds.append(cluster.world)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    SimCluster("k5", tmp_path).delete()

    assert len(worlds) == 4
    assert len(set(map(id, worlds))) == 1
