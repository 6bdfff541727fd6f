"""Rules of amounts of resources: requests and limits, quotas, ranges."""

import re
from collections.abc import Iterator
from decimal import Decimal

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rules.names import key_problems
from lab.cluster.sim.api.rules.wording import invalid, invalids

__all__ = ["QUANTITY", "amount", "quantity_problem", "ranges", "requirements", "resource_quota"]

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
_STANDARD = {"cpu", "memory", "ephemeral-storage", "storage", "pods", "services", "secrets", "configmaps",
             "replicationcontrollers", "resourcequotas", "persistentvolumeclaims"}  # fmt: skip
_COUNTED = _STANDARD - {"cpu", "memory", "ephemeral-storage", "storage"} | {
    "services.nodeports",
    "services.loadbalancers",
}
_WHOLE = "must be an integer"
_QUALIFIED = "must be a standard resource type or fully qualified"


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


def _name(name: str, path: str, standard: set[str]) -> Iterator[str]:
    problems = key_problems(name)
    yield from invalids(path, name, problems)
    if not problems and "/" not in name and name not in standard and not name.startswith("hugepages-"):
        yield invalid(path, name, _QUALIFIED)


def _sign(value: object, path: str) -> Iterator[str]:
    if amount(value) < 0:
        yield invalid(path, str(value), "must be greater than or equal to 0")


def requirements(found: Object, path: str) -> Iterator[str]:
    """Yield the errors in a container's resources."""
    limits, requests = found.get("limits") or {}, found.get("requests") or {}
    standard = {"cpu", "memory", "ephemeral-storage"}
    for part, amounts in (("limits", limits), ("requests", requests)):
        for name, value in amounts.items():
            where = f"{path}.{part}"
            yield from _name(name, where, _STANDARD)
            if name in _STANDARD - standard:
                yield invalid(where, name, "must be a standard resource for containers")
            yield from _sign(value, f"{where}[{name}]")
            if part == "requests" and name in limits and amount(value) > amount(limits[name]):
                yield invalid(where, str(value), f"must be less than or equal to {name} limit of {limits[name]}")


def resource_quota(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a quota."""
    known = _STANDARD | _COUNTED | {f"{part}.{name}" for part in ("requests", "limits") for name in _STANDARD}
    for name, value in ((item.get("spec") or {}).get("hard") or {}).items():
        where = f"spec.hard[{name}]"
        if not name.startswith("count/"):
            yield from _name(name, where, known)
        yield from _sign(value, where)
        if (name in _COUNTED or name.startswith("count/")) and amount(value) % 1:
            yield invalid(where, str(value), _WHOLE)


def ranges(item: Object, _old: Object | None) -> Iterator[str]:
    """Yield the errors in a limit range."""
    for index, limit in enumerate((item.get("spec") or {}).get("limits") or []):
        where, kind = f"spec.limits[{index}]", limit.get("type") or ""
        problems = key_problems(kind)
        yield from invalids(f"{where}.type", kind, problems)
        if not problems and "/" not in kind and kind not in {"Pod", "Container", "PersistentVolumeClaim"}:
            yield invalid(f"{where}.type", kind, "must be a standard limit type or fully qualified")
        for part in ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio"):
            for name in limit.get(part) or {}:
                yield from _name(name, f"{where}.{part}[{name}]", _STANDARD)
