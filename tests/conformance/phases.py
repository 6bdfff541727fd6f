"""The states in which commands are tried, and how a healthy lab gets there by the lab's own faults and repairs.

The phases of a chapter follow one another; a chapter begins with a healthy lab and leaves a healthy lab.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lab import health, injection, repair
from lab.catalog import FAULTS
from lab.cluster.base import Node
from lab.cluster.tools import watches
from lab.faults.base import Fault, Site
from lab.health import SETTLE
from lab.lab import Lab
from lab.progress import Silent

__all__ = ["CHAPTERS", "PHASES", "Chapter", "Phase", "Stage"]

ETCD = (
    "etcdctl --cacert=/etc/kubernetes/pki/etcd/ca.crt --cert=/etc/kubernetes/pki/etcd/server.crt"
    " --key=/etc/kubernetes/pki/etcd/server.key"
)


class Stage:
    """A lab in which phases are set up."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab

    def break_(self, *names: str, **parameters: object) -> None:
        """Inject the faults `names`, with `parameters` replacing the scenario's."""
        injection.inject(self._faults(names, parameters), self.lab.store, Silent())

    def revert(self, *names: str) -> None:
        """Revert the faults `names`, and wait until the lab is healthy."""
        renewed = injection.revert(self._faults(names, {}), self.lab.store, Silent())
        watches.wait_until_renewed(self.lab.cluster, renewed)
        repair.restore_files(self.lab.cluster, self.lab.baseline())
        lab = self.lab
        health.wait_until_well(lab.cluster, lab.baseline(), lab.scenario, list(FAULTS), timeout=SETTLE)
        time.sleep(3)

    def solve(self, name: str, *parts: int) -> None:
        """Run the reference solution of a fault, or its steps `parts` (from 0)."""
        steps = self.lab.loaded.solution.faults[name]
        if parts:
            steps = [steps[part] for part in parts]
        repair.run(self.lab.cluster, steps, self.lab.store, Silent(), lambda _: None)

    def do(self, script: str, node: Node | None = None, *, timeout: float = 60) -> str:
        """Run a script that has to succeed; return its output."""
        where = node or self.lab.cluster.control_plane
        return where.run(["bash", "-euo", "pipefail", "-c", script], timeout=timeout).check().stdout

    def until(self, script: str, *, timeout: float) -> None:
        """Wait until a script succeeds on the control plane."""
        waiting = (
            f"for _ in $(seq {int(timeout)}); do {{ {script}; }} >/dev/null 2>&1 && exit; sleep 1; done; exit 1"
        )
        self.lab.cluster.control_plane.run(["bash", "-c", waiting], timeout=4 * timeout).check()

    def settle(self, seconds: float) -> None:
        """Let time pass in the cluster."""
        time.sleep(seconds)

    def _faults(self, names: Sequence[str], parameters: Mapping[str, object]) -> dict[str, Fault]:
        site = Site(self.lab.cluster, self.lab.baseline())
        made = {}
        for name in names:
            spec = self.lab.fault(name)
            kind = FAULTS[spec.kind]
            made[spec.name] = kind(site, kind.parameter_model.model_validate({**spec.parameters, **parameters}))
        return made


