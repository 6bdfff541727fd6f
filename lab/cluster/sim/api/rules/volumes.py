"""Rules of a pod's volumes: one source each, and what each source needs."""

import re
from collections.abc import Callable, Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.claims import claim_template
from lab.cluster.sim.api.rules.fields import object_field, resource_field
from lab.cluster.sim.api.rules.names import name_problems, subdomain_problems
from lab.cluster.sim.api.rules.paths import inner_path, no_backsteps, relative_path
from lab.cluster.sim.api.rules.resources import amount
from lab.cluster.sim.api.rules.wording import (
    between,
    duplicate,
    forbidden,
    invalid,
    invalids,
    missing,
    required,
    too_long,
    unsupported,
)

__all__ = ["volumes"]

_MODE = "must be a number between 0 and 0777 (octal), both inclusive"
_PARTITION = "must be between 1 and 255, inclusive"
_ONE = "may not specify more than 1 volume type"
_HOST_TYPES = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_FIELDS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_ISCSI = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9-.]+)(:[^,;*&$|\s]+)\Z"),
    "eui": re.compile(r"eui.[A-Za-z0-9]{16}\Z"),
    "naa": re.compile(r"naa.[A-Za-z0-9]{32}\Z"),
}
_MANAGED = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
_BLOB = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"


def volumes(found: list[Object], path: str, errors: list[str], owner: str = "") -> dict[str, Object]:
    """Append the errors in volumes to `errors`; return the volumes without errors by name."""
    valid: dict[str, Object] = {}
    for index, volume in enumerate(found):
        where, name = f"{path}[{index}]", volume.get("name") or ""
        problems = list(_source(volume, where, owner))
        problems += (
            [required(f"{where}.name")] if not name else invalids(f"{where}.name", name, name_problems(name))
        )
        if name in valid:
            problems.append(duplicate(f"{where}.name", name))
        errors += problems
        if not problems:
            valid[name] = volume
    return valid


def _source(volume: Object, path: str, owner: str) -> Iterator[str]:
    given = [name for name in _SOURCES if volume.get(name) is not None]
    for number, name in enumerate(given):
        if number:
            yield forbidden(f"{path}.{_MORE.get(name, name)}", _ONE)
        else:
            yield from _SOURCES[name](volume[name], f"{path}.{_OWN.get(name, name)}")
        if name == "ephemeral" and not number and owner and volume.get("name"):
            claim = f"{owner}-{volume['name']}"
            for told in subdomain_problems(claim):
                yield invalid(f"{path}.name", volume["name"], f'PVC name "{claim}": {told}')
    if not given:
        yield required(path, "must specify a volume type")


def _mode(found: Object, path: str, field: str = "defaultMode") -> Iterator[str]:
    mode = found.get(field)
    if mode is not None and not 0 <= mode <= 0o777:
        yield invalid(f"{path}.{field}", mode, _MODE)


def _empty(found: Object, path: str) -> Iterator[str]:
    if amount(found.get("sizeLimit", 0)) < 0:
        yield forbidden(f"{path}.sizeLimit", "SizeLimit field must be a valid resource quantity")


def _host_path(found: Object, path: str) -> Iterator[str]:
    if not found.get("path"):
        yield required(f"{path}.path")
        return
    yield from no_backsteps(found["path"], f"{path}.path")
    if (found.get("type") or "") not in _HOST_TYPES:
        yield unsupported(f"{path}.type", found["type"], _HOST_TYPES)


def _git(found: Object, path: str) -> Iterator[str]:
    yield from missing(found, path, "repository")
    yield from relative_path(found.get("directory") or "", f"{path}.directory")


def _disk(name: str) -> Callable[[Object, str], Iterator[str]]:
    def rule(found: Object, path: str) -> Iterator[str]:
        yield from missing(found, path, name)
        if not 0 <= (found.get("partition") or 0) <= 255:
            yield invalid(f"{path}.partition", found["partition"], _PARTITION)

    return rule


def _needs(*names: str) -> Callable[[Object, str], Iterator[str]]:
    def rule(found: Object, path: str) -> Iterator[str]:
        return missing(found, path, *names)

    return rule


def _items(found: Object, path: str) -> Iterator[str]:
    for index, item in enumerate(found.get("items") or []):
        yield from _key_to_path(item, f"{path}.items[{index}]")


def _key_to_path(item: Object, path: str) -> Iterator[str]:
    yield from missing(item, path, "key", "path")
    yield from inner_path(item.get("path") or "", f"{path}.path")
    yield from _mode(item, path, "mode")


def _files(name: str) -> Callable[[Object, str], Iterator[str]]:
    def rule(found: Object, path: str) -> Iterator[str]:
        yield from missing(found, path, name)
        yield from _mode(found, path)
        yield from _items(found, path)

    return rule


