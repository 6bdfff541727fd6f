"""Rules of a container's environment."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.fields import object_field, resource_field
from lab.cluster.sim.api.rules.names import config_key_problems, env_problems, subdomain_problems
from lab.cluster.sim.api.rules.wording import invalid, invalids, required

__all__ = ["environment", "environment_from"]

_FIELDS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
_NONE = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
_SEVERAL = "may not have more than one field specified at a time"


def environment(entries: list[Object], path: str) -> Iterator[str]:
    """Yield the errors in variables."""
    for index, entry in enumerate(entries):
        where, name = f"{path}[{index}]", entry.get("name") or ""
        if not name:
            yield required(f"{where}.name")
        else:
            yield from invalids(f"{where}.name", name, env_problems(name))
        if entry.get("valueFrom") is not None:
            yield from _source(entry["valueFrom"], f"{where}.valueFrom", alone=not entry.get("value"))


def _source(source: Object, path: str, *, alone: bool) -> Iterator[str]:
    given = 0
    if source.get("fieldRef") is not None:
        given += 1
        yield from object_field(source["fieldRef"], f"{path}.fieldRef", _FIELDS)
    if source.get("resourceFieldRef") is not None:
        given += 1
        yield from resource_field(source["resourceFieldRef"], f"{path}.resourceFieldRef", named=False)
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if source.get(kind) is not None:
            given += 1
            yield from _key(source[kind], f"{path}.{kind}")
    if not given:
        yield invalid(path, "", _NONE)
    elif not alone:
        yield invalid(path, "", "may not be specified when `value` is not empty")
    elif given > 1:
        yield invalid(path, "", _SEVERAL)


def _key(found: Object, path: str) -> Iterator[str]:
    name, key = found.get("name") or "", found.get("key") or ""
    yield from invalids(f"{path}.name", name, subdomain_problems(name))
    if not key:
        yield required(f"{path}.key")
    else:
        yield from invalids(f"{path}.key", key, config_key_problems(key))


def environment_from(entries: list[Object], path: str) -> Iterator[str]:
    """Yield the errors in whole ConfigMaps and Secrets that become variables."""
    for index, entry in enumerate(entries):
        where, prefix, given = f"{path}[{index}]", entry.get("prefix") or "", 0
        if prefix:
            yield from invalids(f"{where}.prefix", prefix, env_problems(prefix))
        for kind in ("configMapRef", "secretRef"):
            if entry.get(kind) is None:
                continue
            given += 1
            name = entry[kind].get("name") or ""
            if not name:
                yield required(f"{where}.{kind}.name")
            else:
                problems = subdomain_problems(name.removesuffix("-") or name)
                yield from invalids(f"{where}.{kind}.name", name, problems)
        if not given:
            yield invalid(path, "", "must specify one of: `configMapRef` or `secretRef`")
        elif given > 1:
            yield invalid(path, "", _SEVERAL)
