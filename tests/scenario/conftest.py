"""The scenario's tests have one body for every backend: on kind in e2e, on the simulator in virtual time."""

from collections.abc import Iterator

import pytest

from lab.core.session import Mode, State
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.expected import ALL
from tests.kind.shared import shared_lab, taken_back

BACKENDS = ["sim", pytest.param("kind", marks=[pytest.mark.kind, pytest.mark.timeout(600)])]


@pytest.fixture(scope="module", params=BACKENDS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The lab for all tests of a file."""
    if request.param == "kind":
        yield shared_lab(request.config)
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KLUSTER_HOME", str(tmp_path_factory.mktemp("home")))
        lab = Lab.create(
            "k5",
            scenarios_folder() / "kluster005",
            backend="sim",
            mode=Mode.REHEARSAL,
            image=None,
            progress=Silent(),
            virtual=True,
        )
        yield lab
        lab.delete()


@pytest.fixture(scope="module")
def healthy(made: Lab) -> Lab:
    """The lab, healthy when the file begins."""
    return taken_back(made)


@pytest.fixture
def lab(made: Lab) -> Lab:
    """The lab, healthy. Each test reverts its changes; this fixture reverts those of a failed test."""
    return taken_back(made)


@pytest.fixture
def untouched(made: Lab) -> Lab:
    """The lab with all four faults, for a test that only looks; the next test may reuse it."""
    session = made.session
    if session.state is not State.BROKEN or session.repaired or set(session.injected) != set(ALL):
        taken_back(made).break_([], Silent())
    return made


@pytest.fixture
def broken(untouched: Lab) -> Iterator[Lab]:
    """The lab with all four faults; they are reverted afterwards."""
    yield untouched
    untouched.reset(Silent())
