"""Events during an attempt, on every backend: half a repair, damage, a reset."""

import pytest

from lab import baseline as baselines
from lab.cluster.base import Node
from lab.cluster.tools import api, services
from lab.core.grading import Status
from lab.errors import LabError
from lab.faults.churn import Churn
from lab.lab import Lab
from lab.progress import Silent
from tests.expected import E, P
from tests.kind.shared import taken_back
from tests.scenario.seeing import told


def test_a_larger_quota_alone_repairs_nothing(broken: Lab) -> None:
    """The alarm is stored: it survives the restart, and writes are still refused."""
    node = broken.cluster.control_plane
    for each in broken.loaded.solution.faults[E][:2]:
        node.run(["bash", "-euo", "pipefail", "-c", each.run], timeout=each.timeout).check()
    api.wait_until_ready(node, timeout=120)
    score = broken.check()
    refused = score.verdict("api-writes").outcome
    assert refused.status is Status.FAIL, told(score)
    assert "database space exceeded" in refused.found
    assert score.verdict("no-alarm").outcome.found == "alarm: NOSPACE"
    assert score.verdict("store-limits").points == 0


def test_a_namespace_that_the_trainee_deleted_voids_and_is_brought_back_by_reset(lab: Lab) -> None:
    lab.break_([P], Silent())
    try:
        lab.cluster.control_plane.run(["kubectl", "delete", "namespace", "shop"], timeout=90).check()
        score = lab.check()
        assert any(gate.tripped and gate.name == "shop-intact" for gate in score.gates)
        assert next(fault for fault in score.faults if fault.name == P).points == 0
    finally:
        lab.reset(Silent())
    lab.break_([P], Silent())
    try:
        lab.solve([], Silent())
        lab.diagnose_as_solved()
        score = lab.check()
        assert score.state == score.maximum, told(score)
    finally:
        lab.reset(Silent())


WRECKED = (
    "systemctl disable -q --now kubelet containerd; echo 'net.ipv4.ip_forward = 0' >>/etc/sysctl.conf; "
    "echo rubbish >/var/lib/kubelet/config.yaml; rm -f /etc/kubernetes/manifests/*"
)
WRECKED_WORKER = (
    "systemctl stop kubelet containerd; rm -rf /etc/systemd/system/kubelet.service*; systemctl daemon-reload"
)


def test_nodes_without_runtime_kubelet_and_settings_are_whole_after_a_reset(lab: Lab) -> None:
    lab.break_([P], Silent())
    try:
        for node, wreck in zip(lab.cluster.nodes, (WRECKED, WRECKED_WORKER), strict=True):
            node.run(["bash", "-c", wreck], timeout=60).check()
            assert not services.run(node)
    finally:
        lab.reset(Silent())
    for node in lab.cluster.nodes:
        assert services.run(node)
        assert baselines.read_files(node) == lab.baseline().nodes[node.name].files


def test_a_cluster_that_no_reset_brings_back_is_said_to_be_lost(made: Lab) -> None:
    if made.cluster.backend == "kind":
        pytest.skip("it would take the other tests' cluster")
    lab = taken_back(made)
    lab.break_([P], Silent())
    node = lab.cluster.control_plane
    node.run(["mv", "/etc/kubernetes/pki", "/root/pki"]).check()
    try:
        with pytest.raises(LabError, match=r"k5 could not be reset: .+") as problem:
            lab.reset(Silent())
    finally:
        node.run(["mv", "/root/pki", "/etc/kubernetes/pki"]).check()
        lab.reset(Silent())
    assert "kluster delete, kluster create" in problem.value.remedy


def test_an_app_that_the_trainee_changed_is_as_before_after_a_reset(lab: Lab) -> None:
    lab.break_([P], Silent())
    try:
        before = lab.baseline().workloads
        scale = ["-n", "shop", "scale", "deployment", "web", "--replicas=0"]
        api.kubectl(lab.cluster.control_plane, *scale).check()
        assert not baselines.holds(lab.baseline(), lab.cluster, lab.scenario, lab.loaded.manifests.values())
    finally:
        lab.reset(Silent())
    assert lab.baseline().workloads == before
    assert baselines.holds(lab.baseline(), lab.cluster, lab.scenario, lab.loaded.manifests.values())


