"""Warnings about pods that the API server stores all the same."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.resources import amount
from lab.cluster.sim.api.rules.security import all_containers
from lab.cluster.sim.api.rules.wording import shown

__all__ = ["pod_warnings"]

#: Volumes that no kubelet mounts any more.
_OLD = {
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "gitRepo": "deprecated in v1.11, and disabled by default in v1.33+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_WRITTEN = {"storageos": "storageOS"}


def pod_warnings(item: Object) -> list[str]:
    """Return the warnings about the pod of an object: its own, or that of its template."""
    if item["kind"] == "Pod":
        return list(_warnings(item.get("spec") or {}, "spec"))
    if item["kind"] == "CronJob":
        found = dig(item, "spec", "jobTemplate", "spec", "template", "spec", default={})
        return list(_warnings(found, "spec.jobTemplate.spec.template.spec"))
    return list(_warnings(dig(item, "spec", "template", "spec", default={}), "spec.template.spec"))


def _warnings(spec: Object, path: str) -> Iterator[str]:
    for index, each in enumerate(spec.get("topologySpreadConstraints") or []):
        if each.get("labelSelector") is None:
            told = "a null labelSelector results in matching no pod"
            yield f"{path}.topologySpreadConstraints[{index}].labelSelector: {told}"
    for index, volume in enumerate(spec.get("volumes") or []):
        for kind, told in _OLD.items():
            if volume.get(kind) is not None:
                yield f"{path}.volumes[{index}].{_WRITTEN.get(kind, kind)}: {told}"
    yield from _repeated(spec, path)
    for where, container in all_containers(spec, path):
        yield from _fractions(container.get("resources") or {}, f"{where}.resources")
        yield from _environment(container, where)
    yield from _ports(spec, path)
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        told = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{path}.terminationGracePeriodSeconds: {told}"


def _fractions(resources: Object, path: str) -> Iterator[str]:
    for part in ("limits", "requests"):
        for name in ("memory", "ephemeral-storage"):
            value = dig(resources, part, name)
            if value is not None and amount(value) % 1:
                told = f"fractional byte value {shown(str(value))} is invalid, must be an integer"
                yield f"{path}.{part}[{name}]: {told}"


def _repeated(spec: Object, path: str) -> Iterator[str]:
    for field, key in (("hostAliases", "ip"), ("imagePullSecrets", "name")):
        seen: set[str] = set()
        for index, each in enumerate(spec.get(field) or []):
            value = each.get(key) or ""
            where = f"{path}.{field}[{index}].{key}"
            if value in seen:
                yield f"{where}: duplicate {key} {shown(value)}"
            if key == "name" and not value:
                yield f'{where}: invalid empty name ""'
            seen.add(value)


def _environment(container: Object, path: str) -> Iterator[str]:
    seen: dict[str, Object] = {}
    for index, entry in enumerate(container.get("env") or []):
        name = entry.get("name") or ""
        if name in seen and f"$({name})" not in (entry.get("value") or ""):
            told = f"hides previous definition of {shown(name)}, which may be dropped when using apply"
            yield f"{path}.env[{index}]: {told}"
        seen[name] = entry


def _ports(spec: Object, path: str) -> Iterator[str]:
    seen: dict[tuple[object, str], list[tuple[str, object, object]]] = {}
    for where, container in all_containers(spec, path):
        for index, port in enumerate(container.get("ports") or []):
            key = (port.get("containerPort"), port.get("protocol") or "TCP")
            mine = (port.get("hostIP") or "", port.get("hostPort") or 0)
            for other, *its in seen.get(key, []):
                if tuple(its) == mine:
                    yield f"{where}.ports[{index}]: duplicate port definition with {other}"
                    break
            seen.setdefault(key, []).append((f"{where}.ports[{index}]", *mine))
