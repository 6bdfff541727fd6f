"""Rules of quotas and limit ranges."""

from collections.abc import Iterator
from decimal import Decimal

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import key_problems
from lab.cluster.sim.api.rules.resources import (
    STANDARD,
    amount,
    container_resource,
    quantity_value,
    resource_name,
)
from lab.cluster.sim.api.rules.wording import duplicate, forbidden, invalid, invalids, required

__all__ = ["ranges", "resource_quota"]

_SCOPES = {"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
           "VolumeAttributesClass", "CrossNamespacePodAffinity"}  # fmt: skip
_EXISTING = _SCOPES - {"PriorityClass", "VolumeAttributesClass"}
_PODS = {"pods", "cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"}
_ONLY_EXISTS = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, "
    "ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)
_PAIRS = ({"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"})
_QUOTA = STANDARD - {"storage"}


def resource_quota(item: Object, old: Object | None) -> Iterator[str]:
    """Yield the errors in a quota."""
    spec = item.get("spec") or {}
    hard, scopes = spec.get("hard") or {}, spec.get("scopes") or []
    for name, value in hard.items():
        where = f"spec.hard[{name}]"
        yield from _quota_name(name, where)
        yield from quantity_value(name, value, where)
    for scope in scopes:
        yield from _scope(scope, hard, "spec.scopes", scopes)
    yield from _conflicts(set(scopes), scopes)
    selector = spec.get("scopeSelector")
    if selector is not None:
        yield from _selector(selector, hard, scopes)
    if old is not None and set((old.get("spec") or {}).get("scopes") or []) != set(scopes):
        yield invalid("spec.scopes", scopes, "field is immutable")


def _quota_name(name: str, path: str) -> Iterator[str]:
    yield from resource_name(name, path)
    if "/" not in name and name not in _QUOTA and not name.startswith(("hugepages-", "requests.hugepages-")):
        yield invalid(path, name, "must be a standard resource for quota")


def _scope(scope: str, hard: Object, path: str, value: object, shown: object = None) -> Iterator[str]:
    if scope not in _SCOPES:
        yield invalid(path, value if shown is None else scope, "unsupported scope")
    fitting = {"BestEffort": {"pods"}, "VolumeAttributesClass": {"persistentvolumeclaims", "requests.storage"}}
    for name in sorted(hard):
        if scope in _SCOPES and name in _QUOTA and name not in fitting.get(scope, _PODS):
            where = path.removesuffix(".scopeName")
            yield invalid(where, value if shown is None else shown, "unsupported scope applied to resource")


def _conflicts(found: set[str], scopes: list[str]) -> Iterator[str]:
    yield from (invalid("spec.scopes", scopes, "conflicting scopes") for pair in _PAIRS if pair <= found)


def _selector(selector: Object, hard: Object, scopes: list[str]) -> Iterator[str]:
    path, found = "spec.scopeSelector.matchExpressions", set()
    terms = selector.get("matchExpressions") or []
    internal = {
        "MatchExpressions": [
            {
                "ScopeName": each.get("scopeName") or "",
                "Operator": each.get("operator") or "",
                "Values": each.get("values"),
            }
            for each in terms
        ]
    }
    for each in terms:
        name, operator, values = each.get("scopeName") or "", each.get("operator") or "", each.get("values") or []
        yield from _scope(name, hard, f"{path}.scopeName", name, internal)
        if name in _EXISTING and operator != "Exists":
            yield invalid(f"{path}.operator", operator, _ONLY_EXISTS)
        if operator in {"In", "NotIn"}:
            if not values:
                told = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
                yield required(f"{path}.values", told)
        elif operator in {"Exists", "DoesNotExist"}:
            if values:
                told = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
                yield invalid(f"{path}.values", values, told)
        else:
            yield invalid(f"{path}.operator", operator, "not a valid selector operator")
        found.add(name)
    yield from _conflicts(found, scopes)


def ranges(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a limit range."""
    kinds: set[str] = set()
    for index, limit in enumerate((item.get("spec") or {}).get("limits") or []):
        where, kind = f"spec.limits[{index}]", limit.get("type") or ""
        problems = key_problems(kind)
        yield from invalids(f"{where}.type", kind, problems)
        if not problems and "/" not in kind and kind not in {"Pod", "Container", "PersistentVolumeClaim"}:
            yield invalid(f"{where}.type", kind, "must be a standard limit type or fully qualified")
        if kind in kinds:
            yield duplicate(f"{where}.type", kind)
        kinds.add(kind)
        yield from _limit(limit, kind, where)


def _stores(limit: Object) -> bool:
    return any("storage" in (limit.get(side) or {}) for side in ("min", "max"))


def _limit(limit: Object, kind: str, path: str) -> Iterator[str]:
    named = container_resource if kind in {"Pod", "Container"} else resource_name
    parts = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]
    for part in parts:
        if kind == "Pod" and part in {"default", "defaultRequest"}:
            if limit.get(part):
                yield forbidden(f"{path}.{part}", "may not be specified when `type` is 'Pod'")
            continue
        if part == "maxLimitRequestRatio" and kind == "PersistentVolumeClaim" and not _stores(limit):
            told = "either minimum or maximum storage value is required, but neither was provided"
            yield required(f"{path}.limits", told)
        for name in limit.get(part) or {}:
            yield from named(name, f"{path}.{part}[{name}]")
    if kind == "Pod":
        parts = [part for part in parts if not part.startswith("default")]
    for name in dict.fromkeys(name for part in parts for name in limit.get(part) or {}):
        yield from _relations(
            {part: limit[part][name] for part in parts if name in (limit.get(part) or {})}, name, path
        )


def _relations(found: Object, name: str, path: str) -> Iterator[str]:
    def above(one: str, other: str) -> bool:
        return one in found and other in found and amount(found[one]) > amount(found[other])

    called = {
        "min": "min value",
        "max": "max value",
        "default": "default value",
        "defaultRequest": "default request value",
    }
    pairs = (("min", "max", "min", "min"), ("min", "defaultRequest", "defaultRequest", "defaultRequest"),
             ("defaultRequest", "max", "defaultRequest", "defaultRequest"),
             ("defaultRequest", "default", "defaultRequest", "defaultRequest"),
             ("min", "default", "default", "min"), ("default", "max", "default", "max"))  # fmt: skip
    for low, high, at, shown in pairs:
        if above(low, high):
            limit = "default limit value" if (low, high) == ("defaultRequest", "default") else called[high]
            told = f"{called[low]} {found[low]} is greater than {limit} {found[high]}"
            yield invalid(f"{path}.{at}[{name}]", str(found[shown]), told)
    ratio = found.get("maxLimitRequestRatio")
    if ratio is None:
        return
    if amount(ratio) < 1:
        yield invalid(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), f"ratio {ratio} is less than 1")
    if "min" in found and "max" in found:
        least = amount(found["min"])
        share = amount(found["max"]) / least if least else Decimal("Infinity")
        if amount(ratio) > share:
            told = f"ratio {ratio} is greater than max/min = {share:f}"
            yield invalid(f"{path}.maxLimitRequestRatio[{name}]", str(ratio), told)
