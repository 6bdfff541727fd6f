"""The only client of a cluster with the scenario's workloads."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.cluster.sim.https.listener import ApiListener
from tests.sim.driving import Driver
from tests.sim.https.client import Client


@pytest.fixture
def client(driver: Driver, tmp_path: Path) -> Iterator[Client]:
    """The client of a cluster with the scenario's workloads."""
    listener = ApiListener("k5", tmp_path, lambda: driver.cluster.world, contextlib.nullcontext)
    yield Client(listener.kubeconfig)
    listener.close()
