"""Rules of Services."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.metadata import labels_of
from lab.cluster.sim.api.rules.names import (
    key_problems,
    name_problems,
    port_name_problems,
    port_problems,
    subdomain_problems,
)
from lab.cluster.sim.api.rules.wording import duplicate, forbidden, invalid, invalids, required, unsupported
from lab.cluster.sim.text.addresses import is_address

__all__ = ["service"]

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_TRAFFIC = ("PreferClose", "PreferSameZone", "PreferSameNode")


def service(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a Service."""
    spec = item.get("spec") or {}
    ports, kind = spec.get("ports") or [], spec.get("type")
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield required("spec.ports")
    if kind == "ExternalName":
        name = spec.get("externalName") or ""
        yield from (
            [invalid("spec.externalName", name, told) for told in subdomain_problems(name)]
            if name
            else [required("spec.externalName")]
        )
    names: set[str] = set()
    for index, port in enumerate(ports):
        yield from _port(port, f"spec.ports[{index}]", names, named=len(ports) > 1)
    yield from labels_of(spec.get("selector"), "spec.selector")
    if spec.get("sessionAffinity") not in {None, "None", "ClientIP"}:
        yield unsupported("spec.sessionAffinity", spec["sessionAffinity"], ("ClientIP", "None"))
    yield from _addresses(spec, old)
    if kind not in {None, *_TYPES}:
        yield unsupported("spec.type", kind, _TYPES)
    if kind == "ClusterIP":
        for index, port in enumerate(ports):
            if port.get("nodePort"):
                yield forbidden(f"spec.ports[{index}].nodePort", "may not be used when `type` is 'ClusterIP'")
    yield from _same_ports(ports)
    yield from _balancing(spec)


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
    if port.get("appProtocol") is not None:
        yield from (
            invalid(f"{path}.appProtocol", port["appProtocol"], told) for told in key_problems(port["appProtocol"])
        )


def _addresses(spec: Object, old: Object | None) -> Iterator[str]:
    address, addresses = spec.get("clusterIP") or "", spec.get("clusterIPs")
    before = dig(old, "spec", "clusterIP")
    if spec.get("ipFamilyPolicy") not in {None, "PreferDualStack", "RequireDualStack", "SingleStack"}:
        supported = ("PreferDualStack", "RequireDualStack", "SingleStack")
        yield unsupported("spec.ipFamilyPolicy", spec["ipFamilyPolicy"], supported)
    if before and address != before and spec.get("type") != "ExternalName" and addresses in (None, [before]):
        yield invalid("spec.clusterIPs[0]", [address], "may not change once set")
        return
    for index, family in enumerate(spec.get("ipFamilies") or []):
        if family not in {"IPv4", "IPv6"}:
            yield unsupported(f"spec.ipFamilies[{index}]", family, ("IPv4", "IPv6"))
    if addresses and addresses[0] != address:
        yield invalid("spec.clusterIPs", addresses, "first value must match `clusterIP`")
    for index, each in enumerate(addresses or ([address] if address else [])):
        if each and each != "None" and not is_address(each):
            told = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
            yield invalid(f"spec.clusterIPs[{index}]", each, told)
    if spec.get("ipFamilyPolicy") == "RequireDualStack":
        told = "this cluster is not configured for dual-stack services"
        yield invalid("spec.ipFamilyPolicy", "RequireDualStack", told)


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


def _balancing(spec: Object) -> Iterator[str]:
    balancer = spec.get("type") == "LoadBalancer"
    if spec.get("internalTrafficPolicy") not in {None, "Cluster", "Local"}:
        yield unsupported("spec.internalTrafficPolicy", spec["internalTrafficPolicy"], ("Cluster", "Local"))
    if spec.get("allocateLoadBalancerNodePorts") is not None and not balancer:
        yield forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'")
    if spec.get("loadBalancerClass") is not None and not balancer:
        yield forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'")
    if spec.get("trafficDistribution") not in {None, *_TRAFFIC}:
        yield unsupported("spec.trafficDistribution", spec["trafficDistribution"], _TRAFFIC)
