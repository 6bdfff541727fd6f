"""The result of a connection, from two machines with pods on them."""

import pytest

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.machine.firewall import Rule
from lab.cluster.sim.machine.runtime import Sandbox
from lab.cluster.sim.network.flows import Source
from lab.cluster.sim.network.resolver import Resolver
from tests.sim.parts.rig import Rig, pod

WEB = {"app": "web"}


@pytest.fixture
def web(rig: Rig) -> Sandbox:
    """A pod on the worker that listens on port 8080."""
    return rig.running(rig.worker, pod("web", labels=WEB))


@pytest.fixture
def client(rig: Rig) -> Source:
    """A pod on the control plane."""
    return Source(rig.first, rig.running(rig.first, pod("client")))


def service(rig: Rig, address: str, *ready: str) -> Object:
    """Make a Service with endpoints, and let kube-proxy program it."""
    made = rig.admin.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "clusterIP": address,
                "selector": WEB,
                "ports": [{"port": 80, "targetPort": 8080, "protocol": "TCP"}],
            },
        }
    )
    assert made.ok, made
    subsets = [{"addresses": [{"ip": ip} for ip in ready], "ports": [{"port": 8080}]}] if ready else []
    endpoints = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "default"}}
    assert rig.admin.create({**endpoints, "subsets": subsets}).ok
    proxies(rig)
    found: Object = made.body
    return found


def proxies(rig: Rig) -> None:
    """Run kube-proxy and the policy engine on both machines, and let them program the API's objects."""
    for machine in rig.machines.values():
        for name in ("kube-proxy", "kindnet-cni"):
            if machine.runtime.running_named(name) is None:
                rig.program(machine, name)
    rig.advance(1)


def deny(rig: Rig) -> None:
    """Deny all ingress to the pods of the default namespace."""
    metadata = {"name": "deny", "namespace": "default"}
    spec = {"podSelector": {}, "policyTypes": ["Ingress"]}
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}
    assert rig.admin.create(policy).ok


def test_a_pod_reaches_a_pod_on_another_node(rig: Rig, web: Sandbox, client: Source) -> None:
    verdict = rig.network.connect(client, web.ip, 8080)
    assert verdict.open
    assert verdict.listener is not None
    assert (verdict.listener.kind, verdict.listener.sandbox) == ("agnhost", web)


def test_a_port_that_nobody_listens_on_is_refused(rig: Rig, web: Sandbox, client: Source) -> None:
    assert rig.network.connect(client, web.ip, 81).kind == "refused"


def test_an_address_that_nobody_has_is_silent(rig: Rig, client: Source) -> None:
    assert rig.network.connect(client, "10.244.1.250", 80).kind == "silent"
    assert rig.network.connect(client, "192.0.2.1", 80).kind == "silent"


@pytest.mark.parametrize("which", ["k5-control-plane", "k5-worker"])
def test_without_forwarding_on_either_node_packets_of_pods_are_lost(
    rig: Rig, web: Sandbox, client: Source, which: str
) -> None:
    rig.machines[which].sysctls.set("net.ipv4.ip_forward", "0")
    assert rig.network.connect(client, web.ip, 8080).kind == "silent"


def test_a_node_reaches_its_own_pods_without_forwarding(rig: Rig, web: Sandbox) -> None:
    rig.worker.sysctls.set("net.ipv4.ip_forward", "0")
    assert rig.network.connect(Source(rig.worker), web.ip, 8080).open
    assert rig.network.connect(Source(rig.first), web.ip, 8080).kind == "silent"


@pytest.mark.parametrize(("action", "kind"), [("DROP", "silent"), ("REJECT", "refused"), ("ACCEPT", "open")])
def test_rules_added_by_hand_come_first(rig: Rig, web: Sandbox, client: Source, action: str, kind: str) -> None:
    rig.worker.firewall.append(Rule.parsed("FORWARD", ["-p", "tcp", "--dport", "8080", "-j", action]))
    assert rig.network.connect(client, web.ip, 8080).kind == kind
    assert rig.network.connect(client, web.ip, 8080, "UDP").open


def test_a_service_leads_to_its_endpoints(rig: Rig, web: Sandbox, client: Source) -> None:
    address = service(rig, "10.96.7.7", web.ip)["spec"]["clusterIP"]
    verdict = rig.network.connect(client, address, 80)
    assert (verdict.kind, verdict.address) == ("open", web.ip)
    assert rig.network.connect(client, address, 81).kind == "silent"


