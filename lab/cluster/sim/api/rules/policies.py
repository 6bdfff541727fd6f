"""Rules of network policies."""

import ipaddress
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.metadata import selector_of
from lab.cluster.sim.api.rules.names import is_network, port_name_problems, port_problems
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, required, unsupported

__all__ = ["policy"]

_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"


def policy(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a network policy."""
    spec = item.get("spec") or {}
    yield from selector_of(spec.get("podSelector"), "spec.podSelector")
    for field, side in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(spec.get(field) or []):
            where = f"spec.{field}[{number}]"
            for index, port in enumerate((rule or {}).get("ports") or []):
                yield from _port(port, f"{where}.ports[{index}]")
            for index, peer in enumerate((rule or {}).get(side) or []):
                yield from _peer(peer, f"{where}.{side}[{index}]")
    types = spec.get("policyTypes") or []
    if len(types) > 2:
        yield invalid("spec.policyTypes", types, "may not specify more than two policyTypes")
        return
    for index, each in enumerate(types):
        if each not in {"Ingress", "Egress"}:
            yield unsupported(f"spec.policyTypes[{index}]", each, ("Ingress", "Egress"))


def _port(entry: Object, path: str) -> Iterator[str]:
    protocol, port, end = entry.get("protocol"), entry.get("port"), entry.get("endPort")
    if protocol is not None and protocol not in {"TCP", "UDP", "SCTP"}:
        yield unsupported(f"{path}.protocol", protocol, ("TCP", "UDP", "SCTP"))
    if isinstance(port, int):
        yield from invalids(f"{path}.port", port, port_problems(port))
        if end is not None:
            if end < port:
                yield invalid(f"{path}.endPort", port, "must be greater than or equal to `port`")
            yield from invalids(f"{path}.endPort", end, port_problems(end))
    elif port is not None:
        if end is not None:
            yield invalid(f"{path}.endPort", end, "may not be specified when `port` is non-numeric")
        yield from invalids(f"{path}.port", port, port_name_problems(port))
    elif end is not None:
        yield invalid(f"{path}.endPort", end, "may not be specified when `port` is not specified")


def _peer(peer: Object, path: str) -> Iterator[str]:
    for name in ("podSelector", "namespaceSelector"):
        if peer.get(name) is not None:
            yield from selector_of(peer[name], f"{path}.{name}")
    block = peer.get("ipBlock")
    if block is not None:
        yield from _block(block, f"{path}.ipBlock")
    count = sum(peer.get(name) is not None for name in ("podSelector", "namespaceSelector", "ipBlock"))
    if not count:
        yield required(path, "must specify a peer")
    elif count > 1 and block is not None:
        yield forbidden(path, "may not specify both ipBlock and another peer")


def _block(block: Object, path: str) -> Iterator[str]:
    cidr = block.get("cidr") or ""
    if not cidr:
        yield required(f"{path}.cidr")
        return
    if not is_network(cidr):
        yield invalid(f"{path}.cidr", cidr, _CIDR)
        return
    whole = ipaddress.ip_network(cidr, strict=False)
    for index, each in enumerate(block.get("except") or []):
        where = f"{path}.except[{index}]"
        if not is_network(each):
            yield invalid(where, each, _CIDR)
            continue
        part = ipaddress.ip_network(each, strict=False)
        if part.version != whole.version or part == whole or not part.subnet_of(whole):  # type: ignore[arg-type]
            yield invalid(where, each, "must be a strict subset of `cidr`")
