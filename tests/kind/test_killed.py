"""A lab that is killed while kind works."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lab.cluster.kind.cluster import KindCluster
from lab.cluster.kind.engine import Engine

NAME = "kluster-killed"
PATIENCE = 60

CREATE = """
import sys
from pathlib import Path
from lab.cluster.kind.cluster import KindCluster
from lab.progress import Silent
KindCluster(sys.argv[1], Path(sys.argv[2])).create(Silent())
"""


def wait_until_gone(pid: int) -> None:
    """Its new parent, init, may not have noticed its end yet."""
    deadline = time.monotonic() + PATIENCE
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.kill(pid, 0)
        pytest.fail(f"the process {pid} lives on")


@pytest.mark.usefixtures("lab_cluster")
def test_kind_is_ended_and_its_containers_removed_by_the_next_delete(tmp_path: Path) -> None:
    engine = Engine()
    cluster = KindCluster(NAME, tmp_path / "lab", engine=engine)
    creating = subprocess.Popen([sys.executable, "-c", CREATE, NAME, str(cluster.folder)])
    deadline = time.monotonic() + PATIENCE
    while not cluster.identity():
        assert creating.poll() is None
        assert time.monotonic() < deadline
    creating.kill()
    creating.wait()
    kind = int((cluster.folder / "kind.pid").read_text())
    os.kill(kind, 0)

    cluster.delete()

    wait_until_gone(kind)
    assert not cluster.exists()
    assert not engine.containers(label=f"io.x-k8s.kind.cluster={NAME}")
    engine.close()
