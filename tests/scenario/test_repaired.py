"""After an honest repair of everything: a cheat fails its check, a reboot does not; then the attempt is submitted.

All tests follow one repair, in the last of the three orders; the last test submits.
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab import grader, scoring
from lab.cluster.base import Node
from lab.core.grading import Score, Status
from lab.core.session import State
from lab.errors import LabError
from lab.lab import Lab
from lab.patience import poll
from lab.progress import Silent
from tests.expected import ORDERS, A, F
from tests.scenario.seeing import repair, scored, told


@dataclass(frozen=True)
class Cheat:
    """Commands on the control plane, how they are reverted, and the check that must fail."""

    do: str
    undo: str
    check: str = ""
    gate: str = ""
    thorough: bool = False


_UNITS = "/etc/systemd/system"
_LEFT = f"{_UNITS}/left"
_FILLER = (
    "while sleep 0.4; do head -c 60000 /dev/urandom | base64 -w0 >/tmp/filler; kubectl create cm filler "
    "-n default --from-file=/tmp/filler --dry-run=client -o yaml | kubectl replace -f -; done"
)
_FILLER_UNIT = (
    "[Service]\\nEnvironment=KUBECONFIG=/etc/kubernetes/admin.conf\\nExecStart=/bin/bash /usr/local/bin/filler\\n"
)
CHEATS = {
    "every policy deleted": Cheat(
        "kubectl get networkpolicy -n shop -o yaml >/tmp/policies; kubectl delete networkpolicy -n shop --all",
        "kubectl create -f /tmp/policies",
        check="shop-denials",
    ),
    "enforcement off where the app is": Cheat(
        "kubectl label namespace stage pod-security.kubernetes.io/enforce=privileged",
        "kubectl label namespace stage pod-security.kubernetes.io/enforce-",
        check="privileged-refused",
    ),
    "everybody an administrator": Cheat(
        "kubectl create clusterrolebinding all --clusterrole=cluster-admin --group=system:authenticated",
        "kubectl delete clusterrolebinding all",
        gate="access-control",
    ),
    "the database scaled away": Cheat(
        "kubectl -n shop scale deployment/db --replicas=0",
        "kubectl -n shop scale deployment/db --replicas=1; kubectl -n shop rollout status deployment/db",
        gate="shop-intact",
    ),
    "the Service turned to another target": Cheat(
        """kubectl -n stage patch service probe -p '{"spec":{"publishNotReadyAddresses":true}}'""",
        """kubectl -n stage patch service probe -p '{"spec":{"publishNotReadyAddresses":null}}'""",
        gate="stage-intact",
    ),
    "a tool replaced": Cheat(
        "cp /usr/local/bin/etcdctl /root/etcdctl; echo >>/usr/local/bin/etcdctl",
        "mv /root/etcdctl /usr/local/bin/etcdctl",
        gate="same-tools",
        thorough=True,
    ),
    "a tool put in front of another": Cheat(
        "printf '#!/bin/sh\\nexec /usr/bin/kubectl \"$@\"\\n' >/usr/local/sbin/kubectl; "
        "chmod +x /usr/local/sbin/kubectl",
        "rm /usr/local/sbin/kubectl",
        gate="same-tools",
        thorough=True,
    ),
    "on now, off at the next boot": Cheat(
        "echo net.ipv4.ip_forward=0 >/etc/sysctl.d/99-z.conf",
        "rm /etc/sysctl.d/99-z.conf",
        check="forwarding-lasts",
    ),
    "the timer stopped, not disabled": Cheat(
        f"printf '[Timer]\\nOnBootSec=9s\\n[Install]\\nWantedBy=timers.target\\n' >{_LEFT}.timer; "
        f"printf '[Service]\\nExecStart=/usr/sbin/sysctl net.ipv4.ip_forward=0\\n' >{_LEFT}.service; "
        "systemctl daemon-reload; systemctl enable -q left.timer",
        f"systemctl disable -q left.timer; rm {_LEFT}.timer {_LEFT}.service; systemctl daemon-reload",
        check="forwarding-lasts",
    ),
    "forwarding off again": Cheat(
        "sysctl -q net.ipv4.ip_forward=0", "sysctl -q net.ipv4.ip_forward=1", check="forwarding-on"
    ),
    "a static pod's mirror gone": Cheat(
        "mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/",
        "mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/",
        check="static-pods-show",
    ),
    "something goes on filling the store": Cheat(
        f"kubectl create configmap filler -n default; echo {shlex.quote(_FILLER)} >/usr/local/bin/filler; "
        f"printf {shlex.quote(_FILLER_UNIT)} >{_UNITS}/filler.service; systemctl daemon-reload; "
        "systemctl start filler",
        f"systemctl stop filler; rm {_UNITS}/filler.service /usr/local/bin/filler; systemctl daemon-reload; "
        "kubectl delete configmap filler -n default",
        check="store-limits",
    ),
}


@pytest.fixture(scope="module")
def repaired(healthy: Lab) -> Iterator[Lab]:
    healthy.break_([], Silent())
    repair(healthy, ORDERS[-1])
    yield healthy
    healthy.reset(Silent())


def is_whole(lab: Lab, seconds: float) -> bool:
    """Whether all points are there within `seconds`."""
    time = lab.cluster.control_plane.time
    return bool(poll(lambda: lab.check().state == 100, timeout=seconds, every=2, time=time))


def look(lab: Lab, *, thorough: bool) -> Score:
    """Look as `check` and `submit` do, but without a minute between the samples."""
    checks = [
        check.model_copy(update={"parameters": {**check.parameters, "samples": 1}})
        if check.kind == "users-curl"
        else check
        for check in lab.scenario.checks
        if not (thorough and check.kind == "system-pods")  # it would delete a pod
    ]
    scenario = lab.scenario.model_copy(update={"checks": checks})
    observed = grader.look(lab.cluster, lab.baseline(), scenario, lab.session.injected, thorough=thorough)
    return scoring.score(lab.session, lab.loaded, observed)


def test_repairs_in_a_third_order_end_at_100(repaired: Lab) -> None:
    assert repaired.check().state == 100


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_is_seen(repaired: Lab, name: str) -> None:
    cheat = CHEATS[name]
    node = repaired.cluster.control_plane
    node.run(["bash", "-ec", cheat.do], timeout=60).check()

    def seen() -> Score | None:
        score = look(repaired, thorough=cheat.thorough)
        if cheat.gate:
            return score if any(gate.name == cheat.gate and gate.tripped for gate in score.gates) else None
        return score if score.verdict(cheat.check).outcome.status is Status.FAIL else None

    try:
        score = poll(seen, timeout=60, time=node.time)
        assert score is not None, (
            look(repaired, thorough=cheat.thorough).verdict(cheat.check or "store-runs").outcome
        )
        cheated = next(gate.voids for gate in score.gates if gate.tripped) if cheat.gate else ""
        if cheated == "attempt":
            assert score.state == 0
        elif cheated:
            assert next(fault.points for fault in score.faults if fault.name == cheated) == 0
        else:
            assert score.verdict(cheat.check).points < score.verdict(cheat.check).check.points
    finally:
        node.run(["bash", "-ec", cheat.undo], timeout=90).check()
    assert is_whole(repaired, 120)


def test_a_reboot_keeps_the_score(repaired: Lab) -> None:
    worker = repaired.cluster.nodes[-1]
    worker.run(["touch", "/run/before"]).check()
    worker.run(["systemctl", "reboot", "--force", "--force"])
    assert poll(lambda: rebooted(worker), timeout=60, time=worker.time)
    score = scored(repaired, 100)
    assert score.state == 100, told(score)


def rebooted(node: Node) -> bool:
    """Whether `node` is down, or has lost its memory."""
    try:
        return not node.run(["test", "-e", "/run/before"], timeout=5).ok
    except LabError:
        return True


def test_submission_ends_the_attempt(repaired: Lab) -> None:
    repaired.solve([F], Silent())  # repaired faults stay repaired
    score = repaired.submit()
    assert score.state == 100, told(score)
    assert repaired.session.state is State.SOLVED
    assert {F, A} <= set(repaired.session.repaired)
