"""A Service's addresses, families and node ports: what the API server assigns before it validates."""

import ipaddress
from collections.abc import Iterator

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, name_of, namespace_of
from lab.cluster.sim.api.rules.services import address_fields
from lab.cluster.sim.api.rules.wording import invalid
from lab.cluster.sim.api.store import Store

__all__ = ["allocate"]

_RANGE = ipaddress.ip_network("10.96.0.0/16")
_PORTS = range(30000, 32768)
_OUTSIDE = "the provided network does not match the current range"
_BAD_PORT = "provided port is not in the valid range. The range of valid ports is 30000-32767"
_ONE_STACK = "must be 'RequireDualStack' or 'PreferDualStack' when multiple"


def allocate(store: Store, item: Object, old: Object | None) -> None:
    """Fill in the allocated values of a Service in place; raise `ApiError` if it can't have what it names."""
    spec, before = item["spec"], dig(old, "spec", default={})
    if old is not None:
        _keep(spec, before)
    _sync(spec, before)
    if spec.get("type") != "ExternalName":
        _families(item, spec)
        _addresses(store, item, spec, before)
    _drop(spec, before)
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        _node_ports(store, item, spec)


def _keep(spec: Object, before: Object) -> None:
    """Let a Service that names no address and no node port keep its own."""
    if "ExternalName" not in {spec.get("type"), before.get("type")}:
        for field in ("clusterIP", "clusterIPs"):
            if not spec.get(field) and before.get(field):
                spec[field] = before[field]
    if {spec.get("type"), before.get("type")} <= {"NodePort", "LoadBalancer"}:
        old = {port.get("name") or "": port.get("nodePort") for port in before.get("ports") or []}
        used = {port.get("nodePort") for port in spec.get("ports") or []}
        for port in spec.get("ports") or []:
            kept = old.get(port.get("name") or "")
            if not port.get("nodePort") and kept and kept not in used:
                port["nodePort"] = kept


def _sync(spec: Object, before: Object) -> None:
    """Let the list of addresses follow the single address, as older clients write it."""
    address, listed = spec.get("clusterIP") or "", spec.get("clusterIPs") or []
    own, others = before.get("clusterIP") or "", before.get("clusterIPs") or []
    if not before:
        if address and not listed:
            spec["clusterIPs"] = [address]
    elif others and not listed and own == address:
        spec["clusterIPs"] = others
    elif own != address and listed == others:
        spec["clusterIPs"] = [address] if address else []


def _families(item: Object, spec: Object) -> None:
    headless = spec.get("clusterIP") == "None" and not spec.get("selector")
    if not spec.get("ipFamilyPolicy"):
        spec["ipFamilyPolicy"] = "RequireDualStack" if headless else "SingleStack"
    _require(item, address_fields(spec))
    families: list[str] = list(spec.get("ipFamilies") or [])
    addresses = spec.get("clusterIPs") or []
    policy, errors = spec["ipFamilyPolicy"], []
    if policy == "SingleStack":
        if len(addresses) == 2:
            errors.append(invalid("spec.ipFamilyPolicy", policy, f"{_ONE_STACK} cluster IPs are specified"))
        if len(families) == 2:
            errors.append(invalid("spec.ipFamilyPolicy", policy, f"{_ONE_STACK} IP families are specified"))
    for index, address in enumerate(addresses[len(families) :], len(families)):
        if address == "None":
            break
        if ipaddress.ip_address(address).version == 6:
            told = "IPv6 is not configured on this cluster"
            errors.append(invalid(f"spec.clusterIPs[{index}]", addresses, told))
        else:
            families.append("IPv4")
    _require(item, iter(errors))
    if headless:
        families = families or ["IPv4"]
        if len(families) < 2 and policy != "SingleStack":
            families.append("IPv6" if families[0] == "IPv4" else "IPv4")
    else:
        _require(item, _missing(policy, families))
    spec["ipFamilies"] = families or ["IPv4"]


def _missing(policy: str, families: list[str]) -> Iterator[str]:
    if policy == "RequireDualStack":
        yield invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services")
    for index, family in enumerate(families):
        if family != "IPv4":
            yield invalid(f"spec.ipFamilies[{index}]", family, "not configured on this cluster")


def _addresses(store: Store, item: Object, spec: Object, before: Object) -> None:
    if before and before.get("type") != "ExternalName":
        return
    addresses = spec.get("clusterIPs") or []
    if addresses == ["None"]:
        return
    taken = {each["spec"].get("clusterIP") for each in store.list(KIND["Service"])}
    for address in addresses:
        told = _OUTSIDE if ipaddress.ip_address(address) not in _RANGE else ""
        told = told or ("provided IP is already allocated" if address in taken else "")
        if told:
            _require(
                item, iter([invalid("spec.clusterIPs", addresses, f"failed to allocate IP {address}: {told}")])
            )
    if not addresses:
        number = 77 + sum(map(ord, name_of(item) + namespace_of(item))) * 131
        while (address := f"10.96.{number // 254 % 256}.{number % 254 + 1}") in taken:
            number += 1
        spec.update(clusterIP=address, clusterIPs=[address])


def _drop(spec: Object, before: Object) -> None:
    """Take away what a changed type does not have."""
    if spec.get("type") == "ExternalName" and before.get("type") not in {None, "ExternalName"}:
        if all(spec.get(field) == before.get(field) for field in ("clusterIP", "clusterIPs")):
            spec.pop("clusterIP", None)
            spec.pop("clusterIPs", None)
        for field in ("ipFamilies", "ipFamilyPolicy"):
            if spec.get(field) == before.get(field):
                spec.pop(field, None)
    outside = {"NodePort", "LoadBalancer"}
    if before.get("type") in outside and spec.get("type") not in outside:
        old = {port.get("nodePort") for port in before.get("ports") or []}
        for port in spec.get("ports") or []:
            if port.get("nodePort") in old:
                port.pop("nodePort", None)
        if spec.get("externalTrafficPolicy") == before.get("externalTrafficPolicy"):
            spec.pop("externalTrafficPolicy", None)


def _node_ports(store: Store, item: Object, spec: Object) -> None:
    others = [each for each in store.list(KIND["Service"]) if name_of(each) != name_of(item)]
    taken = {port.get("nodePort") for each in others for port in each["spec"].get("ports") or []}
    for index, port in enumerate(spec.get("ports") or []):
        number = port.get("nodePort")
        if number:
            told = _BAD_PORT if number not in _PORTS else ""
            told = told or ("provided port is already allocated" if number in taken else "")
            if told:
                _require(item, iter([invalid(f"spec.ports[{index}].nodePort", number, told)]))
        else:
            number = 30000 + sum(map(ord, f"{name_of(item)}{index}")) * 131 % 2768
            while number in taken:
                number = 30000 + (number - 29999) % 2768
            port["nodePort"] = number
        taken.add(number)


def _require(item: Object, errors: Iterator[str]) -> None:
    """Raise `ApiError` if there are errors."""
    if found := tuple(errors):
        raise ApiError.invalid(KIND["Service"], name_of(item), *found)
