"""Rules of Services."""

import ipaddress
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.metadata import labels_of
from lab.cluster.sim.api.rules.names import (
    is_network,
    key_problems,
    name_problems,
    port_name_problems,
    port_problems,
    subdomain_problems,
)
from lab.cluster.sim.api.rules.wording import duplicate, forbidden, invalid, invalids, required, unsupported
from lab.cluster.sim.text.addresses import is_address

__all__ = ["address_fields", "service"]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_OUTSIDE = ("LoadBalancer", "NodePort")
_TRAFFIC = ("PreferClose", "PreferSameZone", "PreferSameNode")
_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
_BALANCED = "may only be used when `type` is 'LoadBalancer'"
_NEIGHBOURS = ipaddress.ip_network("224.0.0.0/24")
_ONCE = "may not change once set"


def service(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a Service."""
    spec = item.get("spec") or {}
    if old is not None:
        yield from _changed(spec, old.get("spec") or {})
    ports, kind = spec.get("ports") or [], spec.get("type") or "ClusterIP"
    if not ports and kind != "ExternalName" and not _headless(spec):
        yield required("spec.ports")
    if kind in _OUTSIDE and _headless(spec):
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    if kind == "ExternalName":
        yield from _external_name(spec)
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _port(port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    yield from labels_of(spec.get("selector"), "spec.selector")
    yield from _affinity(spec)
    if kind != "ExternalName":
        yield from address_fields(spec)
    yield from _external_addresses(spec.get("externalIPs") or [])
    if kind not in _TYPES:
        yield unsupported("spec.type", kind, _TYPES)
    yield from _node_ports(ports, kind)
    yield from _same_ports(ports)
    yield from _balancing(spec, kind)
    yield from _policies(spec, kind)


def _headless(spec: Object) -> bool:
    return (spec.get("clusterIPs") or [spec.get("clusterIP")]) == ["None"]


def _external_name(spec: Object) -> Iterator[str]:
    for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if spec.get(field):
            yield forbidden(f"spec.{field}", "may not be set for ExternalName services")
    name = (spec.get("externalName") or "").removesuffix(".")
    if not name:
        yield required("spec.externalName")
    else:
        yield from invalids("spec.externalName", name, subdomain_problems(name))


def _port(port: Object, path: str, names: set[str], *, named: bool) -> Iterator[str]:
    name, number, target = port.get("name") or "", port.get("port") or 0, port.get("targetPort")
    if not name:
        if named:
            yield required(f"{path}.name")
    else:
        yield from invalids(f"{path}.name", name, name_problems(name))
        if name in names:
            yield duplicate(f"{path}.name", name)
        names.add(name)
    yield from invalids(f"{path}.port", number, port_problems(number))
    protocol = port.get("protocol") or "TCP"
    if protocol not in {"TCP", "UDP", "SCTP"}:
        yield unsupported(f"{path}.protocol", protocol, ("SCTP", "TCP", "UDP"))
    if isinstance(target, int):
        yield from invalids(f"{path}.targetPort", target, port_problems(target))
    elif target is not None:
        yield from invalids(f"{path}.targetPort", target, port_name_problems(target))
    if (called := port.get("appProtocol")) is not None:
        yield from invalids(f"{path}.appProtocol", called, key_problems(called))


def _affinity(spec: Object) -> Iterator[str]:
    kind = spec.get("sessionAffinity") or "None"
    if kind not in {"None", "ClientIP"}:
        yield unsupported("spec.sessionAffinity", kind, ("ClientIP", "None"))
    seconds = dig(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds", default=10800)
    if kind == "ClientIP" and not 0 < seconds <= 86400:
        where = "spec.sessionAffinityConfig.clientIP.timeoutSeconds"
        yield invalid(where, seconds, "must be greater than 0 and less than 86400")


def _changed(spec: Object, before: Object) -> Iterator[str]:
    """Yield the errors in a changed address or family."""
    if "ExternalName" in {spec.get("type"), before.get("type")} or (_headless(spec) and _headless(before)):
        return
    new, old = _listed(spec), _listed(before)
    if len(new) == len(old):
        for index, (one, other) in enumerate(zip(new, old, strict=True)):
            if one != other:
                yield invalid(f"spec.clusterIPs[{index}]", new, _ONCE)
    elif not new:
        yield invalid("spec.clusterIPs[0]", None, "primary clusterIP can not be unset")
    elif old and new[0] != old[0]:
        yield invalid("spec.clusterIPs[0]", new, _ONCE)
    if not (_headless(spec) or _headless(before)):
        yield from _changed_families(spec, before)


def _changed_families(spec: Object, before: Object) -> Iterator[str]:
    families, older = spec.get("ipFamilies") or [], before.get("ipFamilies") or []
    if len(families) == len(older):
        for one, other in zip(families, older, strict=True):
            if one != other:
                yield invalid("spec.ipFamilies[0]", families, _ONCE)
    elif families and older and families[0] != older[0]:
        yield invalid("spec.ipFamilies[0]", _listed(spec), _ONCE)


def _listed(spec: Object) -> list[str]:
    found: list[str] = spec.get("clusterIPs") or ([spec["clusterIP"]] if spec.get("clusterIP") else [])
    return found


def address_fields(spec: Object) -> Iterator[str]:
    """Yield the errors in a Service's addresses and families."""
    address, addresses = spec.get("clusterIP") or "", _listed(spec)
    if not address and addresses:
        yield invalid("spec.clusterIPs", addresses, "must be empty when `clusterIP` is not specified")
    elif addresses and addresses[0] != address:
        yield invalid("spec.clusterIPs", addresses, "first value must match `clusterIP`")
    yield from _families(spec)
    yield from _forms(addresses, spec)


def _families(spec: Object) -> Iterator[str]:
    families: list[str] = spec.get("ipFamilies") or []
    for index, family in enumerate(families):
        if family not in {"IPv4", "IPv6"}:
            yield unsupported(f"spec.ipFamilies[{index}]", family, ("IPv4", "IPv6"))
        if family in families[:index]:
            yield duplicate(f"spec.ipFamilies[{index}]", family)
    if (policy := spec.get("ipFamilyPolicy")) not in {None, *_POLICIES}:
        yield unsupported("spec.ipFamilyPolicy", policy, _POLICIES)


def _forms(addresses: list[str], spec: Object) -> Iterator[str]:
    wrong = False
    for index, each in enumerate(addresses):
        if index == 0 and each == "None":
            if len(addresses) > 1:
                wrong = True
                yield invalid("spec.clusterIPs", addresses, "'None' must be the first and only value")
        elif not is_address(each):
            wrong = True
            yield invalid(f"spec.clusterIPs[{index}]", each, _ADDRESS)
    if len(addresses) > 2:
        yield invalid("spec.clusterIPs", addresses, "may only hold up to 2 values")
    if not wrong and not _headless(spec):
        yield from _versions(addresses, spec.get("ipFamilies") or [])


def _versions(addresses: list[str], families: list[str]) -> Iterator[str]:
    versions = [ipaddress.ip_address(each).version for each in addresses]
    if len(addresses) > 1 and len(set(versions)) < len(addresses):
        yield invalid("spec.clusterIPs", addresses, "may specify no more than one IP for each IP family")
    for index, (each, family) in enumerate(zip(addresses, families, strict=False)):
        if family in {"IPv4", "IPv6"} and family != f"IPv{versions[index]}":
            told = f"expected an {family} value as indicated by `ipFamilies[{index}]`"
            yield invalid(f"spec.clusterIPs[{index}]", each, told)


def _external_addresses(found: list[str]) -> Iterator[str]:
    for index, each in enumerate(found):
        where = f"spec.externalIPs[{index}]"
        if not is_address(each):
            yield invalid(where, each, _ADDRESS)
            continue
        address = ipaddress.ip_address(each)
        if address.is_unspecified:
            yield invalid(where, each, f"may not be unspecified ({each})")
        if address.is_loopback:
            yield invalid(where, each, "may not be in the loopback range (127.0.0.0/8, ::1/128)")
        if address.is_link_local:
            yield invalid(where, each, "may not be in the link-local range (169.254.0.0/16, fe80::/10)")
        if address in _NEIGHBOURS:
            yield invalid(where, each, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")


def _node_ports(ports: list[Object], kind: str) -> Iterator[str]:
    seen: set[tuple[str, int]] = set()
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                yield forbidden(f"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'")
    for index, port in enumerate(ports):
        key = (port.get("protocol") or "TCP", port.get("nodePort") or 0)
        if key[1] and key in seen:
            yield duplicate(f"spec.ports[{index}].nodePort", key[1])
        seen.add(key)


def _same_ports(ports: list[Object]) -> Iterator[str]:
    seen = set()
    for index, port in enumerate(ports):
        key = (port.get("protocol") or "TCP", port.get("port") or 0)
        if key in seen:
            value = {
                "Name": "",
                "Protocol": key[0],
                "AppProtocol": None,
                "Port": key[1],
                "TargetPort": 0,
                "NodePort": 0,
            }
            yield duplicate(f"spec.ports[{index}]", value)
        seen.add(key)


def _balancing(spec: Object, kind: str) -> Iterator[str]:
    ranges, path = spec.get("loadBalancerSourceRanges") or [], "spec.LoadBalancerSourceRanges"
    if ranges and kind != "LoadBalancer":
        yield forbidden(path, _BALANCED)
    for index, each in enumerate(ranges):
        if not is_network(each.strip()):
            yield invalid(f"{path}[{index}]", each.strip(), _CIDR)
    if spec.get("allocateLoadBalancerNodePorts") is not None and kind != "LoadBalancer":
        yield forbidden("spec.allocateLoadBalancerNodePorts", _BALANCED)
    chosen = spec.get("loadBalancerClass")
    if chosen is not None and kind != "LoadBalancer":
        yield forbidden("spec.loadBalancerClass", _BALANCED)
    elif chosen is not None:
        yield from invalids("spec.loadBalancerClass", chosen, key_problems(chosen))


def _policies(spec: Object, kind: str) -> Iterator[str]:
    policy, port = spec.get("externalTrafficPolicy") or "", spec.get("healthCheckNodePort") or 0
    outside = kind in _OUTSIDE or (kind == "ClusterIP" and bool(spec.get("externalIPs")))
    if policy and not outside:
        told = "may only be set for externally-accessible services"
        yield invalid("spec.externalTrafficPolicy", policy, told)
    elif policy and policy not in {"Cluster", "Local"}:
        yield unsupported("spec.externalTrafficPolicy", policy, ("Cluster", "Local"))
    if port and not (kind == "LoadBalancer" and policy == "Local"):
        told = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        yield invalid("spec.healthCheckNodePort", port, told)
    elif port:
        yield from invalids("spec.healthCheckNodePort", port, port_problems(port))
    if spec.get("internalTrafficPolicy") not in {None, "Cluster", "Local"}:
        yield unsupported("spec.internalTrafficPolicy", spec["internalTrafficPolicy"], ("Cluster", "Local"))
    if spec.get("trafficDistribution") not in {None, *_TRAFFIC}:
        yield unsupported("spec.trafficDistribution", spec["trafficDistribution"], _TRAFFIC)
