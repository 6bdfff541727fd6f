"""Checks when the cluster's own reports are wrong, and how long quick ones take."""

import shlex
from collections.abc import Iterator

import pytest

from lab import grader
from lab.core.grading import Outcome, Status
from lab.core.session import Mode
from lab.lab import Lab
from lab.places import scenarios_folder
from lab.progress import Silent


def outcome(lab: Lab, name: str) -> Outcome:
    checks = [check for check in lab.scenario.checks if check.name == name]
    part = lab.scenario.model_copy(update={"checks": checks, "gates": []})
    return grader.look(lab.cluster, lab.baseline(), part, [checks[0].fault]).outcomes[name]


@pytest.fixture
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    request.getfixturevalue("turned")
    scenario = scenarios_folder() / "kluster005"
    lab = Lab.create("k5", scenario, backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent())
    yield lab
    lab.delete()


def run(lab: Lab, script: str) -> str:
    return lab.cluster.control_plane.run(["bash", "-ec", script], timeout=200).check().stdout


def test_system_pods_are_counted_where_their_controllers_count_no_more(lab: Lab) -> None:
    assert outcome(lab, "system-pods").status is Status.PASS
    script = """
    mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root
    while [ -n "$(crictl ps -q --name kube-controller-manager)" ]; do sleep 1; done
    pod=$(kubectl get pods -n kube-system -l k8s-app=kube-dns -o name | head -n 1)
    kubectl set image -n kube-system "$pod" coredns=localhost:1/no/such:v0
    kubectl wait -n kube-system --for=condition=Ready=false "$pod" --timeout=60s
    kubectl get deployment coredns -n kube-system -o jsonpath='counted: {.status.readyReplicas}'
    """
    assert run(lab, script).endswith("counted: 2")

    found = outcome(lab, "system-pods")

    assert (found.status, found.found) == (Status.FAIL, "coredns: 1 of 2 Ready")


@pytest.mark.parametrize(("command", "longer"), [("sleep 1000", False), ("sysctl --system", True)])
def test_forwarding_is_watched_longer_where_a_new_unit_may_turn_it_off(
    lab: Lab, command: str, *, longer: bool
) -> None:
    unit = f"[Service]\nExecStart=/bin/sh -c '{command}; sleep 1000'\n"
    run(lab, f"printf %s {shlex.quote(unit)} > /etc/systemd/system/new.service; systemctl start new")
    found = outcome(lab, "forwarding-on")
    assert found.status is Status.PASS
    assert (found.seconds > 7) == longer


def test_a_look_without_a_store_does_not_wait_for_the_api_server(lab: Lab) -> None:
    run(
        lab,
        "mv /etc/kubernetes/manifests/etcd.yaml /root;"
        'while [ -n "$(crictl ps -q --name etcd)" ]; do sleep 1; done',
    )
    found = outcome(lab, "cross-node")
    assert found.status is Status.PASS
    assert found.seconds < 4
