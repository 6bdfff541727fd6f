"""Checks when the cluster's own reports are wrong."""

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


@pytest.mark.usefixtures("turned")
def test_system_pods_are_counted_where_their_controllers_count_no_more() -> None:
    scenario = scenarios_folder() / "kluster005"
    lab = Lab.create("k5", scenario, backend="sim", mode=Mode.REHEARSAL, image=None, progress=Silent())
    assert outcome(lab, "system-pods").status is Status.PASS
    node = lab.cluster.control_plane
    script = """
    mv /etc/kubernetes/manifests/kube-controller-manager.yaml /root
    while [ -n "$(crictl ps -q --name kube-controller-manager)" ]; do sleep 1; done
    pod=$(kubectl get pods -n kube-system -l k8s-app=kube-dns -o name | head -n 1)
    kubectl set image -n kube-system "$pod" coredns=localhost:1/no/such:v0
    kubectl wait -n kube-system --for=condition=Ready=false "$pod" --timeout=60s
    kubectl get deployment coredns -n kube-system -o jsonpath='counted: {.status.readyReplicas}'
    """
    assert node.run(["bash", "-ec", script], timeout=200).check().stdout.endswith("counted: 2")

    found = outcome(lab, "system-pods")

    assert (found.status, found.found) == (Status.FAIL, "coredns: 1 of 2 Ready")
    lab.delete()
