"""The common parts of the drill's steps: their input and their results."""

import secrets
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.baseline import Baseline
from lab.cluster.base import Cluster, Node
from lab.core.drill import Found, Tripped
from lab.core.grading import Outcome, Status
from lab.core.scenario import Scenario
from lab.grader import Observed

if TYPE_CHECKING:
    from lab.cluster.tools import etcd

__all__ = ["WORDS", "Ground", "Kind", "Shown", "inconspicuous", "manifest", "restricted_pod"]

#: The words that the names of the drill's objects begin with.
WORDS = ("billing", "cart", "ledger", "mail", "orders", "preview", "reports", "search", "sessions", "stock")
AGNHOST = "registry.k8s.io/e2e-test-images/agnhost:2.53"


def inconspicuous() -> str:
    """Return a name that no rule, policy or script on the cluster can know for one of the drill's."""
    number = secrets.token_hex(4)
    return f"{WORDS[int(number[:2], 16) % len(WORDS)]}-{number[2:]}"


@dataclass(slots=True)
class Shown:
    """The result of a step: in words, and for the checks and gates that it concerns."""

    text: str
    found: list[Found] = field(default_factory=list)
    tripped: list[Tripped] = field(default_factory=list)
    skipped: bool = False

    @property
    def ok(self) -> bool:
        """Whether the step found no problem."""
        return not self.tripped and all(each.ok for each in self.found)

    @classmethod
    def nothing(cls, why: str) -> "Shown":
        """Return the result of a step that could not show anything."""
        return cls(why, skipped=True)


@dataclass(slots=True)
class Ground:
    """The cluster and the state that the steps share."""

    cluster: Cluster
    baseline: Baseline
    scenario: Scenario
    injected: Collection[str]
    #: The results of the look before the drill.
    before: Observed
    #: Runs calls beside the steps.
    beside: Executor
    #: The random mark that was written into the cluster when it was broken; empty if there is none.
    mark: str = ""
    #: The drill's name, and its own namespace. The names of all its objects begin with it.
    space: str = field(default_factory=inconspicuous)
    #: Policies, rights and namespaces -> their versions before the first step.
    versions: Mapping[str, str] = field(default_factory=dict)
    #: Those that changed since the reboot, which is watched while other steps go on.
    changes: "Future[list[str]] | None" = None
    #: Looks during the drill.
    looks: list[Observed] = field(default_factory=list)
    #: The write load of etcd since the reboot, which is measured while other steps go on.
    load: "Future[etcd.Load] | None" = None

    @property
    def node(self) -> Node:
        """The control-plane node."""
        return self.cluster.control_plane

    def passed(self, *kinds: str) -> bool:
        """Whether a check of one of these kinds passed before the drill, so that the step can fail it."""
        outcomes: Mapping[str, Outcome] = self.before.outcomes
        return any(
            outcomes[check.name].status is Status.PASS
            for check in self.scenario.checks
            if check.kind in kinds and check.name in outcomes
        )

    def skips(self, why: str, *kinds: str) -> "Shown | None":
        """Return an empty result with the reason `why` if no check of these kinds passed before; else None."""
        if self.passed(*kinds):
            return None
        asked = any(check.kind in kinds and check.name in self.before.outcomes for check in self.scenario.checks)
        return Shown.nothing(why if asked else "nothing of it was broken in this attempt")

    def namespaces(self) -> list[str]:
        """Return the app's namespaces, `default`, and the drill's own namespace."""
        return [*self.scenario.namespaces, "default", self.space]

    def parameters(self, kind: str) -> list[Mapping[str, Any]]:
        """Return the parameters of the scenario's checks of `kind`."""
        return [check.parameters for check in self.scenario.checks if check.kind == kind]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step: its function, the title that players read, and the kinds of checks that the step may fail.

    If the cluster interrupts the step, all these checks fail.
    """

    run: Callable[[Ground], Shown]
    title: str
    concerns: tuple[str, ...] = ()


def manifest(*items: Mapping[str, Any]) -> dict[str, Any]:
    """Return `items` as one list."""
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}


def restricted_pod(**more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    """Return the spec of a pod that satisfies Pod Security `restricted` and does nothing."""
    container = {
        "name": "stranger",
        "image": AGNHOST,
        "args": ["pause"],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    return {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": 0,
        "tolerations": [{"operator": "Exists"}],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        **more,
    }