def _nfs(found: Object, path: str) -> Iterator[str]:
    yield from missing(found, path, "server", "path")
    if not (found.get("path") or "").startswith("/"):
        yield invalid(f"{path}.path", found.get("path") or "", "must be an absolute path")


def _iscsi(found: Object, path: str) -> Iterator[str]:
    yield from missing(found, path, "targetPortal", "iqn")
    if found.get("iqn"):
        yield from _iscsi_name(found["iqn"], f"{path}.iqn")
    if not 0 <= (found.get("lun") or 0) <= 255:
        yield invalid(f"{path}.lun", found["lun"], between(0, 255))
    if (found.get("chapAuthDiscovery") or found.get("chapAuthSession")) and found.get("secretRef") is None:
        yield required(f"{path}.secretRef")
    if found.get("initiatorName") is not None:
        yield from _iscsi_name(found["initiatorName"], f"{path}.initiatorname")


def _iscsi_name(name: str, path: str) -> Iterator[str]:
    form = _ISCSI.get(name[:3])
    if form is None:
        yield invalid(path, name, "must be valid format starting with iqn, eui, or naa")
    elif not form.match(name):
        yield invalid(path, name, "must be valid format")


def _flocker(found: Object, path: str) -> Iterator[str]:
    name, number = found.get("datasetName"), found.get("datasetUUID")
    if not name and not number:
        yield required(path, "one of datasetName and datasetUUID is required")
    if name and number:
        yield invalid(path, "resource", "datasetName and datasetUUID can not be specified simultaneously")
    if "/" in (name or ""):
        yield invalid(f"{path}.datasetName", name, "must not contain '/'")


def _with_secret(*names: str) -> Callable[[Object, str], Iterator[str]]:
    def rule(found: Object, path: str) -> Iterator[str]:
        yield from missing(found, path, *names)
        if found.get("secretRef") is not None and not found["secretRef"].get("name"):
            yield required(f"{path}.secretRef.name")

    return rule


def _quobyte(found: Object, path: str) -> Iterator[str]:
    registry, told = found.get("registry") or "", "must be a host:port pair or multiple pairs separated by commas"
    if not registry:
        yield required(f"{path}.registry", told)
    elif len(found.get("tenant") or "") >= 65:
        yield required(f"{path}.tenant", "must be a UUID and may not exceed a length of 64 characters")
    else:
        wrong = [pair for pair in registry.split(",") if pair.count(":") != 1]
        yield from (invalid(f"{path}.registry", registry, told) for _ in wrong)
    yield from missing(found, path, "volume")


def _downward(found: Object, path: str) -> Iterator[str]:
    yield from _mode(found, path)
    for file in found.get("items") or []:
        yield from _downward_file(file, path)


def _downward_file(file: Object, path: str) -> Iterator[str]:
    yield from missing(file, path, "path")
    yield from inner_path(file.get("path") or "", f"{path}.path")
    field, resource = file.get("fieldRef"), file.get("resourceFieldRef")
    if field is not None:
        yield from object_field(field, f"{path}.fieldRef", _FIELDS)
        if resource is not None:
            yield invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously")
    elif resource is not None:
        yield from resource_field(resource, f"{path}.resourceFieldRef", named=True)
    else:
        yield required(path, "one of fieldRef and resourceFieldRef is required")
    yield from _mode(file, path, "mode")


def _fibre(found: Object, path: str) -> Iterator[str]:
    names, ids = found.get("targetWWNs") or [], found.get("wwids") or []
    if not names and not ids:
        yield required(f"{path}.targetWWNs", "must specify either targetWWNs or wwids, but not both")
    if names and ids:
        yield invalid(f"{path}.targetWWNs", names, "targetWWNs and wwids can not be specified simultaneously")
    if names:
        if found.get("lun") is None:
            yield required(f"{path}.lun", "lun is required if targetWWNs is specified")
        elif not 0 <= found["lun"] <= 255:
            yield invalid(f"{path}.lun", found["lun"], between(0, 255))


def _flex(found: Object, path: str) -> Iterator[str]:
    yield from missing(found, path, "driver")
    for key in found.get("options") or {}:
        if ("." + key.split("/")[0].lower()).endswith((".kubernetes.io", ".k8s.io")):
            yield invalid(f"{path}.options[{key}]", key, "kubernetes.io and k8s.io namespaces are reserved")


def _azure_disk(found: Object, path: str) -> Iterator[str]:
    yield from missing(found, path, "diskName", "diskURI")
    caching, kind, place = found.get("cachingMode"), found.get("kind"), found.get("diskURI") or ""
    if caching not in {None, "None", "ReadOnly", "ReadWrite"}:
        yield unsupported(f"{path}.cachingMode", caching, ("None", "ReadOnly", "ReadWrite"))
    if kind not in {None, "Shared", "Dedicated", "Managed"}:
        yield unsupported(f"{path}.kind", kind, ("Dedicated", "Managed", "Shared"))
    if kind == "Managed" and not place.startswith("/subscriptions/"):
        yield unsupported(f"{path}.diskURI", place, (_MANAGED,))
    if kind not in {None, "Managed"} and not place.startswith("https://"):
        yield unsupported(f"{path}.diskURI", place, (_BLOB,))


