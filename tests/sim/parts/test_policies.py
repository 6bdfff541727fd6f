"""Network policies: all pods against all pods, for each policy."""

from itertools import product
from typing import Any

import pytest

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.api.kinds import KIND, skeleton
from lab.cluster.sim.api.store import Store
from lab.cluster.sim.network.policies import Peer, allowed

#: Pods: x/a is the pod `a` in the namespace x.
PODS = {
    f"{namespace}/{name}": Peer(f"10.244.{row}.{column}", namespace, {"pod": name})
    for row, namespace in enumerate("xyz")
    for column, name in enumerate("abc", 2)
}


@pytest.fixture
def store() -> Store:
    store = Store(Etcd())
    for name in "xyz":
        namespace = skeleton("Namespace", name)
        namespace["metadata"]["labels"] = {"ns": name}
        store.create(KIND["Namespace"], namespace)
    return store


def policy(namespace: str = "x", selector: Any = None, **spec: Any) -> Any:
    """Return a policy for pods of a namespace; an empty selection means all."""
    types = [kind for kind in ("Ingress", "Egress") if kind.lower() in spec or kind in spec.get("policyTypes", [])]
    selected = {"podSelector": selector or {}, "policyTypes": types, **spec}
    return {"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": namespace}, "spec": selected}


def table(store: Store, policies: list[Any], port: int = 80, protocol: str = "TCP") -> set[str]:
    """Return the refused flows, as `x/a>y/b`."""
    found = set()
    for (source, one), (target, other) in product(PODS.items(), repeat=2):
        out = allowed(policies, store, one, other, port, protocol, "Egress")
        into = allowed(policies, store, other, one, port, protocol, "Ingress")
        if not (out and into):
            found.add(f"{source}>{target}")
    return found


def into(target: str, *but: str) -> set[str]:
    """Return all flows to a pod, except those from pods in `but`."""
    return {f"{source}>{target}" for source in PODS if source not in but}


def out_of(source: str, *but: str) -> set[str]:
    return {f"{source}>{target}" for target in PODS if target not in but}


ALL_X = ("x/a", "x/b", "x/c")


def test_without_policies_nothing_is_refused(store: Store) -> None:
    assert table(store, []) == set()


@pytest.mark.parametrize(
    ("spec", "refused"),
    [
        pytest.param({"policyTypes": ["Ingress"]}, into("x/a") | into("x/b") | into("x/c"), id="deny ingress"),
        pytest.param({"policyTypes": ["Egress"]}, out_of("x/a") | out_of("x/b") | out_of("x/c"), id="deny egress"),
        pytest.param({"ingress": [{}]}, set(), id="allow all ingress"),
        pytest.param(
            {
                "selector": {"matchLabels": {"pod": "a"}},
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"pod": "b"}}}]}],
            },
            into("x/a", "x/b"),
            id="from pods of the same namespace",
        ),
        pytest.param(
            {
                "selector": {"matchLabels": {"pod": "a"}},
                "ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"ns": "y"}}}]}],
            },
            into("x/a", "y/a", "y/b", "y/c"),
            id="from a namespace",
        ),
        pytest.param(
            {
                "selector": {"matchLabels": {"pod": "a"}},
                "ingress": [
                    {
                        "from": [
                            {
                                "namespaceSelector": {"matchLabels": {"ns": "y"}},
                                "podSelector": {"matchLabels": {"pod": "b"}},
                            }
                        ]
                    }
                ],
            },
            into("x/a", "y/b"),
            id="from pods of a namespace: both must fit",
        ),
        pytest.param(
            {
                "selector": {"matchLabels": {"pod": "a"}},
                "ingress": [
                    {
                        "from": [
                            {"namespaceSelector": {"matchLabels": {"ns": "y"}}},
                            {"podSelector": {"matchLabels": {"pod": "b"}}},
                        ]
                    }
                ],
            },
            into("x/a", "x/b", "y/a", "y/b", "y/c"),
            id="two peers: either may fit",
        ),
        pytest.param(
            {"selector": {"matchLabels": {"pod": "a"}}, "ingress": [{"from": [{"namespaceSelector": {}}]}]},
            set(),
            id="an empty namespace selector means all",
        ),
        pytest.param(
            {
                "selector": {"matchLabels": {"pod": "a"}},
                "egress": [{"to": [{"ipBlock": {"cidr": "10.244.1.0/24", "except": ["10.244.1.3/32"]}}]}],
            },
            out_of("x/a", "y/a", "y/c"),
            id="to a block of addresses without one",
        ),
        pytest.param(
            {
                "selector": {"matchExpressions": [{"key": "pod", "operator": "NotIn", "values": ["a"]}]},
                "policyTypes": ["Ingress"],
            },
            into("x/b") | into("x/c"),
            id="selected by an expression",
        ),
    ],
)
def test_a_policy(store: Store, spec: Any, refused: set[str]) -> None:
    assert table(store, [policy(**spec)]) == refused


@pytest.mark.parametrize(
    ("ports", "port", "protocol", "open_"),
    [
        ([{"port": 80}], 80, "TCP", True),
        ([{"port": 80}], 81, "TCP", False),
        ([{"port": 80}], 80, "UDP", False),
        ([{"port": 53, "protocol": "UDP"}], 53, "UDP", True),
        ([{"protocol": "TCP"}], 12345, "TCP", True),
        ([{"port": 8000, "endPort": 8090}], 8080, "TCP", True),
        ([{"port": 8000, "endPort": 8090}], 8091, "TCP", False),
        ([{"port": 1}, {"port": 2}], 2, "TCP", True),
    ],
)
def test_ports(store: Store, ports: Any, port: int, protocol: str, *, open_: bool) -> None:
    refused = table(store, [policy(ingress=[{"ports": ports}])], port, protocol)
    assert (refused == set()) == open_


def test_policies_add_up(store: Store) -> None:
    deny = policy(policyTypes=["Ingress"])
    allow = policy(selector={"matchLabels": {"pod": "a"}}, ingress=[{"from": [{"namespaceSelector": {}}]}])
    assert table(store, [deny, allow]) == into("x/b") | into("x/c")


def test_both_ends_must_allow_a_flow(store: Store) -> None:
    out = policy(
        selector={"matchLabels": {"pod": "a"}},
        egress=[{"to": [{"namespaceSelector": {"matchLabels": {"ns": "y"}}}]}],
    )
    closed = policy("y", selector={"matchLabels": {"pod": "b"}}, policyTypes=["Ingress"])
    assert table(store, [out, closed]) == out_of("x/a", "y/a", "y/c") | into("y/b")


def test_a_node_is_no_pod_of_any_namespace(store: Store) -> None:
    rules = [policy(ingress=[{"from": [{"namespaceSelector": {}}]}])]
    assert not allowed(rules, store, PODS["x/a"], Peer("172.18.0.2"), 80, "TCP", "Ingress")
