"""Fixtures of the tests on a real cluster."""

import pytest

from lab.cluster.kind.cluster import KindCluster
from lab.lab import Lab
from tests.kind.shared import shared_cluster, shared_lab, taken_back


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "kind":
            item.add_marker(pytest.mark.kind)
            # The creation of the cluster counts as part of the first test that needs it.
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def lab_cluster(pytestconfig: pytest.Config) -> KindCluster:
    """The cluster for all tests; each test leaves it healthy."""
    return shared_cluster(pytestconfig)


@pytest.fixture
def lab(pytestconfig: pytest.Config) -> Lab:
    """A healthy lab on that cluster. Tests revert their changes; this fixture reverts those of a failed test."""
    return taken_back(shared_lab(pytestconfig))
