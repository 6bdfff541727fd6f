"""Rules of pods, and of the pods in templates."""

from collections.abc import Iterator

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.containers import containers, init_containers
from lab.cluster.sim.api.rules.metadata import labels_of
from lab.cluster.sim.api.rules.names import name_problems, search_problems, subdomain_problems
from lab.cluster.sim.api.rules.wording import (
    duplicate,
    forbidden,
    invalid,
    invalids,
    negative,
    required,
    unsupported,
)
from lab.cluster.sim.text.addresses import is_address

__all__ = ["pod", "pod_spec"]

_DNS = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
_RESTART = ("Always", "OnFailure", "Never")
_ADDRESS = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
_NEEDED = {"hostPath": "path", "secret": "secretName", "persistentVolumeClaim": "claimName", "configMap": "name"}
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def pod(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a pod."""
    yield from pod_spec(item.get("spec") or {}, "spec")


def pod_spec(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in a pod's spec at `path`."""
    volumes = spec.get("volumes") or []
    yield from _volumes(volumes, f"{path}.volumes")
    yield from _claims(spec.get("resourceClaims") or [], f"{path}.resourceClaims")
    names = {volume.get("name") or "" for volume in volumes} - {""}
    found = spec.get("containers") or []
    yield from containers(found, names, f"{path}.containers")
    yield from init_containers(spec.get("initContainers") or [], found, names, f"{path}.initContainers")
    if spec.get("restartPolicy") not in {None, *_RESTART}:
        yield unsupported(f"{path}.restartPolicy", spec["restartPolicy"], _RESTART)
    if spec.get("dnsPolicy") not in {None, *_DNS}:
        yield unsupported(f"{path}.dnsPolicy", spec["dnsPolicy"], _DNS)
    yield from labels_of(spec.get("nodeSelector"), f"{path}.nodeSelector")
    yield from _security(spec.get("securityContext") or {}, f"{path}.securityContext")
    yield from _dns(spec.get("dnsConfig") or {}, f"{path}.dnsConfig")
    yield from _named(spec, path)
    yield from _tolerations(spec.get("tolerations") or [], f"{path}.tolerations")
    yield from negative(f"{path}.terminationGracePeriodSeconds", spec.get("terminationGracePeriodSeconds"))
    system = spec.get("os")
    if system is not None:
        if not system.get("name"):
            yield required(f"{path}.os.name")
        elif system["name"] not in {"linux", "windows"}:
            yield unsupported(f"{path}.os", system["name"], ("linux", "windows"))


def _named(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in fields that name something."""
    for field in ("serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"):
        if name := spec.get(field):
            yield from invalids(f"{path}.{field}", name, subdomain_problems(name))
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 0 < deadline < 2**31:
        yield invalid(f"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive")
    for field in ("hostname", "subdomain"):
        if name := spec.get(field):
            yield from invalids(f"{path}.{field}", name, name_problems(name))


def _volumes(volumes: list[Object], path: str) -> Iterator[str]:
    names: set[str] = set()
    for index, volume in enumerate(volumes):
        where, name = f"{path}[{index}]", volume.get("name") or ""
        sources = [key for key, value in volume.items() if key != "name" and value is not None]
        for key in sources[:1]:
            needed = _NEEDED.get(key)
            if needed and not volume[key].get(needed):
                yield required(f"{where}.{key}.{needed}")
        yield from (forbidden(f"{where}.{key}", "may not specify more than 1 volume type") for key in sources[1:])
        if not sources:
            yield required(where, "must specify a volume type")
        if not name:
            yield required(f"{where}.name")
            continue
        yield from invalids(f"{where}.name", name, name_problems(name))
        if name in names:
            yield duplicate(f"{where}.name", name)
        names.add(name)


def _claims(claims: list[Object], path: str) -> Iterator[str]:
    names: set[str] = set()
    for index, claim in enumerate(claims):
        where, name = f"{path}[{index}]", claim.get("name") or ""
        one, other = claim.get("resourceClaimName"), claim.get("resourceClaimTemplateName")
        if not name:
            yield required(f"{where}.name")
        elif name in names:
            yield duplicate(f"{where}.name", name)
        else:
            yield from invalids(f"{where}.name", name, name_problems(name))
        names.add(name)
        value = {"Name": name, "ResourceClaimName": one, "ResourceClaimTemplateName": other}
        told = "one of: `resourceClaimName`, `resourceClaimTemplateName`"
        if one is None and other is None:
            yield invalid(where, value, f"must specify {told}")
        elif one is not None and other is not None:
            yield invalid(where, value, f"at most {told} may be specified")


def _security(found: Object, path: str) -> Iterator[str]:
    for field in ("runAsUser", "runAsGroup", "fsGroup"):
        value = found.get(field)
        if value is not None and not 0 <= value < 2**31:
            yield invalid(f"{path}.{field}", value, "must be between 0 and 2147483647, inclusive")
    profile = found.get("appArmorProfile") or {}
    if profile.get("localhostProfile") is not None and profile.get("type") != "Localhost":
        told = "can only be set when AppArmor type is Localhost"
        yield invalid(f"{path}.appArmorProfile.localhostProfile", profile["localhostProfile"], told)


def _dns(found: Object, path: str) -> Iterator[str]:
    for index, server in enumerate(found.get("nameservers") or []):
        if not is_address(server):
            yield invalid(f"{path}.nameservers[{index}]", server, _ADDRESS)
    for index, domain in enumerate(found.get("searches") or []):
        if domain not in {"", "."}:
            bare = domain.removesuffix(".")
            yield from invalids(f"{path}.searches[{index}]", domain, search_problems(bare))


def _tolerations(found: list[Object], path: str) -> Iterator[str]:
    for index, each in enumerate(found):
        where, operator = f"{path}[{index}]", each.get("operator") or "Equal"
        key, effect = each.get("key") or "", each.get("effect") or ""
        if key:
            yield from labels_of({key: ""}, f"{where}.key")
        elif operator != "Exists":
            told = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield invalid(f"{where}.operator", operator, told)
        if each.get("tolerationSeconds") is not None and effect != "NoExecute":
            yield invalid(f"{where}.effect", effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")
        if operator == "Exists" and each.get("value"):
            yield invalid(f"{where}.operator", each, "value must be empty when `operator` is 'Exists'")
        if operator not in {"Equal", "Exists"}:
            yield unsupported(f"{where}.operator", operator, ("Equal", "Exists"))
        if effect and effect not in _EFFECTS:
            yield unsupported(f"{where}.effect", effect, _EFFECTS)
