"""Variants on a real cluster: each is rehearsed, broken, solved to all points, and removed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.variants import ON_KIND

NAME = "kluster-variant"
HELD = pytest.mark.skipif("KLUSTER_HOLD" not in os.environ, reason="`make hold` rehearses this seed")


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [ON_KIND[0], *(pytest.param(seed, marks=HELD) for seed in ON_KIND[1:])])
def test_a_variant_scores_0_and_100(seed: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    argv = [sys.executable, "-m", "lab", "rehearse", "--backend", "kind", "--name", NAME, "--seed", str(seed)]
    env = {**os.environ, "KLUSTER_HOME": str(tmp_path / "home")}
    log = os.environ.get("KLUSTER_REHEARSAL_LOG", "/dev/stdout")
    with capfd.disabled(), Path(log).open("a", encoding="utf-8") as transcript:
        rehearsed = subprocess.run(
            argv, env=env, stdout=transcript, stderr=subprocess.STDOUT, check=False, timeout=1100
        )
    assert rehearsed.returncode == 0
