"""The properties of a cluster on any backend, once it is made."""

import pytest

from lab.cluster.base import Cluster, Node, node_named
from lab.deny_test import live_deny_test
from lab.errors import UsageProblem


def test_it_keeps_to_the_protocol(cluster: Cluster) -> None:
    assert isinstance(cluster, Cluster)
    assert all(isinstance(node, Node) for node in cluster.nodes)
    assert cluster.exists()


def test_the_control_plane_comes_first(cluster: Cluster) -> None:
    assert cluster.control_plane is cluster.nodes[0]
    assert [node.role for node in cluster.nodes] == ["control-plane", "worker"]


def test_short_names_of_nodes_work(cluster: Cluster) -> None:
    assert node_named(cluster, "worker") is cluster.nodes[1]
    assert node_named(cluster, f"{cluster.name}-control-plane") is cluster.control_plane
    with pytest.raises(UsageProblem):
        node_named(cluster, "elsewhere")


def test_every_node_has_an_identity_that_stays(cluster: Cluster) -> None:
    identity = cluster.identity()

    assert sorted(identity) == sorted(node.name for node in cluster.nodes)
    assert len(set(identity.values())) == len(cluster.nodes)
    assert cluster.identity() == identity


def test_what_became_of_nodes_is_known_by_their_identity(cluster: Cluster) -> None:
    identity = cluster.identity()

    assert cluster.node_states(identity) == dict.fromkeys(identity, "running")
    assert cluster.node_states({}) == {}


def test_a_snapshot_is_the_cluster_as_it_is_now(cluster: Cluster) -> None:
    with cluster.snapshot() as seen:
        assert isinstance(seen, Cluster)
        assert [node.name for node in seen.nodes] == [node.name for node in cluster.nodes]
        assert [node.role for node in seen.nodes] == [node.role for node in cluster.nodes]
        assert seen.identity() == cluster.identity()
        for node in seen.nodes:
            assert node.run(["hostname"]).check().stdout.strip() == node.name
            assert node.read_file("/etc/hostname").strip() == node.name


def test_all_nodes_are_ready(cluster: Cluster) -> None:
    said = cluster.control_plane.run(["kubectl", "get", "nodes", "--no-headers"]).check().stdout

    assert {line.split()[0]: line.split()[1] for line in said.splitlines()} == {
        node.name: "Ready" for node in cluster.nodes
    }


def test_no_node_had_to_be_started(cluster: Cluster) -> None:
    assert list(cluster.start_stopped_nodes()) == []


@pytest.mark.parametrize("tool", ["kubectl", "crictl", "etcdctl", "etcdutl", "vi", "less", "curl"])
def test_every_node_has_the_tools_of_the_trade(cluster: Cluster, tool: str) -> None:
    for node in cluster.nodes:
        assert node.run(["bash", "-c", f"command -v {tool}"]).ok, node.name


def test_etcd_answers_its_own_tool(cluster: Cluster) -> None:
    pki = "/etc/kubernetes/pki/etcd"
    certificates = [f"--cacert={pki}/ca.crt", f"--cert={pki}/server.crt", f"--key={pki}/server.key"]

    result = cluster.control_plane.run(["etcdctl", *certificates, "endpoint", "health"])

    assert "is healthy" in (result.stdout + result.stderr)


def test_the_container_runtime_answers_on_every_node(cluster: Cluster) -> None:
    for node in cluster.nodes:
        assert "kube-proxy" in node.run(["crictl", "ps"]).check().stdout


def test_policies_deny_what_they_should(cluster: Cluster) -> None:
    finding = live_deny_test(cluster)

    assert finding.ok, finding.found
    left = cluster.control_plane.run(["kubectl", "get", "ns", "-o", "jsonpath={.items[*].metadata.name}"]).check()
    trials = [name for name in left.stdout.split() if name.startswith("policy-try")]
    for name in trials:
        cluster.control_plane.run(
            ["kubectl", "wait", "--for=delete", f"ns/{name}", "--timeout=60s"], timeout=65
        ).check()
