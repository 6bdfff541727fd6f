"""A rig for each test."""

import pytest

from tests.sim.parts.rig import Rig


@pytest.fixture
def rig() -> Rig:
    """Two machines and a control plane that answers."""
    rig = Rig()
    rig.serve()
    return rig
