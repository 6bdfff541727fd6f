"""A simulated cluster on a turned clock: waiting costs nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.sim.clock import Clock
from lab.cluster.sim.cluster import SimCluster
from lab.progress import Silent
from tests.sim.driving import Driver

MANIFESTS = Path(__file__).parents[2] / "scenarios" / "kluster005" / "manifests"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[SimCluster]:
    """A new cluster with nothing on it."""
    cluster = SimCluster("k5", tmp_path, clock=Clock(turned=True))
    cluster.create(Silent())
    yield cluster
    cluster.delete()


@pytest.fixture
def driver(fresh: SimCluster) -> Driver:
    """A new cluster with the scenario's workloads, all Ready."""
    driver = Driver(fresh)
    for name in ("shop", "stage"):
        text = (MANIFESTS / f"{name}.yaml").read_text(encoding="utf-8")
        fresh.control_plane.run(["kubectl", "apply", "-f", "-"], stdin=text).check()
    fresh.advance(15)
    return driver
