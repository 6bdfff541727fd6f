"""Rules of persistent volume claims, and of the claims in templates."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.metadata import annotations_of, labels_of, selector_of
from lab.cluster.sim.api.rules.names import name_problems, subdomain_problems
from lab.cluster.sim.api.rules.resources import amount
from lab.cluster.sim.api.rules.wording import forbidden, invalid, invalids, missing, required, unsupported

__all__ = ["claim", "claim_spec", "claim_template"]

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_VOLUME_MODES = ("Block", "Filesystem")


def claim(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a persistent volume claim."""
    yield from claim_spec(item.get("spec") or {}, "spec")
    if old is not None and amount(_storage(item)) < amount(_storage(old)):
        told = "field can not be less than status.capacity"
        if amount(_storage(item)) <= amount(dig(old, "status", "capacity", "storage", default=0)):
            yield forbidden("spec.resources.requests.storage", told)


def _storage(item: Object) -> object:
    return dig(item, "spec", "resources", "requests", "storage", default=0)


def claim_template(found: Object, path: str) -> Iterator[str]:
    """Yield the errors in a template of a claim."""
    metadata = found.get("metadata") or {}
    yield from annotations_of(metadata.get("annotations"), f"{path}.metadata.annotations")
    yield from labels_of(metadata.get("labels"), f"{path}.metadata.labels")
    for name, value in metadata.items():
        if name not in {"annotations", "labels"} and value not in (None, "", 0, [], {}):
            yield forbidden(f"{path}.metadata.{name}", "cannot be set")
    yield from claim_spec(found.get("spec") or {}, f"{path}.spec")


def claim_spec(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in a claim's spec."""
    modes = spec.get("accessModes") or []
    if not modes:
        yield required(f"{path}.accessModes", "at least 1 access mode is required")
    yield from selector_of(spec.get("selector"), f"{path}.selector")
    for mode in modes:
        if mode not in _MODES:
            yield unsupported(f"{path}.accessModes", mode, _MODES)
    if "ReadWriteOncePod" in modes and any(mode in _MODES[:3] for mode in modes):
        yield forbidden(f"{path}.accessModes", "may not use ReadWriteOncePod with other access modes")
    requests, where = dig(spec, "resources", "requests", default={}), f"{path}.resources[storage]"
    if "storage" not in requests:
        yield required(where)
    elif amount(requests["storage"]) <= 0:
        yield invalid(where, str(requests["storage"]), "must be greater than zero")
    for field in ("storageClassName", "volumeAttributesClassName"):
        if field == "volumeAttributesClassName":
            yield from _sources(spec, path)
        if name := spec.get(field):
            yield from invalids(f"{path}.{field}", name, subdomain_problems(name))


def _sources(spec: Object, path: str) -> Iterator[str]:
    if spec.get("volumeMode") not in {None, *_VOLUME_MODES}:
        yield unsupported(f"{path}.volumeMode", spec["volumeMode"], _VOLUME_MODES)
    for field in ("dataSource", "dataSourceRef"):
        source = spec.get(field)
        if source is None:
            continue
        where, group = f"{path}.{field}", source.get("apiGroup") or ""
        yield from missing(source, where, "name", "kind")
        if not group and source.get("kind") != "PersistentVolumeClaim":
            told = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            yield invalid(where, source.get("kind") or "", told)
        if group:
            yield from invalids(f"{where}.apiGroup", group, subdomain_problems(group))
        if field == "dataSourceRef" and source.get("namespace"):
            yield from invalids(f"{where}.namespace", source["namespace"], name_problems(source["namespace"]))
