"""Rules of roles and their bindings."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.metadata import selector_of
from lab.cluster.sim.api.rules.names import path_segment_problems, subdomain_problems
from lab.cluster.sim.api.rules.wording import invalid, invalids, required, unsupported

__all__ = ["binding", "role"]

_GROUP = "rbac.authorization.k8s.io"


def role(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a role."""
    for index, rule in enumerate(item.get("rules") or []):
        yield from _rule(rule, f"rules[{index}]", namespaced=item["kind"] == "Role")
    aggregation = item.get("aggregationRule")
    if aggregation is None:
        return
    selectors, path = aggregation.get("clusterRoleSelectors") or [], "aggregationRule.clusterRoleSelectors"
    if not selectors:
        yield required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")
    for index, selector in enumerate(selectors):
        yield from selector_of(selector, f"{path}[{index}]")


def _rule(rule: Object, path: str, *, namespaced: bool) -> Iterator[str]:
    if not rule.get("verbs"):
        yield required(f"{path}.verbs", "verbs must contain at least one value")
    urls = rule.get("nonResourceURLs")
    if urls:
        if namespaced:
            yield invalid(f"{path}.nonResourceURLs", urls, "namespaced rules cannot apply to non-resource URLs")
        if any(rule.get(field) for field in ("apiGroups", "resources", "resourceNames")):
            told = "rules cannot apply to both regular resources and non-resource URLs"
            yield invalid(f"{path}.nonResourceURLs", urls, told)
        return
    if not rule.get("apiGroups"):
        yield required(f"{path}.apiGroups", "resource rules must supply at least one api group")
    if not rule.get("resources"):
        yield required(f"{path}.resources", "resource rules must supply at least one resource")


def binding(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a binding of a role."""
    reference = item.get("roleRef") or {}
    group, kind, name = (reference.get(field) or "" for field in ("apiGroup", "kind", "name"))
    if (group or _GROUP) != _GROUP:
        yield unsupported("roleRef.apiGroup", group, (_GROUP,))
    kinds = ("Role", "ClusterRole") if item["kind"] == "RoleBinding" else ("ClusterRole",)
    if kind not in kinds:
        yield unsupported("roleRef.kind", kind, kinds)
    if not name:
        yield required("roleRef.name")
    else:
        yield from invalids("roleRef.name", name, path_segment_problems(name))
    for index, subject in enumerate(item.get("subjects") or []):
        yield from _subject(subject, f"subjects[{index}]", namespaced=item["kind"] == "RoleBinding")
    if old is not None and dig(old, "roleRef") != reference:
        yield invalid(
            "roleRef", {"APIGroup": group or _GROUP, "Kind": kind, "Name": name}, "cannot change roleRef"
        )


def _subject(subject: Object, path: str, *, namespaced: bool) -> Iterator[str]:
    kind, group, name = subject.get("kind") or "", subject.get("apiGroup") or "", subject.get("name") or ""
    if not name:
        yield required(f"{path}.name")
    if kind == "ServiceAccount":
        if name:
            yield from invalids(f"{path}.name", name, subdomain_problems(name))
        if group:
            yield unsupported(f"{path}.apiGroup", group, ("",))
        if not namespaced and not subject.get("namespace"):
            yield required(f"{path}.namespace")
    elif kind in {"User", "Group"}:
        if (group or _GROUP) != _GROUP:
            yield unsupported(f"{path}.apiGroup", group, (_GROUP,))
    else:
        yield unsupported(f"{path}.kind", kind, ("ServiceAccount", "User", "Group"))
