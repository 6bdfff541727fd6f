"""A bundle of this checkout, with its real dependencies, installed where there is no network."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab import __version__
from lab.bundle import fetch
from lab.bundle.install import this_target
from lab.bundle.make import Order, make
from lab.bundle.targets import TARGETS
from lab.bundle.wheel import Checkout
from lab.errors import LabError
from lab.progress import Silent

ROOT = Path(__file__).resolve().parents[2]


def without_network() -> list[str]:
    """Return the words that run a command in a network namespace without a route, or skip the test."""
    argv = ["unshare", "--net"]
    if not shutil.which("unshare") or subprocess.run([*argv, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no network namespace can be made here: unshare --net needs root")
    return argv


def clean_python() -> str:
    """Return this version of Python without the packages of its environment."""
    return str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}")


def test_it_is_installed_and_plays_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    namespace = without_network()
    if this_target() not in TARGETS:
        pytest.skip(f"there are no wheels for {this_target()}")
    # One Python instead of three: the others are downloaded in the same way.
    monkeypatch.setattr(fetch, "PYTHONS", (sys.version_info[:2],))
    order = Order(tmp_path / "kluster.tar", targets=(this_target(),))
    try:
        made = make(order, Checkout.at(ROOT), tmp_path / "key", datetime.now(UTC), Silent())
    except LabError as problem:
        if "index can't be reached" in problem.title:
            pytest.skip(f"{problem.title} {problem.detail}")
        raise
    assert list(made.manifest["targets"][this_target()].values()) == [[]]

    subprocess.run(["tar", "-xf", "kluster.tar", "install.py"], cwd=tmp_path, check=True, timeout=60)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KLUSTER_HOME": str(tmp_path / "home")}

    def offline(*argv: str) -> str:
        done = subprocess.run(
            [*namespace, *argv], cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=500,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, (argv, done.stdout, done.stderr)
        return done.stdout

    ran = offline(
        clean_python(), "-I", "install.py", "kluster.tar", "--sha256", made.sha256[:32], "--into", "venv"
    )
    assert "its sum is the sender's" in ran
    kluster = str(tmp_path / "venv" / "bin" / "kluster")
    assert offline(kluster, "--version") == f"kluster {__version__}\n"
    assert "is valid" in offline(kluster, "validate", "kluster005")
    # The server's packages are there as well.
    offline(kluster, "event", "new", "friday")
    assert "Kluster" in offline(kluster, "event", "check", "friday")
    offline(kluster, "create", "--backend", "sim")
    assert "control-plane" in offline(kluster, "exec", "kubectl", "get", "nodes")
    offline(kluster, "delete", "--yes")