def test_a_service_takes_its_endpoints_in_turn(rig: Rig, web: Sandbox, client: Source) -> None:
    other = rig.running(rig.first, pod("web-2", labels=WEB))
    service(rig, "10.96.7.7", web.ip, other.ip)
    found = [rig.network.connect(client, "10.96.7.7", 80).address for _ in range(4)]
    assert sorted(found) == sorted([web.ip, other.ip] * 2)


def test_a_service_without_endpoints_refuses_where_packets_are_forwarded(rig: Rig, client: Source) -> None:
    service(rig, "10.96.7.7")
    assert rig.network.connect(client, "10.96.7.7", 80).kind == "refused"
    rig.first.sysctls.set("net.ipv4.ip_forward", "0")
    assert rig.network.connect(client, "10.96.7.7", 80).kind == "silent"


def test_programmed_rules_stay_without_the_programs(rig: Rig, web: Sandbox, client: Source) -> None:
    service(rig, "10.96.7.7", web.ip)
    for machine in rig.machines.values():
        for name in ("kube-proxy", "kindnet-cni"):
            container = machine.runtime.running_named(name)
            assert container is not None
            machine.runtime.stop(container, rig.clock.now())
    deny(rig)
    rig.advance(5)
    assert rig.network.connect(client, "10.96.7.7", 80).open


def test_a_policy_refuses_pods_and_other_nodes_but_not_the_pods_own(
    rig: Rig, web: Sandbox, client: Source
) -> None:
    proxies(rig)
    deny(rig)
    rig.advance(1)
    verdict = rig.network.connect(client, web.ip, 8080)
    assert (verdict.kind, verdict.by) == ("refused", "k5-worker")
    assert rig.network.connect(Source(rig.first), web.ip, 8080).kind == "refused"
    assert rig.network.connect(Source(rig.worker), web.ip, 8080).open


def test_refusals_by_a_node_are_limited(rig: Rig, web: Sandbox, client: Source) -> None:
    proxies(rig)
    deny(rig)
    rig.advance(1)
    verdict = rig.network.connect(client, web.ip, 8080)
    told = [rig.network.told(client, verdict, rig.clock.now()) for _ in range(8)]
    assert told == [True] * 6 + [False] * 2
    rig.advance(1)
    assert rig.network.told(client, verdict, rig.clock.now())


def test_a_nodes_programs_listen_while_they_run(rig: Rig, client: Source) -> None:
    node = Source(rig.first)
    assert rig.network.connect(client, rig.first.ip, 6443).open
    assert rig.network.connect(node, "127.0.0.1", 2379).open
    assert rig.network.connect(node, "127.0.0.1", 10250).kind == "refused"
    rig.first.served["api"] = ("*", 10250)
    assert rig.network.connect(node, "127.0.0.1", 10250).open
    server = rig.plane.program("kube-apiserver")
    assert server is not None
    rig.first.runtime.stop(server, rig.clock.now())
    assert rig.network.connect(client, rig.first.ip, 6443).kind == "refused"


def test_loopback_is_the_pods_own(rig: Rig, web: Sandbox) -> None:
    assert rig.network.connect(Source(rig.worker, web), "127.0.0.1", 8080).open
    assert rig.network.connect(Source(rig.worker), "127.0.0.1", 8080).kind == "refused"


def test_a_pod_asks_the_clusters_dns(rig: Rig, web: Sandbox, client: Source) -> None:
    resolver = Resolver(rig.plane, rig.machines, rig.network)
    address = service(rig, "10.96.7.7", web.ip)["spec"]["clusterIP"]
    assert resolver.lookup("web", "default") == address
    assert resolver.lookup("web.default.svc.cluster.local", "other") == address
    assert resolver.lookup("web", "other") == ""
    # Nothing answers at the server's address.
    answer = resolver.resolve(client, "web")
    assert (answer.address, answer.how) == ("", "silent")
    assert resolver.resolve(Source(rig.first), "k5-worker").address == rig.worker.ip


def test_without_forwarding_a_pod_does_not_even_reach_itself_through_a_service(rig: Rig, web: Sandbox) -> None:
    service(rig, "10.96.0.80", web.ip)
    itself = Source(rig.worker, web)
    assert rig.network.connect(itself, "10.96.0.80", 80).open

    rig.worker.sysctls.set("net.ipv4.ip_forward", "0")

    assert rig.network.connect(itself, "10.96.0.80", 80).kind == "silent"
    assert rig.network.connect(itself, web.ip, 8080).open
