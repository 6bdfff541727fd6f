"""Rules of the other kinds: data, roles, claims, ingresses, scalers, budgets, priorities."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.metadata import selector_of
from lab.cluster.sim.api.rules.names import config_key_problems, dns1035_problems
from lab.cluster.sim.api.rules.resources import amount
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, required, unsupported

__all__ = ["binding", "claim", "config", "disruption_budget", "ingress", "priority_class", "role", "scaler"]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_PATHS = ("Exact", "ImplementationSpecific", "Prefix")
_LARGEST = 1048576
_GROUP = "rbac.authorization.k8s.io"


def config(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a ConfigMap or Secret."""
    total = 0
    for field in ("data", "binaryData"):
        for key, value in (item.get(field) or {}).items():
            yield from invalids(f"{field}[{key}]", key, config_key_problems(key))
            encoded = field == "binaryData" or item["kind"] == "Secret"
            total += len(str(value).encode()) * 3 // 4 if encoded else len(str(value).encode())
    if total > _LARGEST:
        yield f"[]: Too long: may not be more than {_LARGEST} bytes"
    if (
        old is not None
        and item["kind"] == "Secret"
        and (old.get("type") or "Opaque") != (item.get("type") or "Opaque")
    ):
        yield invalid("type", item.get("type"), "field is immutable")
    if old is not None and old.get("immutable"):
        if not item.get("immutable"):
            yield forbidden("immutable", "field is immutable when `immutable` is set")
        if (old.get("data") or {}) != (item.get("data") or {}):
            yield forbidden("data", "field is immutable when `immutable` is set")


def role(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a role."""
    for index, rule in enumerate(item.get("rules") or []):
        where = f"rules[{index}]"
        if not rule.get("verbs"):
            yield required(f"{where}.verbs", "verbs must contain at least one value")
        if rule.get("nonResourceURLs"):
            if item["kind"] == "Role":
                told = "namespaced rules cannot apply to non-resource URLs"
                yield invalid(f"{where}.nonResourceURLs", rule["nonResourceURLs"], told)
            continue
        if not rule.get("apiGroups"):
            yield required(f"{where}.apiGroups", "resource rules must supply at least one api group")
        if not rule.get("resources"):
            yield required(f"{where}.resources", "resource rules must supply at least one resource")


def binding(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a binding of a role."""
    reference = item.get("roleRef") or {}
    if (group := reference.get("apiGroup") or _GROUP) != _GROUP:
        yield unsupported("roleRef.apiGroup", group, (_GROUP,))
    kinds = ("Role", "ClusterRole") if item["kind"] == "RoleBinding" else ("ClusterRole",)
    if (kind := reference.get("kind") or "") not in kinds:
        yield unsupported("roleRef.kind", kind, kinds)
    if not reference.get("name"):
        yield required("roleRef.name")
    for index, subject in enumerate(item.get("subjects") or []):
        yield from _subject(subject, f"subjects[{index}]")
    if old is not None and old.get("roleRef") != item.get("roleRef"):
        value = {
            "APIGroup": reference.get("apiGroup"),
            "Kind": reference.get("kind"),
            "Name": reference.get("name"),
        }
        yield invalid("roleRef", value, "cannot change roleRef")


def _subject(subject: Object, path: str) -> Iterator[str]:
    kind, group = subject.get("kind") or "", subject.get("apiGroup")
    if not subject.get("name"):
        yield required(f"{path}.name")
    if kind == "ServiceAccount":
        if group:
            yield unsupported(f"{path}.apiGroup", group, ("",))
        if not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in {"User", "Group"}:
        if (group or _GROUP) != _GROUP:
            yield unsupported(f"{path}.apiGroup", group, (_GROUP,))
    else:
        yield unsupported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"))


def claim(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a persistent volume claim."""
    spec = item.get("spec") or {}
    modes = spec.get("accessModes") or []
    if not modes:
        yield required("spec.accessModes", "at least 1 access mode is required")
    for mode in modes:
        if mode not in _MODES:
            yield unsupported("spec.accessModes", mode, _MODES)
    requests = dig(spec, "resources", "requests", default={})
    if "storage" not in requests:
        yield required("spec.resources[storage]")
    elif amount(requests["storage"]) <= 0:
        yield invalid("spec.resources[storage]", str(requests["storage"]), "must be greater than zero")


def ingress(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in an ingress."""
    spec = item.get("spec") or {}
    rules, default = spec.get("rules") or [], spec.get("defaultBackend")
    if not rules and default is None:
        yield invalid("spec", spec.get("rules"), "either `defaultBackend` or `rules` must be specified")
    for index, rule in enumerate(rules):
        where = f"spec.rules[{index}].http.paths"
        paths = dig(rule, "http", "paths", default=[])
        if rule.get("http") is not None and not paths:
            yield required(where)
        for number, path in enumerate(paths):
            yield from _path(path, f"{where}[{number}]")
    if default is not None:
        yield from _backend(default, "spec.defaultBackend")


def _path(path: Object, where: str) -> Iterator[str]:
    kind, text = path.get("pathType"), path.get("path") or ""
    if kind is None:
        yield required(f"{where}.pathType", "pathType must be specified")
    elif kind not in _PATHS:
        yield unsupported(f"{where}.pathType", kind, _PATHS)
    elif kind != "ImplementationSpecific" and not text.startswith("/"):
        yield invalid(f"{where}.path", text, "must be an absolute path")
    yield from _backend(path.get("backend") or {}, f"{where}.backend")


def _backend(backend: Object, path: str) -> Iterator[str]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        yield invalid(path, "", "cannot set both resource and service backends")
    elif service is None and resource is None:
        yield invalid(path, "", "resource or service backend is required")
    elif service is not None:
        name, port = service.get("name") or "", service.get("port") or {}
        problems = dns1035_problems(name) if name else []
        yield from (
            [invalid(f"{path}.service.name", name, told) for told in problems]
            if name
            else [required(f"{path}.service.name")]
        )
        if not port.get("name") and not port.get("number"):
            yield required(path, "port name or number is required")


def scaler(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a horizontal pod autoscaler."""
    spec = item.get("spec") or {}
    least, most = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if least is not None and least < 1:
        yield invalid("spec.minReplicas", least, "must be greater than or equal to 1")
    if most < 1:
        yield invalid("spec.maxReplicas", most, "must be greater than 0")
    if most < (1 if least is None else least):
        yield invalid("spec.maxReplicas", most, "must be greater than or equal to `minReplicas`")
    target = spec.get("scaleTargetRef") or {}
    for field in ("kind", "name"):
        if not target.get(field):
            yield required(f"spec.scaleTargetRef.{field}")


def disruption_budget(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a pod disruption budget."""
    spec = item.get("spec") or {}
    if spec.get("minAvailable") is not None and spec.get("maxUnavailable") is not None:
        told = "minAvailable and maxUnavailable cannot be both set"
        yield invalid("spec", spec, told)
    yield from selector_of(spec.get("selector"), "spec.selector")


def priority_class(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a priority class."""
    value = item.get("value") or 0
    if value > 10**9:
        yield forbidden("value", "maximum allowed value of a user defined priority is 1000000000")
    if old is not None and (old.get("value") or 0) != value:
        yield forbidden("value", "may not be changed in an update.")
    if item.get("preemptionPolicy") not in {None, "PreemptLowerPriority", "Never"}:
        told = ("PreemptLowerPriority", "Never")
        yield unsupported("preemptionPolicy", item["preemptionPolicy"], told)
