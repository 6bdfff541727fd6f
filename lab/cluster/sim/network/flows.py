"""The network: a verdict and a delay for each flow, from IP forwarding, policies, kube-proxy and listeners."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, name_of, namespace_of
from lab.cluster.sim.machine.firewall import judge
from lab.cluster.sim.machine.machine import Machine
from lab.cluster.sim.machine.runtime import Sandbox
from lab.cluster.sim.network.icmp import Icmp
from lab.cluster.sim.network.listeners import Listener, node_listener, pod_listener
from lab.cluster.sim.network.policies import Peer, allowed
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["Network", "Source", "Verdict"]

SERVICES = ipaddress.ip_network("10.96.0.0/16")
PODS = ipaddress.ip_network("10.244.0.0/16")


@dataclass(frozen=True, slots=True)
class Source:
    """The start of a flow: a node's host network, or a pod's network."""

    node: Machine
    sandbox: Sandbox | None = None

    @property
    def pod(self) -> Sandbox | None:
        """The pod whose network it is; None for the host network."""
        return self.sandbox if self.sandbox and not self.sandbox.host_network else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a connection: accepted, refused, or never answered."""

    kind: Literal["open", "refused", "silent", "unreachable"]
    listener: Listener | None = None
    address: str = ""
    #: The node whose packet filter refuses by ICMP; empty if simply nobody listens.
    by: str = ""

    @property
    def open(self) -> bool:
        """Whether the connection is accepted."""
        return self.kind == "open"


_SILENT = Verdict("silent")
_REFUSED = Verdict("refused")


def _rejected(node: Machine) -> Verdict:
    return Verdict("refused", by=node.name)


