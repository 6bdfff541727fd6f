"""Repaired labs in virtual time; each case gets a copy."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent
from tests.expected import ALL


@pytest.fixture(scope="package")
def repaired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str | None], Lab]]:
    """Return the lab with all faults repaired except one (empty: all); each lab is made once."""
    labs: dict[str | None, Lab] = {}
    with pytest.MonkeyPatch.context() as patch, ExitStack() as ended:
        patch.setenv("KLUSTER_HOME", str(tmp_path_factory.mktemp("home")))

        def made(but: str | None) -> Lab:
            if but not in labs:
                lab = Lab.create(
                    f"without-{but or 'nothing'}",
                    scenarios_folder() / "kluster005",
                    backend="sim",
                    mode=Mode.REHEARSAL,
                    image=None,
                    progress=Silent(),
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
