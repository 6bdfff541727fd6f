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

__all__ = ["annotations_of", "labels_of", "metadata_of", "selector_of", "template_metadata"]

_SELECTED = "`operator` is 'In' or 'NotIn'"
_UNSELECTED = "`operator` is 'Exists' or 'DoesNotExist'"
_STANDARD = {"kubernetes", "orphan", "foregroundDeletion"}


def metadata_of(kind: Kind, item: Object) -> Iterator[str]:
    """Yield the errors in an object's metadata."""
    found = meta(item)
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
    for index, finalizer in enumerate(found.get("finalizers") or []):
        for told in key_problems(finalizer):
            yield invalid("metadata.finalizers", finalizer, told)
        if "/" not in finalizer and finalizer not in _STANDARD and not key_problems(finalizer):
            told = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid(f"metadata.finalizers[{index}]", finalizer, told)


def _name(kind: Kind, name: str) -> list[str]:
    if kind.group.startswith("rbac") or kind.kind in {"Event", "APIService"}:
        return path_segment_problems(name)
    if kind.kind == "Service":
        return dns1035_problems(name)
    return name_problems(name) if kind.kind == "Namespace" else subdomain_problems(name)


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