def test_a_retry_begins_with_an_empty_home(lab: Lab) -> None:
    """Notes, scripts and aliases of the last attempt would be an advantage, or an obstacle."""
    before = {node.name: _home(node) for node in lab.cluster.nodes}
    lab.break_([P], Silent())
    try:
        for node in lab.cluster.nodes:
            node.run(["bash", "-c", _LEFT]).check()
            assert _home(node) != before[node.name]
    finally:
        lab.reset(Silent())
    assert {node.name: _home(node) for node in lab.cluster.nodes} == before
    assert lab.cluster.control_plane.run(["test", "-e", "/etc/kubernetes/admin.conf"]).ok  # a link led there


_LEFT = """
cd /root && mkdir -p .kube "my notes/deep" && ln -s /etc/kubernetes keys
echo 'alias k=false' >> .bashrc; rm .profile; echo repair > repair.sh
touch .kube/config .bash_history "my notes/deep/a file"
"""


def _home(node: Node) -> str:
    """Return the contents of root's home, and the files that a shell reads there."""
    script = "cd /root; find . -mindepth 1 ! -path './.kube*' | sort; cat .bashrc .profile"
    return node.run(["bash", "-c", script]).stdout


def test_a_break_right_after_a_reset_waits_until_the_proof_of_concept_is_gone(lab: Lab) -> None:
    node = lab.cluster.control_plane
    space = Churn(node).namespace
    patch = f"kubectl patch -n {space} configmap late --type=merge -p"
    script = f"""
    kubectl create namespace {space}
    kubectl create -n {space} configmap late
    {patch} '{{"metadata": {{"finalizers": ["kluster.dev/kept"]}}}}'
    kubectl delete namespace {space} --wait=false
    let_go() {{ sleep 3; until {patch} '{{"metadata": {{"finalizers": null}}}}'; do sleep 1; done; }}
    let_go &>/dev/null &
    """
    node.run(["bash", "-ec", script]).check()
    try:
        assert list(lab.break_([E], Silent())) == [E]
    finally:
        lab.reset(Silent())


def test_a_reset_recreates_a_stuck_system_pod(lab: Lab) -> None:
    node = lab.cluster.control_plane
    dns = ["pods", "-n", "kube-system", "-l", "k8s-app=kube-dns"]
    pod = api.get(node, *dns)["items"][0]["metadata"]["name"]
    image = ["-n", "kube-system", "set", "image", f"pod/{pod}", "coredns=localhost:1/no/such:v0"]
    unready = ["-n", "kube-system", "wait", "--for=condition=Ready=false", f"pod/{pod}", "--timeout=60s"]
    try:
        api.kubectl(node, *image).check()
        api.kubectl(node, *unready, timeout=65).check()
    finally:
        lab.reset(Silent())

    now = api.get(node, *dns)["items"]
    assert pod not in api.names(now)
    assert all(api.is_ready(each) for each in now)


def test_what_the_trainee_bound_is_forgotten_by_a_reset(lab: Lab) -> None:
    """Otherwise the rights of one attempt would void the next."""
    node = lab.cluster.control_plane
    lab.break_([P], Silent())
    try:
        script = (
            "kubectl create namespace mine; kubectl create clusterrole all --verb='*' --resource='*'; "
            "kubectl create clusterrolebinding all --clusterrole=all --group=system:serviceaccounts; "
            "kubectl -n shop create rolebinding all --clusterrole=all --serviceaccount=shop:default"
        )
        node.run(["bash", "-ec", script]).check()
    finally:
        lab.reset(Silent())
    assert sorted(baselines.read_roles(node)) == lab.baseline().roles
    spaces = api.get(node, "namespaces")["items"]
    assert "mine" not in {s["metadata"]["name"] for s in spaces if "deletionTimestamp" not in s["metadata"]}
