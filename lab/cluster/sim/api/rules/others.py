"""Rules of the other kinds: data, budgets, priorities."""

import base64
import json
from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, meta, name_of
from lab.cluster.sim.api.rules.metadata import selector_of
from lab.cluster.sim.api.rules.names import config_key_problems
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, required, too_long, unsupported
from lab.cluster.sim.api.rules.workloads import percent_of_all, share

__all__ = ["config_map", "disruption_budget", "namespace", "priority_class", "secret"]

_LARGEST = 1048576
_IMMUTABLE = "field is immutable when `immutable` is set"
_EVICTIONS = ("AlwaysAllow", "IfHealthyBudget")
_SYSTEM = {"system-cluster-critical": 2000000000, "system-node-critical": 2000001000}
_STANDARD = {"kubernetes", "orphan", "foregroundDeletion"}
#: The keys that a Secret of a type needs.
_NEEDED = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


def config_map(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a ConfigMap."""
    yield from _unchanged(item, old, ("data", "binaryData"))
    data, binary = item.get("data") or {}, item.get("binaryData") or {}
    for key in data:
        yield from invalids(f"data[{key}]", key, config_key_problems(key))
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    for key in binary:
        yield from invalids(f"binaryData[{key}]", key, config_key_problems(key))
    if sum(len((value or "").encode()) for value in data.values()) + _decoded_size(binary) > _LARGEST:
        yield too_long("[]", _LARGEST)


def _unchanged(item: Object, old: Object | None, fields: tuple[str, ...]) -> Iterator[str]:
    if old is None or not old.get("immutable"):
        return
    if not item.get("immutable"):
        yield forbidden("immutable", _IMMUTABLE)
    for field in fields:
        if (old.get(field) or {}) != (item.get(field) or {}):
            yield forbidden(field, _IMMUTABLE)


def _decoded_size(found: Object) -> int:
    return sum(len(value or "") * 3 // 4 - (value or "").count("=") for value in found.values())


def secret(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a Secret."""
    kind, data = item.get("type") or "Opaque", item.get("data") or {}
    if old is not None and (old.get("type") or "Opaque") != kind:
        yield invalid("type", kind, "field is immutable")
    yield from _unchanged(item, old, ("data",))
    for key in data:
        yield from invalids(f"data[{key}]", key, config_key_problems(key))
    if _decoded_size(data) > _LARGEST:
        yield too_long("data", _LARGEST)
    if kind == "kubernetes.io/service-account-token":
        owner = "kubernetes.io/service-account.name"
        if not (meta(item).get("annotations") or {}).get(owner):
            yield required(f"metadata.annotations[{owner}]")
    elif kind == "kubernetes.io/basic-auth" and not {"username", "password"} & set(data):
        yield required("data[username]")
        yield required("data[password]")
    yield from _keys(kind, data)


def _keys(kind: str, data: Object) -> Iterator[str]:
    """Yield the errors in the keys that a Secret of a type needs."""
    for key in _NEEDED.get(kind, ()):
        if key not in data or (kind.endswith("ssh-auth") and not data[key]):
            yield required(f"data[{key}]")
        elif "docker" in kind and not _is_object(data[key]):
            yield invalid(f"data[{key}]", "<secret contents redacted>", "invalid character")


def _is_object(encoded: str) -> bool:
    try:
        return isinstance(json.loads(base64.b64decode(encoded)), dict)
    except ValueError:
        return False


def namespace(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a namespace."""
    for finalizer in (item.get("spec") or {}).get("finalizers") or []:
        if "/" not in finalizer and finalizer not in _STANDARD:
            told = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid("spec.finalizers", finalizer, told)


def disruption_budget(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a pod disruption budget."""
    spec = item.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        value = {"MinAvailable": least, "Selector": spec.get("selector"), "MaxUnavailable": most,
                 "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy")}  # fmt: skip
        yield invalid("spec", value, "minAvailable and maxUnavailable cannot be both set")
    for field in ("minAvailable", "maxUnavailable"):
        yield from share(spec.get(field), f"spec.{field}")
        yield from percent_of_all(spec.get(field), f"spec.{field}")
    yield from selector_of(spec.get("selector"), "spec.selector")
    if (policy := spec.get("unhealthyPodEvictionPolicy")) not in {None, *_EVICTIONS}:
        yield unsupported("spec.unhealthyPodEvictionPolicy", policy, _EVICTIONS)


def priority_class(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a priority class."""
    value, policy, name = item.get("value") or 0, item.get("preemptionPolicy"), name_of(item)
    if old is not None:
        if (old.get("value") or 0) != value:
            yield forbidden("value", "may not be changed in an update.")
        if (old.get("preemptionPolicy") or "PreemptLowerPriority") != (policy or "PreemptLowerPriority"):
            yield invalid("preemptionPolicy", policy, "field is immutable")
        return
    if name.startswith("system-") and name not in _SYSTEM:
        told = f"{name} is not a known system priority class"
        reserved = "priority class names with 'system-' prefix are reserved for system use only"
        yield forbidden("metadata.name", f"{reserved}. error: {told}")
    elif name not in _SYSTEM and value > 10**9:
        yield forbidden("value", "maximum allowed value of a user defined priority is 1000000000")
    if policy not in {None, "PreemptLowerPriority", "Never"}:
        yield (
            required("preemptionPolicy")
            if not policy
            else unsupported("preemptionPolicy", policy, ("PreemptLowerPriority", "Never"))
        )
