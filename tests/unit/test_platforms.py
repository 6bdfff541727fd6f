"""The simulator needs nothing that only POSIX has: the standard library's types for Windows prove it."""

import re

import pytest
from mypy import api

#: The kind backend, which exists only on POSIX systems (lab/cluster/kind/docker_host.py), and the terminal of
#: `kluster shell`, whose error says that it needs one.
POSIX_ALONE = re.compile(r"lab/(cluster/kind/\w+|commands/terminal)\.py:")


@pytest.mark.timeout(300)
def test_only_what_kind_needs_is_posix_only() -> None:
    said, problem, _ = api.run(["--platform", "win32", "--cache-dir", ".mypy_cache/win32", "-p", "lab"])

    assert not problem
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert errors, "it has not looked"
    assert [line for line in errors if not POSIX_ALONE.match(line.replace("\\", "/"))] == []
