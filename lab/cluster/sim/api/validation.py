"""Rules that an object must satisfy before it is stored."""

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, dig, matches, meta, name_of

__all__ = ["key_problem", "label_problem", "validate"]

_SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "  # noqa: E501 -- as it is printed
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_DNS_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_DNS_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "  # noqa: E501 -- as it is printed
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_PORTS = "must be between 1 and 65535, inclusive"
_SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_LABEL = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
LABEL_RULE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "  # noqa: E501 -- as it is printed
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "  # noqa: E501 -- as it is printed
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY = re.compile(r"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$")
_KEY_RULE = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "  # noqa: E501 -- as it is printed
    "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_WORKLOADS = {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"}
#: The largest request that etcd accepts, and so the API server.
_LARGEST = 1048576


def validate(kind: Kind, item: Object, old: Object | None = None) -> None:
    """Raise `ApiError` unless the object may be stored."""
    name = name_of(item)
    if not name:
        raise ApiError(
            422, "Invalid",
            f'{kind.kind} "" is invalid: metadata.name: Required value: name or generateName is required',
        )  # fmt: skip
    causes = [*_name(kind, name), *_keys_and_values(item)]
    if kind.kind in _WORKLOADS:
        causes += _workload(item, old)
    elif check := _CHECKS.get(kind.kind):
        causes += check(item, old)
    if kind.kind == "ConfigMap":
        _size(kind, item)
    if causes:
        raise ApiError.invalid(kind, name, *causes)


def _keys_and_values(item: Object) -> Iterator[str]:
    """Return the errors in labels and in the keys of annotations."""
    for value in (meta(item).get("labels") or {}).values():
        if not isinstance(value, str) or not _LABEL.match(value):
            yield f'metadata.labels: Invalid value: "{value}": {LABEL_RULE}'
    for part in ("labels", "annotations"):
        for key in meta(item).get(part) or {}:
            if problem := key_problem(key):
                yield f'metadata.{part}: Invalid value: "{key}": {problem}'


def _name(kind: Kind, name: str) -> list[str]:
    if kind.group.startswith("rbac") or kind.kind in {"Event", "APIService"}:
        return []
    pattern, rule = (_DNS_LABEL, _DNS_RULE) if kind.kind == "Namespace" else (_SUBDOMAIN, _RULE)
    return [] if pattern.match(name) else [f'metadata.name: Invalid value: "{name}": {rule}']


def label_problem(value: str) -> str:
    """Return the error in a label's value, or an empty string."""
    return "" if _LABEL.match(value) else LABEL_RULE


def key_problem(key: str) -> str:
    """Return the error in the key of a label or annotation, or an empty string."""
    parts = key.split("/")
    if len(parts) > 2:
        prefix = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
        return f"a qualified name {_KEY_RULE} {prefix}"
    if len(parts) == 2 and not _SUBDOMAIN.match(parts[0]):
        return f"prefix part {_RULE}" if parts[0] else "prefix part must be non-empty"
    return "" if _KEY.match(parts[-1]) else f"name part {_KEY_RULE}"


def _policy(item: Object, _old: Object | None) -> Iterator[str]:
    spec = item.get("spec") or {}
    for index, each in enumerate(spec.get("policyTypes") or []):
        if each not in {"Ingress", "Egress"}:
            where = f"spec.policyTypes[{index}]"
            yield f'{where}: Unsupported value: "{each}": supported values: "Ingress", "Egress"'
    for field, side in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(spec.get(field) or []):
            for index, peer in enumerate(rule.get(side) or []):
                where = f"spec.{field}[{number}].{side}[{index}]"
                block = peer.get("ipBlock") or {}
                if "ipBlock" in peer and not _is_network(block.get("cidr")):
                    yield (
                        f'{where}.ipBlock.cidr: Invalid value: "{block.get("cidr", "")}": '
                        "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
                    )


def _is_network(text: object) -> bool:
    try:
        ipaddress.ip_network(str(text), strict=False)
    except ValueError:
        return False
    return "/" in str(text)


