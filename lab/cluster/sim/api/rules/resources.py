"""Rules of amounts of resources: requests and limits, quotas, ranges."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import key_problems, name_problems
from lab.cluster.sim.api.rules.wording import (
    duplicate,
    forbidden,
    invalid,
    invalids,
    not_found,
    required,
    unsupported,
)

__all__ = [
    "QUANTITY", "STANDARD", "amount", "container_resource", "overhead", "pod_requirements", "quantity_problem",
    "quantity_value", "requirements", "resource_name",
]  # fmt: skip

QUANTITY = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_SUFFIXES = {
    **{
        suffix: Decimal(10) ** power
        for suffix, power in (("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6))
    },
    **{suffix: Decimal(10) ** power for suffix, power in (("G", 9), ("T", 12), ("P", 15), ("E", 18))},
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)\Z")
_CONTAINER = {"cpu", "memory", "ephemeral-storage"}
#: Resources that are counted in whole numbers.
_COUNTED = {"pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
           "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"}  # fmt: skip
STANDARD = _CONTAINER | _COUNTED | {
    "storage", "requests.storage", *(f"{part}.{name}" for part in ("requests", "limits") for name in _CONTAINER)
}  # fmt: skip
_LARGE = ("hugepages-", "requests.hugepages-")


def quantity_problem(value: object) -> str:
    """Return the decoder's message about an amount, or an empty string."""
    text = str(value)
    if isinstance(value, (dict, list, bool)) or not QUANTITY.match(text) or text.count(".") > 1:
        return f"quantities must match the regular expression '{QUANTITY.pattern}'"
    if not _NUMBER.match(text):
        return "unable to parse quantity's suffix"
    return ""


def amount(value: object) -> Decimal:
    """Return an amount as a number."""
    found = _NUMBER.match(str(value))
    if found is None:
        return Decimal(0)
    number, exponent, suffix = found.groups()
    return Decimal(number) * (Decimal(10) ** int(exponent) if exponent else _SUFFIXES[suffix or ""])


def resource_name(name: str, path: str) -> Iterator[str]:
    """Yield the errors in a resource's name."""
    problems = key_problems(name)
    yield from invalids(path, name, problems)
    if not problems and "/" not in name and name not in STANDARD and not name.startswith(_LARGE):
        yield invalid(path, name, "must be a standard resource type or fully qualified")


def container_resource(name: str, path: str) -> Iterator[str]:
    """Yield the errors in the name of a container's resource."""
    yield from resource_name(name, path)
    if "/" not in name:
        if name not in _CONTAINER and not name.startswith("hugepages-"):
            yield invalid(path, name, "must be a standard resource for containers")
    elif not _native(name) and not _extended(name):
        yield invalid(path, name, "doesn't follow extended resource name standard")


def _native(name: str) -> bool:
    return "/" not in name or "kubernetes.io/" in name


def _extended(name: str) -> bool:
    return not _native(name) and not name.startswith("requests.") and not key_problems(f"requests.{name}")


def _shared(name: str) -> bool:
    """Whether more of a resource may be promised than there is."""
    return _native(name) and not name.startswith("hugepages-")


def quantity_value(name: str, value: object, path: str) -> Iterator[str]:
    """Yield the errors in an amount of a resource."""
    if amount(value) < 0:
        yield invalid(path, str(value), "must be greater than or equal to 0")
    if (name in _COUNTED or _extended(name)) and amount(value) % 1:
        yield invalid(path, str(value), "must be an integer")


