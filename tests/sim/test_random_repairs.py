"""Repairs and damage in random order: the invariants of grading hold at each step, and the way to a state does not
matter.

KLUSTER_RANDOM_REPAIRS=N tries N ways instead of a few.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from lab.core.grading import Score, Status
from lab.core.session import Mode, State
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent

if TYPE_CHECKING:
    from lab.cluster.sim.process.cluster import SimCluster

#: How long the cluster gets to settle after each step, in its own time: refused controllers wait for minutes.
SETTLE = 400.0
_DENY = (
    "kubectl -n shop apply -f - <<'E'\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
    "metadata: {name: deny-again}\nspec: {podSelector: {}, policyTypes: [Ingress]}\nE"
)


@dataclass(frozen=True)
class Facts:
    """The facts about the cluster that its score may depend on."""

    store: bool = False
    admission: bool = False
    policy: Literal["denied", "open", "finished"] = "denied"
    forwarding: Literal["off", "on"] = "off"
    #: Forwarding is switched off by hand, and nothing switches it off again.
    switched_off: bool = False
    db: bool = True


class Repairs(RuleBasedStateMachine):
    """A person who repairs, half repairs, and damages."""

    lab: ClassVar[Lab]
    #: The score of each state, whichever way led to it.
    scores: ClassVar[dict[Facts, float]] = {}

    @initialize()
    def begin(self) -> None:
        """Break the lab again."""
        if self.lab.session.state is not State.HEALTHY:
            self.lab.reset(Silent())
        self.lab.break_([], Silent())
        self.facts = Facts()
        self.look()

    # Repairs

    @precondition(lambda self: not self.facts.store)
    @rule()
    def repair_the_store(self) -> None:
        self.solve("etcd-quota")
        self.now(store=True)

    @precondition(lambda self: self.facts.store and not self.facts.admission)
    @rule()
    def exempt_the_system(self) -> None:
        self.solve("admission")
        self.now(admission=True)

    @rule()
    def repair_forwarding(self) -> None:
        self.solve("forwarding")
        self.now(forwarding="on", switched_off=False)

    @precondition(lambda self: self.facts.store)
    @rule()
    def finish_the_policy(self) -> None:
        self.solve("policy")
        self.run("kubectl -n shop delete networkpolicy deny-again --ignore-not-found")
        self.now(policy="finished")

    @precondition(lambda self: not self.facts.db and self.facts.store)
    @rule()
    def scale_the_database_back(self) -> None:
        self.run("kubectl -n shop scale deployment/db --replicas=1")
        self.now(db=True)

    # Halves and damage

    @precondition(lambda self: self.facts.store and self.facts.policy != "finished")
    @rule()
    def delete_every_policy(self) -> None:
        self.run("kubectl delete networkpolicy --all -A")
        self.now(policy="open")

    @precondition(lambda self: self.facts.forwarding == "off")
    @rule()
    def switch_forwarding_on_for_a_moment(self) -> None:
        self.run("sysctl -q net.ipv4.ip_forward=1")
        self.look()

    @precondition(lambda self: self.facts.forwarding == "on")
    @rule()
    def switch_forwarding_off(self) -> None:
        self.run("sysctl -q net.ipv4.ip_forward=0")
        self.now(switched_off=True)

    @precondition(lambda self: self.facts.store and self.facts.policy == "finished")
    @rule()
    def deny_again(self) -> None:
        self.run(_DENY)
        self.now(policy="denied")

    @precondition(lambda self: self.facts.store and self.facts.db)
    @rule()
    def scale_the_database_away(self) -> None:
        self.run("kubectl -n shop scale deployment/db --replicas=0")
        self.now(db=False)

    @rule()
    def wait(self) -> None:
        self.look()

    # Invariants at each step

    def now(self, **changed: object) -> None:
        """Record the present facts, and look."""
        self.facts = replace(self.facts, **changed)  # type: ignore[arg-type]
        self.look()

    def look(self) -> None:
        """Grade it, twice."""
        cast("SimCluster", self.lab.cluster).advance(SETTLE)
        score = self.lab.check()
        assert _statuses(score) == _statuses(self.lab.check())
        assert 0 <= score.state <= 100 - 8  # there is no diagnosis
        if self.facts == Facts():
            assert score.state == 0
        if self.facts == Facts(store=True, admission=True, policy="finished", forwarding="on"):
            assert score.state == 92
        for name, repaired in (
            ("etcd-quota", self.facts.store),
            ("admission", self.facts.admission),
            ("forwarding", self.facts.forwarding == "on" and not self.facts.switched_off),
            ("policy", self.facts.policy == "finished"),
        ):
            if not repaired:
                fault = next(each for each in score.faults if each.name == name)
                assert not fault.solved, _told(score)
        known = self.scores.setdefault(self.facts, score.state)
        assert score.state == known, f"{self.facts}\n{_told(score)}"

    def solve(self, fault: str) -> None:
        """Follow the reference solution."""
        for step in self.lab.loaded.solution.faults[fault]:
            for node in self.lab.cluster.nodes if step.nodes == "all" else [self.lab.cluster.control_plane]:
                node.run(["bash", "-euo", "pipefail", "-c", step.run], timeout=step.timeout).check()

    def run(self, script: str) -> None:
        """Type a command on the control plane."""
        self.lab.cluster.control_plane.run(["bash", "-c", script], timeout=90).check()


def _statuses(score: Score) -> dict[str, Status]:
    return {v.check.name: v.outcome.status for fault in score.faults for v in fault.verdicts}


def _told(score: Score) -> str:
    return "\n".join(
        f"{v.check.name}: {v.outcome.status.value} {v.points:g} {v.outcome.found}"
        for fault in score.faults
        for v in fault.verdicts
    )


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Repairs]]:
    monkeypatch.setenv("KLUSTER_HOME", str(tmp_path))
    Repairs.lab = Lab.create(
        "k5",
        scenarios_folder() / "kluster005",
        backend="sim",
        mode=Mode.REHEARSAL,
        image=None,
        progress=Silent(),
        virtual=True,
    )
    Repairs.scores = {}
    yield Repairs
    Repairs.lab.delete()


def test_no_way_to_a_state_matters(machine: type[Repairs]) -> None:
    ways = int(os.environ.get("KLUSTER_RANDOM_REPAIRS", "3"))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=ways,
            stateful_step_count=9,
            derandomize="KLUSTER_RANDOM_REPAIRS" not in os.environ,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert len(machine.scores) > 1
