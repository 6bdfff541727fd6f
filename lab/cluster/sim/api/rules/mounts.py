"""Rules of a container's mounts and devices."""

from collections.abc import Iterator, Mapping

from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rules.paths import relative_path
from lab.cluster.sim.api.rules.wording import forbidden, invalid, not_found, required, unsupported

__all__ = ["devices", "mounts"]

_PROPAGATIONS = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE = ("Disabled", "Enabled", "IfPossible")


def mounts(container: Object, volumes: Mapping[str, Object], path: str) -> Iterator[str]:
    """Yield the errors in a container's mounts of `volumes`."""
    others = {
        each.get("name") or "": each.get("devicePath") or "" for each in container.get("volumeDevices") or []
    }
    places: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or []):
        where, name, place = f"{path}[{index}]", mount.get("name") or "", mount.get("mountPath") or ""
        if not name:
            yield required(f"{where}.name")
        if name not in volumes:
            yield not_found(f"{where}.name", name)
        if not place:
            yield required(f"{where}.mountPath")
        if place in places:
            yield invalid(f"{where}.mountPath", place, "must be unique")
        places.add(place)
        if name in others:
            yield invalid(f"{where}.name", name, "must not already exist in volumeDevices")
        if place in others.values():
            yield invalid(f"{where}.mountPath", place, "must not already exist as a path in volumeDevices")
        yield from _how(mount, container, path, where)


def _how(mount: Object, container: Object, path: str, where: str) -> Iterator[str]:
    inner, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    yield from relative_path(inner, f"{path}.subPath")
    if expression:
        if inner:
            yield invalid(f"{where}.subPathExpr", expression, "subPathExpr and subPath are mutually exclusive")
        yield from relative_path(expression, f"{path}.subPathExpr")
    propagation, recursive = mount.get("mountPropagation"), mount.get("recursiveReadOnly")
    if propagation is not None and propagation not in _PROPAGATIONS:
        yield unsupported(f"{path}.mountPropagation", propagation, _PROPAGATIONS)
    if propagation == "Bidirectional" and not dig(container, "securityContext", "privileged"):
        told = "Bidirectional mount propagation is available only to privileged containers"
        yield forbidden(f"{path}.mountPropagation", told)
    if recursive in {"Enabled", "IfPossible"}:
        if not mount.get("readOnly"):
            yield forbidden(f"{path}.recursiveReadOnly", "may only be specified when readOnly is true")
        if propagation not in {None, "None"}:
            told = "may only be specified when mountPropagation is None or not specified"
            yield forbidden(f"{path}.recursiveReadOnly", told)
    elif recursive not in {None, "Disabled"}:
        yield unsupported(f"{path}.recursiveReadOnly", recursive, _RECURSIVE)


def devices(container: Object, volumes: Mapping[str, Object], path: str) -> Iterator[str]:
    """Yield the errors in a container's block devices from `volumes`."""
    others = {each.get("name") or "": each.get("mountPath") or "" for each in container.get("volumeMounts") or []}
    names: set[str] = set()
    places: set[str] = set()
    for index, device in enumerate(container.get("volumeDevices") or []):
        where, name, place = f"{path}[{index}]", device.get("name") or "", device.get("devicePath") or ""
        yield from _device_name(name, volumes, names, f"{where}.name")
        if not place:
            yield required(f"{where}.devicePath")
        if place in places:
            yield invalid(f"{where}.devicePath", place, "must be unique")
        if ".." in place.split("/"):
            yield invalid(f"{where}.devicePath", place, "can not contain backsteps ('..')")
        else:
            places.add(place)
        if name in others:
            yield invalid(f"{where}.name", name, "must not already exist in volumeMounts")
        if place in others.values():
            yield invalid(f"{where}.devicePath", place, "must not already exist as a path in volumeMounts")
        names |= {name} - {""}


def _device_name(name: str, volumes: Mapping[str, Object], names: set[str], path: str) -> Iterator[str]:
    volume = volumes.get(name)
    if not name:
        yield required(path)
    if name in names:
        yield invalid(path, name, "must be unique")
    if volume is None:
        yield not_found(path, name)
    elif volume.get("persistentVolumeClaim") is None and volume.get("ephemeral") is None:
        told = "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
        yield invalid(path, name, told)