def _storage_os(found: Object, path: str) -> Iterator[str]:
    name, space = found.get("volumeName") or "", found.get("volumeNamespace") or ""
    if not name:
        yield required(f"{path}.volumeName")
    else:
        yield from invalids(f"{path}.volumeName", name, name_problems(name))
    if space:
        yield from invalids(f"{path}.volumeNamespace", space, name_problems(space))
    if found.get("secretRef") is not None and not found["secretRef"].get("name"):
        yield required(f"{path}.secretRef.name")


def _projected(found: Object, path: str) -> Iterator[str]:
    yield from _mode(found, path)
    places: set[str] = set()
    for index, source in enumerate(found.get("sources") or []):
        where = f"{path}.sources[{index}]"
        for name in ("secret", "configMap"):
            if source.get(name) is not None:
                yield from missing(source[name], f"{where}.{name}", "name")
                for number, item in enumerate(source[name].get("items") or []):
                    yield from _key_to_path(item, f"{where}.{name}.items[{number}]")
                    yield from _once(item, places, path, source[name].get("name") or "")
        for file in (source.get("downwardAPI") or {}).get("items") or []:
            yield from _downward_file(file, f"{where}.downwardAPI")
            yield from _once(file, places, path, file.get("path") or "")
        if source.get("serviceAccountToken") is not None:
            yield from _token(source["serviceAccountToken"], f"{where}.serviceAccountToken", path)
        if sum(value is not None for value in source.values()) > 1:
            yield forbidden(where, "may not specify more than 1 volume type per source")


def _once(item: Object, places: set[str], path: str, shown: str) -> Iterator[str]:
    place = item.get("path")
    if place and place in places:
        yield invalid(path, shown, "conflicting duplicate paths")
    places.add(place or "")


def _token(token: Object, path: str, volume: str) -> Iterator[str]:
    seconds = token.get("expirationSeconds", 3600)
    if seconds < 600:
        yield invalid(f"{path}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")
    if seconds > 2**32:
        told = "may not specify a duration larger than 2^32 seconds"
        yield invalid(f"{path}.expirationSeconds", seconds, told)
    if not token.get("path"):
        yield required(f"{volume}.path")
    else:
        yield from inner_path(token["path"], f"{volume}.path")


def _csi(found: Object, path: str) -> Iterator[str]:
    driver, secret = found.get("driver") or "", found.get("nodePublishSecretRef")
    if not driver:
        yield required(f"{path}.driver")
    if len(driver.encode()) > 63:
        yield too_long(f"{path}.driver", 63)
    yield from invalids(f"{path}.driver", driver, subdomain_problems(driver.lower()))
    if secret is not None:
        if not secret.get("name"):
            yield required(f"{path}.nodePublishSecretRef.name")
        else:
            yield from invalids(f"{path}.name", secret["name"], subdomain_problems(secret["name"]))


def _ephemeral(found: Object, path: str) -> Iterator[str]:
    if found.get("volumeClaimTemplate") is None:
        yield required(f"{path}.volumeClaimTemplate")
    else:
        yield from claim_template(found["volumeClaimTemplate"], f"{path}.volumeClaimTemplate")


#: The rules of each source, in the order in which the API server looks at them.
_SOURCES: dict[str, Callable[[Object, str], Iterator[str]]] = {
    "emptyDir": _empty,
    "hostPath": _host_path,
    "gitRepo": _git,
    "gcePersistentDisk": _disk("pdName"),
    "awsElasticBlockStore": _disk("volumeID"),
    "secret": _files("secretName"),
    "nfs": _nfs,
    "iscsi": _iscsi,
    "glusterfs": _needs("endpoints", "path"),
    "flocker": _flocker,
    "persistentVolumeClaim": _needs("claimName"),
    "rbd": _needs("monitors", "image"),
    "cinder": _with_secret("volumeID"),
    "cephfs": _needs("monitors"),
    "quobyte": _quobyte,
    "downwardAPI": _downward,
    "fc": _fibre,
    "flexVolume": _flex,
    "configMap": _files("name"),
    "azureFile": _needs("secretName", "shareName"),
    "vsphereVolume": _needs("volumePath"),
    "photonPersistentDisk": _needs("pdID"),
    "portworxVolume": _needs("volumeID"),
    "azureDisk": _azure_disk,
    "storageos": _storage_os,
    "projected": _projected,
    "scaleIO": _needs("gateway", "system", "volumeName"),
    "csi": _csi,
    "ephemeral": _ephemeral,
}
#: Sources whose errors have another path than their field.
_OWN = {"gcePersistentDisk": "persistentDisk"}
_MORE = {"cephfs": "cephFS", "downwardAPI": "downwarAPI"}
