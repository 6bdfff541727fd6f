"""Compare the simulator with the recorded answers of a real cluster."""

import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.conformance.compare import Comparison, figures
from tests.conformance.model import RECORDINGS, Command, commands, recorded
from tests.conformance.phases import PHASES
from tests.conformance.report import excused, listed, stated
from tests.conformance.run import replay, sim_lab

_FIDELITY = Path(__file__).parents[2] / "docs" / "fidelity.md"
#: The part of the figures that depends on chance (orders, random names, seconds), in percentage points.
_CHANCE = 0.7


def test_there_are_commands_enough_of_every_tool() -> None:
    every = commands()
    assert len({command.key for command in every}) >= 250
    known = {phase.name for phase in PHASES}
    assert {phase for command in every for phase in command.phases} == known


def test_every_command_is_one_for_a_shell() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash here")
    script = "\n".join(f"({command.before}\n{command.run}\n)" for command in commands())
    parsed = subprocess.run([bash, "-n"], input=script, capture_output=True, text=True, timeout=60, check=False)
    assert parsed.stderr == ""


def test_every_phase_was_recorded_with_its_commands() -> None:
    names = [phase.name for phase in PHASES]
    assert recorded(names) == names
    tried = {(phase, command.node, command.run) for command in commands() for phase in command.phases}
    from tests.conformance.model import load  # noqa: PLC0415 -- for this test alone

    kept = {(name, answer.node, answer.run) for name in names for answer in load(name).answers}
    assert tried - kept == set()


@pytest.mark.timeout(400)
def test_the_simulator_answers_as_the_real_cluster_did() -> None:
    found: list[Comparison] = list(replay(recorded([phase.name for phase in PHASES]), RECORDINGS))
    counted = figures(found)
    equal, codes = stated(_FIDELITY.read_text(encoding="utf-8"))
    assert 100 * counted.equal / counted.total >= equal - _CHANCE, listed(found)
    assert 100 * counted.codes / counted.total >= codes - _CHANCE, listed(found)
    assert [each.name for each in found if each.wrong_verdict and not excused(each)] == []


def test_a_command_has_one_node_one_limit_and_phases() -> None:
    made = Command(tool="t", run="true", phases=("healthy",))
    assert (made.node, made.timeout, made.key) == ("control-plane", 30, ("control-plane", "true"))


def test_the_saver_of_other_clusters_sleeps_really(tmp_path: Path) -> None:
    with sim_lab(tmp_path) as lab:
        node = lab.cluster.control_plane
        before = node.time.now()
        other = threading.Thread(target=lambda: time.sleep(0.01), daemon=True)
        other.start()
        other.join()
        assert node.time.now() == before
        time.sleep(7)
        assert node.time.now() >= before + 7
