"""Rules of references to a pod's own fields and to its containers' resources."""

import re
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import key_problems
from lab.cluster.sim.api.rules.resources import amount
from lab.cluster.sim.api.rules.wording import invalid, invalids, required, unsupported

__all__ = ["object_field", "resource_field"]

_KNOWN = {
    "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy", "spec.serviceAccountName", "spec.schedulerName", "status.phase", "status.hostIP",
    "status.hostIPs", "status.podIP", "status.podIPs",
}  # fmt: skip
_RESOURCES = tuple(
    f"{part}.{name}" for part in ("limits", "requests") for name in ("cpu", "ephemeral-storage", "memory")
)
_LARGE = ("limits.hugepages-", "requests.hugepages-")
_UNITS = ("1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei")
_MANY = f"only divisor's values {', '.join(_UNITS)} are supported with the"


def object_field(found: Object, path: str, known: tuple[str, ...]) -> Iterator[str]:
    """Yield the errors in a reference to one of the pod's fields `known`."""
    version, field = found.get("apiVersion") or "v1", found.get("fieldPath") or ""
    if not field:
        yield required(f"{path}.fieldPath")
        return
    subscripted = re.match(r"([^\[]*)\['(.*)'\]\Z", field, re.DOTALL)
    whole = subscripted.group(1) if subscripted else field
    if version != "v1":
        yield invalid(
            f"{path}.fieldPath", field, f"error converting fieldPath: unsupported pod version: {version}"
        )
    elif subscripted and whole in {"metadata.annotations", "metadata.labels"}:
        key = subscripted.group(2)
        key = key.lower() if whole == "metadata.annotations" else key
        yield from invalids(path, key, key_problems(key))
    elif subscripted and whole in _KNOWN:
        yield invalid(path, whole, "does not support subscript")
    elif field not in {*_KNOWN, "spec.host"}:
        told = f"error converting fieldPath: field label not supported: {field}"
        yield invalid(f"{path}.fieldPath", field, told)
    elif ("spec.nodeName" if field == "spec.host" else field) not in known:
        yield unsupported(f"{path}.fieldPath", field, known)


def resource_field(found: Object, path: str, *, named: bool) -> Iterator[str]:
    """Yield the errors in a reference to a container's resource; in a volume it has to name the container."""
    resource = found.get("resource") or ""
    if named and not found.get("containerName"):
        yield required(f"{path}.containerName")
    elif not resource:
        yield required(f"{path}.resource")
    elif resource not in _RESOURCES and not resource.startswith(_LARGE):
        yield unsupported(f"{path}.resource", resource, _RESOURCES)
    yield from _divisor(resource, found.get("divisor") or 0, f"{path}.divisor")


def _divisor(resource: str, divisor: object, path: str) -> Iterator[str]:
    if not amount(divisor):
        return
    kind = resource.partition(".")[2] if resource in _RESOURCES else ""
    if kind == "cpu":
        if amount(divisor) not in {amount("1m"), amount("1")}:
            yield invalid(path, resource, "only divisor's values 1m and 1 are supported with the cpu resource")
    elif kind or resource.startswith(_LARGE):
        called = {"memory": "memory", "ephemeral-storage": "local ephemeral storage"}.get(kind, "hugepages")
        if amount(divisor) not in {amount(unit) for unit in _UNITS}:
            yield invalid(path, resource, f"{_MANY} {called} resource")
