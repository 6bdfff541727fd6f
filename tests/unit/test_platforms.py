"""Nothing that the simulator needs is POSIX-only: the types of the standard library on Windows say so."""

import re

import pytest
from mypy import api

#: What speaks to Docker and kind, looked for on POSIX systems alone (lab/cluster/docker_host.py), and the
#: terminal of `kluster shell`, which says that it needs one.
POSIX_ALONE = {"docker_client", "docker_engine", "docker_host", "kind_process", "terminal"}


@pytest.mark.timeout(300)
def test_only_what_kind_needs_is_posix_only() -> None:
    said, problem, _ = api.run(["--platform", "win32", "--cache-dir", ".mypy_cache/win32", "-p", "lab"])

    assert not problem
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert errors, "it has not looked"
    assert [line for line in errors if re.sub(r".*/|\.py:.*", "", line) not in POSIX_ALONE] == []
