"""A simulated cluster on a turned clock: waiting costs nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lab import lab as labs
from lab.backends import open_cluster
from lab.cluster.base import Cluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing.clock import Clock
from lab.progress import Silent
from tests.sim.driving import Driver

MANIFESTS = Path(__file__).parents[2] / "scenarios" / "kluster005" / "manifests"


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[SimCluster]:
    """A new, empty cluster."""
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


@pytest.fixture
def turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every lab of this test a turned clock."""
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))

    def virtual(backend: str, name: str, folder: Path, **how: Any) -> Cluster:
        return open_cluster(backend, name, folder, **{**how, "virtual": True})

    monkeypatch.setattr(labs, "open_cluster", virtual)
