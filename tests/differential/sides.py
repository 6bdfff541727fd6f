"""The two sides that answer: a lab on a real cluster, and one on the simulator with the same name."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.cluster.base import Cluster
from lab.lab import Lab
from tests.conformance.run import NAME, kind_lab, sim_lab

__all__ = ["real_side", "simulated_side"]


@contextmanager
def simulated_side(name: str = NAME) -> Iterator[Cluster]:
    """Yield a new simulated cluster with the scenario's workloads, on a turned clock."""
    with tempfile.TemporaryDirectory(prefix="kluster-differential-") as home, sim_lab(Path(home), name) as lab:
        yield lab.cluster


@contextmanager
def real_side(name: str | None) -> Iterator[Cluster]:
    """Yield the kind lab called `name`, or a new one that is deleted at the end."""
    if name:
        yield Lab.open(name).cluster
        return
    with tempfile.TemporaryDirectory(prefix="kluster-differential-") as home, kind_lab(Path(home)) as lab:
        yield lab.cluster
