"""NetworkPolicies: whether they allow a flow."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, labels, matches, namespace_of
from lab.cluster.sim.api.store import Store
from lab.cluster.sim.machine.runtime import Sandbox

__all__ = ["Peer", "allowed"]


@dataclass(frozen=True, slots=True)
class Peer:
    """One end of a flow: an address, and its pod if it has one."""

    address: str
    namespace: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    name: str = ""

    @classmethod
    def of(cls, sandbox: Sandbox) -> "Peer":
        """Return the peer for a pod."""
        return cls(sandbox.ip, sandbox.namespace, sandbox.labels, sandbox.name)


def allowed(  # noqa: PLR0917 -- the parts of one call
    policies: Iterable[Object], store: Store, pod: Peer, other: Peer, port: int, protocol: str, direction: str
) -> bool:  # fmt: skip
    """Whether the policies that select `pod` allow a flow from or to `other`."""
    mine = [
        policy
        for policy in policies
        if namespace_of(policy) == pod.namespace
        and direction in dig(policy, "spec", "policyTypes", default=["Ingress"])
        and matches(dig(policy, "spec", "podSelector", default={}), pod.labels)
    ]
    if not mine:
        return True
    rules = [rule for policy in mine for rule in dig(policy, "spec", direction.lower(), default=[])]
    names = [policy["metadata"]["namespace"] for policy in mine]
    side = "from" if direction == "Ingress" else "to"
    target = pod if direction == "Ingress" else other
    return any(
        _port(rule.get("ports"), port, protocol, target, store) and _peers(rule.get(side), other, names[0], store)
        for rule in rules
    )


def _port(ports: list[Object] | None, port: int, protocol: str, target: Peer, store: Store) -> bool:
    if not ports:
        return True
    for entry in ports:
        if entry.get("protocol", "TCP") != protocol:
            continue
        wanted = entry.get("port")
        if wanted is None or wanted == port:
            return True
        if isinstance(wanted, str) and port in _named(wanted, protocol, target, store):
            return True
        if "endPort" in entry and wanted <= port <= entry["endPort"]:
            return True
    return False


def _named(name: str, protocol: str, target: Peer, store: Store) -> set[int]:
    """Return the ports called `name` of the target's containers. A target that is no pod has none."""
    pod = store.get(KIND["Pod"], target.namespace, target.name) if target.name else None
    return {
        port["containerPort"]
        for container in dig(pod, "spec", "containers", default=[])
        for port in container.get("ports") or []
        if port.get("name") == name and port.get("protocol", "TCP") == protocol
    }


def _peers(peers: list[Object] | None, other: Peer, namespace: str, store: Store) -> bool:
    return not peers or any(_peer(peer, other, namespace, store) for peer in peers)


def _peer(peer: Object, other: Peer, namespace: str, store: Store) -> bool:
    block = peer.get("ipBlock")
    if block:
        address = ipaddress.ip_address(other.address)
        inside = address in ipaddress.ip_network(block["cidr"], strict=False)
        excepted = any(address in ipaddress.ip_network(one, strict=False) for one in block.get("except") or [])
        return inside and not excepted
    if not other.namespace:
        return False
    if "namespaceSelector" in peer:
        found = store.get(KIND["Namespace"], "", other.namespace)
        if not matches(peer["namespaceSelector"] or {}, labels(found or {})):
            return False
    elif other.namespace != namespace:
        return False
    return "podSelector" not in peer or matches(peer["podSelector"] or {}, other.labels)
