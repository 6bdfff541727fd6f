"""Every backend runs the same tests: add a backend to `BACKENDS`, and its creation to `cluster`."""

import pytest

from lab.cluster.base import Cluster, Node
from lab.cluster.sim.process.attached import AttachedCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.progress import Silent
from tests.kind.shared import shared_cluster

BACKENDS = ["sim", "sim-attached", pytest.param("kind", marks=[pytest.mark.kind, pytest.mark.timeout(600)])]


@pytest.fixture(scope="session", params=BACKENDS)
def cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """A healthy cluster; a test leaves it as it found it."""
    if request.param == "kind":
        return shared_cluster(request.config)
    kind = AttachedCluster if request.param == "sim-attached" else SimCluster
    made = kind("contract", tmp_path_factory.mktemp("sim"), nodes=("control-plane", "worker"))
    made.create(Silent())
    request.config.add_cleanup(made.delete)
    return made


@pytest.fixture
def node(cluster: Cluster) -> Node:
    """A node on which to try commands, other than the API server's node."""
    return cluster.nodes[-1]