def requirements(found: Object, path: str, claims: set[str]) -> Iterator[str]:
    """Yield the errors in a container's resources; `claims` are the names of its pod's claims."""
    yield from _requirements(found, path, container_resource)
    names: set[str] = set()
    for index, each in enumerate(found.get("claims") or []):
        where, name, request = f"{path}.claims[{index}]", each.get("name") or "", each.get("request") or ""
        if not name:
            yield required(where)
            continue
        key = f"{name}/{request}" if request else name
        if name in names:
            yield duplicate(where, name)
        else:
            if request:
                yield from invalids(f"{where}.request", request, name_problems(request))
            if key in names or (not request and any(other.startswith(f"{name}/") for other in names)):
                yield duplicate(where, key)
            names.add(key)
        if name not in claims:
            told = f": {', '.join(sorted(claims))}" if claims else " which is empty"
            yield not_found(where, name, f"must be one of the names in pod.spec.resourceClaims{told}")


def _requirements(found: Object, path: str, named: Callable[[str, str], Iterator[str]]) -> Iterator[str]:
    limits, requests = found.get("limits") or {}, found.get("requests") or {}
    for name, value in limits.items():
        yield from _one(name, value, f"{path}.limits[{name}]", named)
    for name, value in requests.items():
        where = f"{path}.requests[{name}]"
        yield from named(name, where)
        yield from quantity_value(name, value, where)
        if name in limits:
            if amount(value) != amount(limits[name]) and not _shared(name):
                yield invalid(f"{path}.requests", str(value), f"must be equal to {name} limit of {limits[name]}")
            elif amount(value) > amount(limits[name]):
                told = f"must be less than or equal to {name} limit of {limits[name]}"
                yield invalid(f"{path}.requests", str(value), told)
        elif not _shared(name):
            yield required(f"{path}.limits", "Limit must be set for non overcommitable resources")
        yield from _whole_pages(name, value, where)
    names = {*limits, *requests}
    if not names & {"cpu", "memory"} and any(name.startswith("hugepages-") for name in names):
        yield forbidden(path, "HugePages require cpu or memory")


def _one(name: str, value: object, where: str, named: Callable[[str, str], Iterator[str]]) -> Iterator[str]:
    yield from named(name, where)
    yield from quantity_value(name, value, where)
    yield from _whole_pages(name, value, where)


def _whole_pages(name: str, value: object, path: str) -> Iterator[str]:
    if name.startswith("hugepages-"):
        size = amount(name.removeprefix("hugepages-"))
        if size <= 0 or amount(value) % size:
            yield invalid(path, str(value), f"{value} is not positive integer multiple of {name}")


def overhead(found: Object, path: str) -> Iterator[str]:
    """Yield the errors in what a pod needs besides its containers."""
    return _requirements({"limits": found}, path, container_resource)


def _pod_resource(name: str, path: str) -> Iterator[str]:
    problems = list(resource_name(name, path))
    yield from problems
    if not problems and name not in {"cpu", "memory"} and not name.startswith("hugepages-"):
        yield unsupported(path, name, ("cpu", "memory"))


def pod_requirements(spec: Object, path: str) -> Iterator[str]:
    """Yield the errors in a pod's own resources, which its containers share."""
    found, where = spec.get("resources"), f"{path}.resources"
    if found is None:
        return
    if (spec.get("os") or {}).get("name") == "windows":
        yield forbidden(where, "may not be set for a windows pod")
        return
    if found.get("claims"):
        yield forbidden(f"{where}.claims", "claims may not be set for Resources at pod-level")
    yield from _requirements(found, where, _pod_resource)
    own = [each.get("resources") or {} for each in spec.get("containers") or []]
    for name, value in (found.get("requests") or {}).items():
        total = sum((amount((each.get("requests") or {}).get(name, 0)) for each in own), Decimal(0))
        if total > amount(value):
            shown = f"{total.normalize():f}"
            told = f"must be greater than or equal to aggregate container requests of {shown}"
            yield invalid(f"{where}.requests[{name}]", str(value), told)
    limits = found.get("limits") or {}
    for index, each in enumerate(own):
        for name, value in (each.get("limits") or {}).items():
            if name in limits and amount(value) > amount(limits[name]):
                told = f"must be less than or equal to pod limits of {limits[name]}"
                yield invalid(f"{where}.containers[{index}][{name}].limits", str(value), told)
