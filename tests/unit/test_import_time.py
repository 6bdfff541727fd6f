"""Help is quick: it loads only what it needs. Counted in modules, not in seconds."""

import subprocess
import sys

import pytest

#: Slow to load, and useless for help; `lab.lab` stands for everything that a lab needs.
HEAVY = {
    "textual",
    "docker",
    "yaml",
    "rich",
    "requests",
    "lab.lab",
    "lab.catalog",
    "lab.core.scenario",
    "lab.cluster",
}
#: Modules that only `kluster serve` needs.
SERVER = {"starlette", "uvicorn", "websockets", "segno", "anyio", "lab.serve.server", "lab.serve.seats"}


def loaded(*argv: str) -> set[str]:
    """Return the names of all modules that `kluster ARGV` loads."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lab", *argv],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    times = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in times}


@pytest.mark.parametrize("argv", [("--help",), ("--version",), ("check", "--help"), ("serve", "--help")])
def test_help_loads_nothing_heavy(argv: tuple[str, ...]) -> None:
    names = loaded(*argv)
    assert "lab.cli" in names
    assert names & (HEAVY | SERVER) == set()


def test_the_guard_sees_loaded_modules() -> None:
    names = loaded("validate", "kluster005")
    assert {"yaml", "lab.catalog", "lab.core.scenario"} <= names
    assert names & {"textual", *SERVER} == set()
