"""The drill on a real cluster: killed; after unusual honest repairs; and after cheats, several at a time.

Each drill takes two minutes, so cases that do not affect each other share one.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence

import pytest

from lab.core.session import State
from lab.lab import Lab
from lab.patience import poll
from lab.progress import Silent
from tests.cheats.case import CASES
from tests.drill.holding import left
from tests.expected import A, E, F, P
from tests.kind.shared import home_of, shared_lab, taken_back
from tests.scenario.seeing import scored, told

HONEST = (
    "a-unit-that-sets-1-at-boot",  # replaces the reference repair
    "web-has-two-replicas",
    "coredns-scaled-up",
    "a-pod-named-like-a-probe",
    "db-by-namespace-and-label",
    "no-policy-in-kube-system",
    "a-namespace-of-ones-own",
    "the-same-kubectl-in-another-folder",
    "leftovers-removed",
    "store-compacted-again",
)
CHEATS = (
    "forwarding-off-by-a-moved-unit",
    "db-open-to-web-of-any-namespace",
    "pod-security-exempts-a-controller",
    "the-janitor-comes-back-at-boot",
    "everybody-reads-secrets",
    "an-older-copy-of-the-store",
)
CHEATS_LATER = (
    "forwarding-on-by-hand-with-the-timer-stopped",  # replaces the reference repair
    "dns-for-two-namespaces",
    "pod-security-for-known-namespaces",
    "the-default-service-account-is-cluster-admin",
    "a-tool-shadowed",
)
#: What the simulator lacks: admission policies, and mounts.
CHEATS_OF_KIND = (
    "a-policy-answers-in-place-of-pod-security",
    "a-mount-over-kubectl",
    "db-open-for-five-seconds-a-minute",
)

#: `make e2e` has twelve cheats in tests/scenario, which need no drill.
HELD = pytest.mark.skipif("KLUSTER_HOLD" not in os.environ, reason="`make hold` holds this drill")
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def made(pytestconfig: pytest.Config) -> Iterator[Lab]:
    lab = shared_lab(pytestconfig)
    yield lab
    taken_back(lab)


def broken_and_repaired(lab: Lab, cases: Sequence[str]) -> None:
    """Break the lab, repair by the reference the faults without a case, and apply the cases."""
    taken_back(lab).break_([], Silent())
    own = {CASES[name].instead_of for name in cases}
    lab.solve([fault for fault in (E, A, P, F) if fault not in own], Silent())
    lab.diagnose_as_solved()
    for name in cases:
        CASES[name].perform(lab.cluster)


def test_a_drill_that_is_killed_is_taken_back(made: Lab, pytestconfig: pytest.Config) -> None:
    broken_and_repaired(made, HONEST)
    assert scored(made, 100).state == 100
    argv = [sys.executable, "-m", "lab", "submit", "--yes", "--name", made.store.name]
    env = {**os.environ, "KLUSTER_HOME": str(home_of(pytestconfig))}
    with subprocess.Popen(argv, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as command:
        assert command.stderr is not None
        for line in command.stderr:
            if line.startswith("Try privileged pods"):
                break
        # The next step runs: its pods and its namespace exist.
        assert poll(lambda: left(made.cluster), timeout=60)
        os.kill(command.pid, signal.SIGKILL)
    assert made.session.state is State.BROKEN
    assert made.session.drilling

    score = scored(made, 100)

    assert left(made.cluster) == []
    assert score.state == 100, told(score)


def test_unusual_honest_repairs_earn_all(made: Lab) -> None:
    score = made.submit()
    shown = "\n".join(f"{step.name}: {step.shown}" for step in made.session.drill)
    assert score.state == 100, f"{told(score)}\n{shown}"
    assert left(made.cluster) == []


@pytest.mark.parametrize(
    "cases",
    [
        pytest.param(CHEATS, id="first", marks=HELD),
        pytest.param(CHEATS_LATER, id="later", marks=HELD),
        pytest.param(CHEATS_OF_KIND, id="of kind", marks=HELD),
    ],
)
def test_cheats_turn_what_they_must(made: Lab, cases: Sequence[str]) -> None:
    broken_and_repaired(made, cases)
    score = made.submit()
    # A reset leaves admission policies as they are.
    node = made.cluster.control_plane
    node.run(["kubectl", "delete", "validatingadmissionpolicybindings,validatingadmissionpolicies", "--all"])
    shown = "\n".join(f"{step.name}: {step.shown}" for step in made.session.drill)
    tripped = {gate.name for gate in score.gates if gate.tripped}
    failed = {
        verdict.check.name
        for fault in score.faults
        for verdict in fault.verdicts
        if verdict.outcome.status.value != "pass"
    }
    wanted = {CASES[name].turns for name in cases}
    assert wanted <= tripped | failed, f"{told(score)}\n{tripped}\n{shown}"
    assert left(made.cluster) == []