@dataclass(frozen=True, slots=True)
class Phase:
    """A state, and how it follows from the phase before it."""

    name: str
    title: str
    enter: Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Phases that follow one another, and how the lab is repaired after them."""

    phases: tuple[Phase, ...]
    leave: Callable[[Stage], None]


def _nothing(stage: Stage) -> None:
    stage.settle(5)


def _one_node_forwards(stage: Stage) -> None:
    script = "systemctl disable --now audit-0427.timer; sysctl -q -w net.ipv4.ip_forward=1"
    stage.do(script, stage.lab.cluster.nodes[-1])
    stage.settle(6)


def _one_policy_deleted(stage: Stage) -> None:
    stage.do("kubectl -n kube-system delete networkpolicy deny-wip")
    stage.settle(5)


def _break(*names: str, settle: float = 5) -> Callable[[Stage], None]:
    def enter(stage: Stage) -> None:
        stage.break_(*names)
        stage.settle(settle)

    return enter


def _one_namespace_exempt(stage: Stage) -> None:
    stage.do(
        "systemctl stop kubelet; "
        "sed -i 's/namespaces: *\\[\\]/namespaces: [shop]/' /etc/kubernetes/admission/config.yaml; "
        "for pod in $(crictl pods -q --namespace kube-system --name '^kube-apiserver-'); do "
        'crictl stopp "$pod"; crictl rmp "$pod"; done; systemctl start kubelet'
    )
    stage.until("kubectl auth can-i create pods", timeout=60)
    stage.settle(20)


def _full(stage: Stage) -> None:
    # Everything that the previous reset restarted must report first: a full etcd keeps the last reported state.
    stage.settle(60)
    stage.break_("etcd-quota", janitor="quota")
    stage.settle(5)


def _disarmed(stage: Stage) -> None:
    stage.do(f"{ETCD} alarm disarm")
    stage.settle(15)


def _quota_raised(stage: Stage) -> None:
    stage.solve("etcd-quota", 0, 1)
    stage.until("kubectl auth can-i create pods", timeout=90)
    stage.settle(10)


def _emptied(stage: Stage) -> None:
    stage.solve("etcd-quota")
    stage.settle(10)
    stage.revert("etcd-quota")


def _naive_edit(stage: Stage) -> None:
    stage.do(
        "systemctl disable --now janitor.service; "
        "sed -i 's/--quota-backend-bytes=.*/--quota-backend-bytes=2147483648/' /etc/kubernetes/manifests/etcd.yaml"
    )


def _naive_done(stage: Stage) -> None:
    stage.until("kubectl auth can-i create pods --request-timeout=5s", timeout=300)
    stage.settle(15)


def _solve(name: str, seconds: float) -> Callable[[Stage], None]:
    def enter(stage: Stage) -> None:
        stage.solve(name)
        stage.settle(seconds)

    return enter


def _all_broken(stage: Stage) -> None:
    stage.settle(10)
    stage.break_("etcd-quota", "forwarding", "policy", "admission")


def _much_later(stage: Stage) -> None:
    stage.settle(60)


def _fixed(stage: Stage) -> None:
    stage.solve("forwarding")
    lab = stage.lab
    health.wait_until_well(lab.cluster, lab.baseline(), lab.scenario, list(FAULTS), timeout=SETTLE)
    stage.settle(10)


CHAPTERS = (
    Chapter((Phase("healthy", "nothing is broken", _nothing),), lambda _: None),
    Chapter(
        (
            Phase("forwarding", "forwarding alone is off, on both nodes", _break("forwarding")),
            Phase("forwarding-half", "and on again on the worker only", _one_node_forwards),
        ),
        lambda stage: stage.revert("forwarding"),
    ),
    Chapter(
        (
            Phase("policy", "the half-finished policy alone", _break("policy")),
            Phase("policy-half", "and deleted in kube-system only", _one_policy_deleted),
        ),
        lambda stage: stage.revert("policy"),
    ),
    Chapter(
        (
            # Wait until the nodes' kube-proxies watch again, and the rest of the deleted pods is gone.
            Phase("admission", "Pod Security without an exemption alone", _break("admission", settle=60)),
            Phase("admission-half", "and one namespace exempted, the wrong one", _one_namespace_exempt),
        ),
        lambda stage: stage.revert("admission"),
    ),
    Chapter(
        (
            Phase("etcd-full", "etcd full, with its alarm and its small quota", _full),
            Phase("etcd-disarmed", "disarmed without compaction", _disarmed),
            Phase("etcd-raised", "the quota raised with the alarm still on", _quota_raised),
        ),
        _emptied,
    ),
    Chapter(
        (
            Phase("minutes", "all four faults: the first minutes after etcd went down", _all_broken),
            Phase("broken", "all four faults, later", _much_later),
            Phase("naive-wait", "etcd's manifest edited by hand, at once", _naive_edit),
            Phase("naive", "and when the API server is back", _naive_done),
            Phase("repaired-etcd", "etcd repaired", _solve("etcd-quota", 10)),
            Phase("repaired-admission", "admission repaired, too", _solve("admission", 20)),
            Phase("repaired-policy", "the policy repaired, too", _solve("policy", 8)),
            Phase("fixed", "everything repaired", _fixed),
        ),
        lambda _: None,
    ),
)
PHASES = tuple(phase for chapter in CHAPTERS for phase in chapter.phases)
