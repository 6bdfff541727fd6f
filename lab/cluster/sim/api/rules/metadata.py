"""Rules of names, labels, annotations and finalizers, and of label selectors."""

from collections.abc import Iterator

from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, meta
from lab.cluster.sim.api.rules.names import (
    dns1035_problems,
    key_problems,
    label_problems,
    name_problems,
    path_segment_problems,
    subdomain_problems,
)
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, required

__all__ = ["annotations_of", "labels_of", "metadata_of", "selector_of", "selector_value", "template_metadata"]

_SELECTED = "`operator` is 'In' or 'NotIn'"
_UNSELECTED = "`operator` is 'Exists' or 'DoesNotExist'"
_STANDARD = {"kubernetes", "orphan", "foregroundDeletion"}


def metadata_of(kind: Kind, item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in an object's metadata."""
    found = meta(item)
    if old is not None:
        yield from _fixed(found, meta(old))
    name, prefix = found.get("name") or "", found.get("generateName") or ""
    if prefix:
        bare = prefix.removesuffix("-") or prefix
        yield from invalids("metadata.generateName", prefix, _name(kind, bare))
    if name and kind.kind != "PodDisruptionBudget":  # whose metadata nobody checks
        yield from invalids("metadata.name", name, _name(kind, name))
    elif not name:
        yield required("metadata.name", "name or generateName is required")
    yield from labels_of(found.get("labels"), "metadata.labels")
    yield from annotations_of(found.get("annotations"), "metadata.annotations")
    yield from _owners(found.get("ownerReferences") or [], "metadata.ownerReferences")
    finalizers = found.get("finalizers") or []
    for finalizer in finalizers if old is None else ():
        yield from invalids("metadata.finalizers", finalizer, key_problems(finalizer))
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        told = "finalizer orphan and foregroundDeletion cannot be both set"
        yield invalid("metadata.finalizers", finalizers, told)
    for index, finalizer in enumerate(finalizers):
        if "/" not in finalizer and finalizer not in _STANDARD:
            told = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(f"metadata.finalizers[{index}]", finalizer, told)


def _fixed(found: Object, before: Object) -> Iterator[str]:
    """Yield the errors in fields that only the API server changes."""
    for field in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        if found.get(field) != before.get(field):
            yield invalid(f"metadata.{field}", found.get(field), "field is immutable")


def _owners(found: list[Object], path: str) -> Iterator[str]:
    first = ""
    for owner in found:
        if not owner.get("apiVersion"):
            yield invalid(f"{path}.apiVersion", "", "version must not be empty")
        for field in ("kind", "name", "uid"):
            if not owner.get(field):
                yield invalid(f"{path}.{field}", "", "must not be empty")
        if owner.get("apiVersion") == "v1" and owner.get("kind") == "Event":
            yield invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner")
        if owner.get("controller"):
            called = f"{owner.get('kind') or ''}/{owner.get('name') or ''}"
            if first:
                told = f'Found "true" in references for {first} and {called}'
                yield invalid(path, found, f"Only one reference can have Controller set to true. {told}")
            first = first or called


def _name(kind: Kind, name: str) -> list[str]:
    if kind.group.startswith("rbac") or kind.kind in {"Event", "APIService"}:
        return path_segment_problems(name)
    if kind.kind == "Service":
        return dns1035_problems(name)
    return name_problems(name) if kind.kind in {"Namespace", "StatefulSet"} else subdomain_problems(name)


def template_metadata(template: Object, path: str) -> Iterator[str]:
    """Yield the errors in a pod template's labels and annotations."""
    found = template.get("metadata") or {}
    yield from labels_of(found.get("labels"), f"{path}.labels")
    yield from annotations_of(found.get("annotations"), f"{path}.annotations")


def labels_of(found: Object | None, path: str) -> Iterator[str]:
    """Yield the errors in a map of labels."""
    for key, value in (found or {}).items():
        yield from invalids(path, key, key_problems(key))
        yield from invalids(path, value, label_problems(value or ""))


def annotations_of(found: Object | None, path: str) -> Iterator[str]:
    """Yield the errors in a map of annotations."""
    for key in found or {}:
        yield from invalids(path, key, key_problems(key.lower()))
    if sum(len(key.encode()) + len((value or "").encode()) for key, value in (found or {}).items()) > 262144:
        yield f"{path}: Too long: may not be more than 262144 bytes"


def selector_of(selector: Object | None, path: str) -> Iterator[str]:
    """Yield the errors in a label selector."""
    yield from labels_of((selector or {}).get("matchLabels"), f"{path}.matchLabels")
    for index, each in enumerate((selector or {}).get("matchExpressions") or []):
        where, operator = f"{path}.matchExpressions[{index}]", each.get("operator") or ""
        values = each.get("values") or []
        if operator in {"In", "NotIn"}:
            if not values:
                yield required(f"{where}.values", f"must be specified when {_SELECTED}")
        elif operator in {"Exists", "DoesNotExist"}:
            if values:
                yield forbidden(f"{where}.values", f"may not be specified when {_UNSELECTED}")
        else:
            yield invalid(f"{where}.operator", operator, "not a valid selector operator")
        key = each.get("key") or ""
        yield from invalids(f"{where}.key", key, key_problems(key))
        for number, value in enumerate(values):
            yield from invalids(f"{where}.values[{number}]", value, label_problems(value))


def selector_value(selector: Object | None) -> Object | None:
    """Return a label selector as it is printed: its requirements always have a key and an operator."""
    if not (selector or {}).get("matchExpressions"):
        return selector
    terms = [{"key": "", "operator": "", **each} for each in (selector or {})["matchExpressions"]]
    ordered = [
        {name: each[name] for name in ("key", "operator", "values") if each.get(name, []) != []} for each in terms
    ]
    labels = (selector or {}).get("matchLabels")
    return {**({"matchLabels": labels} if labels else {}), "matchExpressions": ordered}
