"""Clusters of one process: programs that never wait, in one of them, leave the others their time."""

import asyncio
import threading
from collections.abc import Hashable, Iterator

import pytest

from lab.cluster.sim.bash.running import process
from lab.cluster.sim.bash.running.outside_input import Feed
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.background_loop import background_loop
from lab.cluster.sim.timing.rationing import ration, rest
from lab.progress import Silent

_SHARE = 0.25
_RESTS = 5
_HOGS = [
    "while :; do :; done",
    "yes > /dev/null",
    "cat /dev/zero > /dev/null",
    "while :; do echo x; done > /dev/null & while :; do true; done",
]


@pytest.fixture(scope="module")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SimCluster, SimCluster]]:
    """Two clusters in real time, as two seats of a worker have them."""
    made = []
    for name in ("one", "two"):
        made.append(SimCluster(name, tmp_path_factory.mktemp(name)))
        made[-1].create(Silent())
    ration(_SHARE)
    yield made[0], made[1]
    ration(None)
    for each in made:
        each.delete()


@pytest.mark.parametrize("hog", _HOGS)
def test_a_busy_program_pauses_after_each_slice(
    clusters: tuple[SimCluster, SimCluster], hog: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = clusters
    rests: list[tuple[float, float]] = []
    enough = threading.Event()

    def noting(cluster: Hashable, program: Hashable, computed: float) -> float:
        rests.append((computed, rest(cluster, program, computed)))
        if sum(resting > 0 for _, resting in rests) >= _RESTS:
            enough.set()
        return rests[-1][1]

    async def nowhere(_: bytes) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(process, "rest", noting)
    running = one.control_plane.start(["bash", "-c", hog], Feed(background_loop()), nowhere, nowhere)
    said = [two.control_plane.run(["bash", "-c", f"echo {number}"]).stdout for number in range(3)]
    rested = enough.wait(60)
    running.cancel()

    assert rested
    assert said == [f"{number}\n" for number in range(3)]
    assert all(resting >= 0.99 * computed * (1 / _SHARE - 1) for computed, resting in rests if resting)


def test_alone_nobody_rests() -> None:
    ration(None)

    assert rest("cluster", 1, 0.01) == 0.0