@stateful
class Network:
    """All flows of a cluster."""

    _plane: Given[ControlPlane]
    _machines: Given[Mapping[str, Machine]]
    #: The rules that each node's kube-proxy and policy engine programmed last.
    proxy: dict[str, tuple[Object, ...]]
    endpoints: dict[str, tuple[Object, ...]]
    policies: dict[str, tuple[Object, ...]]
    icmp: Icmp
    #: The number of connections that were balanced over endpoints.
    _turn: int

    def __init__(self, plane: ControlPlane, machines: Mapping[str, Machine]) -> None:
        self._plane = plane
        self._machines = machines
        self.proxy, self.endpoints, self.policies = {}, {}, {}
        self.icmp = Icmp()
        self._turn = 0

    def refresh(self) -> None:
        """Let kube-proxy and the policy engine, where they run, program the API's present objects."""
        if not self._plane.api_answers():
            return
        store = self._plane.store
        services, endpoints, policies = (
            store.current(KIND[kind]) for kind in ("Service", "Endpoints", "NetworkPolicy")
        )
        for node in self._machines.values():
            if node.runtime.running_named("kube-proxy"):
                self.proxy[node.name], self.endpoints[node.name] = services, endpoints
            if node.runtime.running_named("kindnet-cni"):
                self.policies[node.name] = policies

    def connect(self, source: Source, address: str, port: int, protocol: str = "TCP") -> Verdict:
        """Open a connection from `source`; return its verdict."""
        ip = ipaddress.ip_address(address)
        if ip.is_loopback or address == "0.0.0.0":  # noqa: S104 -- an address that is asked for
            return self._local(source, port)
        if ip in SERVICES:
            return self._service(source, address, port, protocol)
        filtered = self._filtered(source, address, port, protocol)
        if filtered is not None:
            return filtered
        for node in self._machines.values():
            if node.ip == address:
                return self._to_node(source, node, port)
        if ip in PODS:
            return self._to_pod(source, address, port, protocol)
        return _SILENT

    def _filtered(self, source: Source, address: str, port: int, protocol: str) -> Verdict | None:
        """Return the verdict of rules that somebody added by hand, on the way out and in; None without one."""
        found = self.find_pod(address)
        own = source.pod.ip if source.pod else source.node.ip
        first = "FORWARD" if source.pod and address != source.node.ip else "INPUT" if source.pod else "OUTPUT"
        steps = [(source.node, first)]
        if found and found[0] is not source.node:
            steps.append((found[0], "FORWARD"))
        steps += [
            (node, "INPUT") for node in self._machines.values() if node.ip == address and node is not source.node
        ]
        for node, chain in steps:
            verdict = judge(node.firewall, chain, own, address, port, protocol)
            if verdict:
                return _rejected(node) if verdict == "refused" else _SILENT
        return None

    def _local(self, source: Source, port: int) -> Verdict:
        if source.pod is not None:
            found = pod_listener(self._plane, source.node, source.pod, port)
        else:
            found = node_listener(self._plane, source.node, port, loopback=True)
        return Verdict("open", found, "127.0.0.1") if found else _REFUSED

    def _service(self, source: Source, address: str, port: int, protocol: str) -> Verdict:
        """Translate a Service's address as the node's kube-proxy rules do.

        A port that the Service does not have has no rule. Its packets leave the cluster and get no answer.
        """
        for service in self.proxy.get(source.node.name, ()):
            if dig(service, "spec", "clusterIP") != address:
                continue
            for entry in dig(service, "spec", "ports", default=[]):
                if entry["port"] == port and entry["protocol"] == protocol:
                    return self._balanced(source, service, entry, protocol)
        return _SILENT

    def backends(self, node: Machine, service: Object, entry: Object) -> list[tuple[str, int]]:
        """Return address and port of each endpoint of a Service port, as programmed on `node`."""
        found = []
        for endpoints in self.endpoints.get(node.name, ()):
            if (namespace_of(endpoints), name_of(endpoints)) != (namespace_of(service), name_of(service)):
                continue
            for subset in endpoints.get("subsets") or []:
                ports = [p for p in subset.get("ports") or [] if p.get("name", "") == entry.get("name", "")]
                found += [(a["ip"], p["port"]) for p in ports for a in subset.get("addresses") or []]
        return found

    def _balanced(self, source: Source, service: Object, entry: Object, protocol: str) -> Verdict:
        backends = self.backends(source.node, service, entry)
        if not backends:
            # The REJECT rule is in the FORWARD chain. Without IP forwarding no packet reaches it.
            return _SILENT if source.pod is not None and not source.node.forwards else _rejected(source.node)
        self._turn += 1
        address, port = backends[self._turn % len(backends)]
        if source.pod is not None and source.pod.ip == address:
            # What a node has translated it forwards, back to the same pod, too.
            if not source.node.forwards:
                return _SILENT
            # The policy engine of the offline image has one chain a pod: either direction's policies let it pass.
            peer = Peer.of(source.pod)
            if not self._egress(source, address, port, protocol, peer) and self._isolated(
                source, source.pod, port, protocol
            ):
                return _rejected(source.node)
        return self.connect(source, address, port, protocol)

    def _to_node(self, source: Source, node: Machine, port: int) -> Verdict:
        if source.pod is not None and not self._egress(source, node.ip, port):
            return _rejected(source.node)
        if source.pod is not None and node is not source.node and not source.node.forwards:
            return _SILENT
        found = node_listener(self._plane, node, port, loopback=False)
        return Verdict("open", found, node.ip) if found else _REFUSED

    def _egress(
        self, source: Source, address: str, port: int, protocol: str = "TCP", target: Peer | None = None
    ) -> bool:
        pod = source.pod
        if pod is None:
            return True
        rules = self.policies.get(source.node.name, ())
        other = target or Peer(address)
        return allowed(rules, self._plane.store, Peer.of(pod), other, port, protocol, "Egress")

    def told(self, source: Source, verdict: Verdict, now: float, packets: int = 1) -> bool:
        """Whether `source` learns that its datagrams were refused: that takes one ICMP message."""
        if not verdict.by:
            return True
        own = source.pod.ip if source.pod else source.node.ip
        sent = [self.icmp.sends(verdict.by, own, now) for _ in range(packets)]
        return any(sent)

    def find_pod(self, address: str) -> tuple[Machine, Sandbox] | None:
        """Return the pod that has `address`, with its node."""
        for node in self._machines.values():
            for sandbox in node.runtime.sandboxes.values():
                if sandbox.ready and sandbox.ip == address and not sandbox.host_network:
                    return node, sandbox
        return None

    def _to_pod(self, source: Source, address: str, port: int, protocol: str) -> Verdict:  # noqa: PLR0911 -- a verdict a line
        found = self.find_pod(address)
        if found is None:
            return _SILENT
        node, sandbox = found
        if source.pod is not None and source.pod.id == sandbox.id:
            # A pod's packets to its own address do not leave it.
            return self._listening(node, sandbox, port, address)
        if source.pod is not None and not source.node.forwards:
            return _SILENT
        if node is not source.node and not node.forwards:
            return _SILENT
        target = Peer.of(sandbox)
        if not self._egress(source, address, port, protocol, target):
            return _rejected(source.node)
        if self._isolated(source, sandbox, port, protocol, node):
            return _rejected(node)
        return self._listening(node, sandbox, port, address)

    def _isolated(
        self, source: Source, sandbox: Sandbox, port: int, protocol: str, node: Machine | None = None
    ) -> bool:  # fmt: skip
        """Whether policies of the target refuse the flow. A node can always reach its own pods."""
        node = node or source.node
        if source.pod is None and source.node is node:
            return False
        peer = Peer.of(source.pod) if source.pod else Peer(source.node.ip)
        rules = self.policies.get(node.name, ())
        return not allowed(rules, self._plane.store, Peer.of(sandbox), peer, port, protocol, "Ingress")

    def _listening(self, node: Machine, sandbox: Sandbox, port: int, address: str) -> Verdict:
        found = pod_listener(self._plane, node, sandbox, port)
        return Verdict("open", found, address) if found else _REFUSED