def _service(item: Object, old: Object | None) -> list[str]:
    spec = item.get("spec") or {}
    ports = spec.get("ports") or []
    causes = []
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        causes.append("spec.ports: Required value")
    for index, port in enumerate(ports):
        where = f"spec.ports[{index}]"
        if len(ports) > 1 and not port.get("name"):
            causes.append(f"{where}.name: Required value")
        number = port.get("port")
        if not isinstance(number, int) or not 0 < number < 65536:
            causes.append(f"{where}.port: Invalid value: {number or 0}: {_PORTS}")
        target = port.get("targetPort")
        if isinstance(target, int) and not 0 < target < 65536:
            causes.append(f"{where}.targetPort: Invalid value: {target}: {_PORTS}")
    if spec.get("type") not in {None, *_SERVICE_TYPES}:
        told = ", ".join(f'"{one}"' for one in _SERVICE_TYPES)
        causes.append(f'spec.type: Unsupported value: "{spec["type"]}": supported values: {told}')
    before = dig(old, "spec", "clusterIP")
    if before and spec.get("clusterIP") != before and spec.get("type") != "ExternalName":
        causes.append(
            f'spec.clusterIPs[0]: Invalid value: ["{spec.get("clusterIP", "")}"]: may not change once set'
        )
    return causes


def _containers(pod: Object, _old: Object | None) -> list[str]:
    found = dig(pod, "spec", "containers", default=[])
    causes = []
    for index, container in enumerate(found):
        where = f"spec.containers[{index}]"
        causes += [
            f"{where}.{needed}: Required value" for needed in ("name", "image") if not container.get(needed)
        ]
        if container.get("name") and not _DNS_LABEL.match(container["name"]):
            causes.append(f'{where}.name: Invalid value: "{container["name"]}": {_DNS_RULE}')
        policy = container.get("imagePullPolicy")
        if policy not in {None, "Always", "IfNotPresent", "Never"}:
            causes.append(
                f'{where}.imagePullPolicy: Unsupported value: "{policy}": supported values: "Always", '
                '"IfNotPresent", "Never"'
            )
        for each, port in enumerate(container.get("ports") or []):
            number = port.get("containerPort")
            if not isinstance(number, int) or not 0 < number < 65536:
                causes.append(f"{where}.ports[{each}].containerPort: Invalid value: {number}: {_PORTS}")
    return causes if found else ["spec.containers: Required value"]


def _workload(item: Object, old: Object | None) -> list[str]:
    selector = dig(item, "spec", "selector")
    found = dig(item, "spec", "template", "metadata", "labels", default={})
    if not selector:
        return ["spec.selector: Required value"]
    causes = []
    if not matches(selector, found):
        causes.append(
            f"spec.template.metadata.labels: Invalid value: {_json(found)}: "
            "`selector` does not match template `labels`"
        )
    if old is not None and dig(old, "spec", "selector") != selector:
        causes.append(f"spec.selector: Invalid value: {_json(selector)}: field is immutable")
    replicas = dig(item, "spec", "replicas", default=0)
    if isinstance(replicas, int) and replicas < 0:
        causes.append(f"spec.replicas: Invalid value: {replicas}: must be greater than or equal to 0")
    if not causes and not dig(item, "spec", "template", "spec", "containers"):
        causes.append("spec.template.spec.containers: Required value")
    return causes


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _size(kind: Kind, item: Object) -> None:
    total = sum(len(str(value)) for value in (item.get("data") or {}).values())
    total += sum(len(str(value)) * 3 // 4 for value in (item.get("binaryData") or {}).values())
    if total > _LARGEST:
        raise ApiError(
            422, "Invalid",
            f'{kind.kind} "{name_of(item)}" is invalid: []: Too long: may not be more than {_LARGEST} bytes',
        )  # fmt: skip


_CHECKS: dict[str, Callable[[Object, Object | None], Iterable[str]]] = {
    "NetworkPolicy": _policy,
    "Pod": _containers,
    "Service": _service,
}
