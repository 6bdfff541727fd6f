"""Rules that objects have to keep to be stored."""

import re

from lab.cluster.sim.errors import ApiError
from lab.cluster.sim.kinds import Kind
from lab.cluster.sim.objects import Object, dig, matches, meta, name_of

__all__ = ["validate"]

_SUBDOMAIN = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "  # noqa: E501 -- as it is printed
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_DNS_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_DNS_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "  # noqa: E501 -- as it is printed
    "an alphanumeric character (e.g. 'my-name', or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL = re.compile(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$")
_WORKLOADS = {"Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"}
#: The largest request that etcd takes, and that the API server passes on.
_LARGEST = 1048576


def validate(kind: Kind, item: Object, old: Object | None = None) -> None:
    """Raise `ApiError` unless the object may be stored."""
    name = name_of(item)
    if not name:
        raise ApiError(
            422, "Invalid",
            f'{kind.kind} "" is invalid: metadata.name: Required value: name or generateName is required',
        )  # fmt: skip
    causes = _name(kind, name)
    for key, value in (meta(item).get("labels") or {}).items():
        if not isinstance(value, str) or not _LABEL.match(value):
            causes.append(
                f'metadata.labels: Invalid value: "{value}": a valid label must be an empty string or consist '
                f"of alphanumeric characters (label {key})"
            )
    if kind.kind in _WORKLOADS:
        causes += _workload(item, old)
    if kind.kind == "Pod":
        causes += _containers(item)
    if kind.kind == "ConfigMap":
        _size(kind, item)
    if causes:
        raise ApiError.invalid(kind, name, *causes)


def _name(kind: Kind, name: str) -> list[str]:
    if kind.group.startswith("rbac") or kind.kind in {"Event", "APIService"}:
        return []
    pattern, rule = (_DNS_LABEL, _DNS_RULE) if kind.kind == "Namespace" else (_SUBDOMAIN, _RULE)
    return [] if pattern.match(name) else [f'metadata.name: Invalid value: "{name}": {rule}']


def _containers(pod: Object) -> list[str]:
    found = dig(pod, "spec", "containers", default=[])
    missing = [
        f"spec.containers[{index}].{needed}: Required value"
        for index, container in enumerate(found)
        for needed in ("name", "image")
        if not container.get(needed)
    ]
    return missing if found else ["spec.containers: Required value"]


def _workload(item: Object, old: Object | None) -> list[str]:
    selector = dig(item, "spec", "selector")
    found = dig(item, "spec", "template", "metadata", "labels", default={})
    if not selector:
        return ["spec.selector: Required value"]
    if old is not None and dig(old, "spec", "selector") != selector:
        return [f"spec.selector: Invalid value: {selector}: field is immutable"]
    if not matches(selector, found):
        return [
            f"spec.template.metadata.labels: Invalid value: {found}: `selector` does not match template `labels`"
        ]
    if not dig(item, "spec", "template", "spec", "containers"):
        return ["spec.template.spec.containers: Required value"]
    return []


def _size(kind: Kind, item: Object) -> None:
    total = sum(len(str(value)) for value in (item.get("data") or {}).values())
    total += sum(len(str(value)) * 3 // 4 for value in (item.get("binaryData") or {}).values())
    if total > _LARGEST:
        raise ApiError(
            422, "Invalid",
            f'{kind.kind} "{name_of(item)}" is invalid: []: Too long: may not be more than {_LARGEST} bytes',
        )  # fmt: skip
