"""Repaired labs in virtual time; each case gets a copy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.cheats.variant import SEED
from tests.expected import ALL

Repaired = Callable[[str | None], Lab]


@contextmanager
def _repaired(home: Path, seed: int) -> Iterator[Repaired]:
    labs: dict[str | None, Lab] = {}
    with pytest.MonkeyPatch.context() as patch, ExitStack() as ended:
        patch.setenv("KLUSTER_HOME", str(home))

        def made(but: str | None) -> Lab:
            if but not in labs:
                lab = Lab.create(
                    f"without-{but or 'nothing'}",
                    scenarios_folder() / "kluster005",
                    backend="sim",
                    mode=Mode.REHEARSAL,
                    image=None,
                    progress=Silent(),
                    seed=seed,
                    virtual=True,
                )
                ended.callback(lab.delete)
                lab.break_([], Silent())
                lab.solve(
                    [fault for fault in ("etcd-quota", "admission", "policy", "forwarding") if fault != but],
                    Silent(),
                )
                lab.diagnose_as_solved(ALL)
                lab.cluster.control_plane.time.sleep(60)
                labs[but] = lab
            return labs[but]

        yield made


@pytest.fixture(scope="package")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repaired]:
    """Return the lab with all faults repaired except one (empty: all); each lab is made once."""
    with _repaired(tmp_path_factory.mktemp("home"), 0) as made:
        yield made


@pytest.fixture(scope="module")
def varied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repaired]:
    """Return the same of a variant."""
    with _repaired(tmp_path_factory.mktemp("varied"), SEED) as made:
        yield made
