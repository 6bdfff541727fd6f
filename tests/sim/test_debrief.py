"""A whole attempt on the simulator, typed as a trainee would, and its debrief."""

import json
from pathlib import Path

import pytest

from lab.attempts import all_attempts
from lab.core.session import Mode, State
from lab.debrief import collect, to_html, to_markdown
from lab.drill.run import STEPS
from lab.lab import Lab
from lab.patience import poll
from lab.places import scenarios_folder
from lab.progress import Silent

SILENT = Silent()


def typed(lab: Lab, fault: str) -> None:
    """Type the reference repair of `fault` on its nodes, noted as a terminal does."""
    for step in lab.loaded.solution.faults[fault]:
        nodes = lab.cluster.nodes if step.nodes == "all" else [lab.cluster.control_plane]
        for node in nodes:
            done = node.run(["bash", "-euo", "pipefail", "-c", step.run], timeout=step.timeout).check()
            role = "control-plane" if node is lab.cluster.control_plane else "worker"
            lab.store.event("command", step.run, node=role, exit_code=done.rc, seconds=1.0, printed_anything=True)


def repaired(lab: Lab, fault: str) -> bool:
    return poll(lambda: lab.check() and fault in lab.session.repaired, timeout=30, every=3) is True


@pytest.mark.usefixtures("turned")
def test_an_attempt_with_a_hint_a_wrong_diagnosis_and_one_that_was_given_up(tmp_path: Path) -> None:
    lab = Lab.create(
        "k5",
        scenarios_folder() / "kluster005",
        backend="sim",
        mode=Mode.GAME_DAY,
        team="Reds",
        image=None,
        progress=SILENT,
    )
    lab.break_(["forwarding", "policy"], SILENT)
    lab.check()
    lab.hint("distance")
    lab.hint("distance")
    lab.store.event("cut-short", "curl was cut off after 6 s", command="curl x")
    typed(lab, "forwarding")
    assert repaired(lab, "forwarding")
    lab.diagnose("distance", "kernel", "mtu")
    lab.store.event("gave-up", "strangers")
    lab.solve(["strangers"], SILENT)
    assert repaired(lab, "policy")
    score = lab.submit()
    assert lab.session.state is State.SOLVED

    debrief = collect(lab.session, lab.loaded, lab.store.timeline())

    distance, strangers, _ = debrief.score.symptoms
    assert (distance.points, distance.attempt, distance.hint_cost) == (20, 18, 10)
    assert (strangers.points, strangers.attempt, strangers.solution_seen) == (20, 0, True)
    assert distance.diagnosis is not None
    assert (distance.diagnosis.right, distance.diagnosis.right_cause) == (False, "forwarding-off")
    first, second = debrief.repairs
    assert (first.symptom, first.culprit, second.symptom) == ("distance", "the auditor", "strangers")
    assert first.domain.startswith("CKS: System Hardening")
    assert len(first.commands) == 4
    assert second.commands == ()
    assert first.seconds is not None
    assert second.seconds is not None
    assert 0 < first.seconds <= second.seconds <= debrief.seconds
    assert debrief.first_finding is not None
    assert debrief.first_finding <= first.seconds
    kinds = [moment.kind for moment in debrief.timeline]
    assert kinds[:4] == ["broken", "hint", "hint", "cut-short"]
    assert [kind for kind in kinds[4:] if kind not in {"turned", "command"}] == [
        "diagnosed",
        "gave-up",
        "solution",
        *["drill"] * len(STEPS),
        "submitted",
    ]
    assert "turned The probes reach each other and their Service across nodes, in both directions: holds now" in {
        moment.text for moment in debrief.timeline
    }
    json.dumps(debrief.as_data())
    for page in (to_markdown(debrief), to_html(debrief)):
        assert "What to read next" in page
        assert "audit-0427.timer" in page

    [attempt] = all_attempts()
    assert (attempt.team, attempt.points, attempt.maximum) == ("Reds", score.attempt, score.maximum)
    lab.delete()
    assert [kept.team for kept in all_attempts()] == ["Reds"]
    assert not list((tmp_path / "labs").iterdir())
