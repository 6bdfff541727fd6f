"""Scores of nodes for a pod, as the default scheduler computes them.

Plug-ins that score all nodes of these clusters equally are left out: image locality and soft taints.
"""

import math
import re
from collections.abc import Sequence

from lab.cluster.sim.api.objects import Object, dig, labels, matches, meta, name_of, namespace_of
from lab.cluster.sim.plane.client import Client

__all__ = ["scores"]

_HOST = "kubernetes.io/hostname"
_SPREAD_SKEW = 3
_WEIGHT_SPREAD = _WEIGHT_AFFINITY = 2
#: The requests that a container without requests counts with.
_CPU, _MEMORY = 0.1, 200 * 2**20
_UNITS = {"": 1, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def scores(client: Client, pod: Object, nodes: Sequence[Object]) -> dict[str, int]:
    """Return the score of each of `nodes` for `pod`, by name."""
    others = [one for one in client.list("Pod") if dig(one, "spec", "nodeName")]
    names = [name_of(node) for node in nodes]
    affinity = _scaled({name: _affinity(pod, _on(others, name)) for name in names})
    spread = _spread(client, pod, others, names)
    return {
        name_of(node): _WEIGHT_AFFINITY * affinity[name_of(node)]
        + _WEIGHT_SPREAD * spread[name_of(node)]
        + _resources(pod, _on(others, name_of(node)), node)
        for node in nodes
    }


def _on(pods: Sequence[Object], node: str) -> list[Object]:
    return [pod for pod in pods if dig(pod, "spec", "nodeName") == node]


def _scaled(raw: dict[str, float]) -> dict[str, int]:
    least, most = min(raw.values(), default=0), max(raw.values(), default=0)
    return {
        name: int(100 * (value - least) / (most - least)) if most > least else 0 for name, value in raw.items()
    }


def _affinity(pod: Object, there: Sequence[Object]) -> float:
    """Return the sum of preferred affinities between `pod` and the pods `there`, in both directions."""
    return sum(_wish(pod, other) + _wish(other, pod) for other in there)


def _wish(pod: Object, other: Object) -> float:
    total = 0.0
    for kind, sign in (("podAffinity", 1), ("podAntiAffinity", -1)):
        rules = dig(pod, "spec", "affinity", kind, "preferredDuringSchedulingIgnoredDuringExecution") or []
        for rule in rules:
            term = rule["podAffinityTerm"]
            spaces = term.get("namespaces") or [namespace_of(pod)]
            selected = matches(term.get("labelSelector"), labels(other)) and namespace_of(other) in spaces
            if selected and term.get("topologyKey") == _HOST:
                total += sign * float(rule["weight"])
    return total


def _spread(client: Client, pod: Object, others: Sequence[Object], names: Sequence[str]) -> dict[str, int]:
    """Score nodes higher that have fewer pods of the same owner and Services."""
    selectors = _selectors(client, pod)
    if not selectors:
        return dict.fromkeys(names, 0)
    weight = math.log(len(names) + 2)
    raw = {}
    for name in names:
        alike = [
            other
            for other in _on(others, name)
            if namespace_of(other) == namespace_of(pod)
            and "deletionTimestamp" not in meta(other)
            and all(matches(selector, labels(other)) for selector in selectors)
        ]
        raw[name] = round(len(alike) * weight + _SPREAD_SKEW - 1)
    most, least = max(raw.values()), min(raw.values())
    return {name: 100 * (most + least - value) // most if most else 100 for name, value in raw.items()}


def _selectors(client: Client, pod: Object) -> list[Object]:
    """Return the selectors that match `pod`: of its Services and its ReplicaSet."""
    namespace = namespace_of(pod)
    found: list[Object] = [
        {"matchLabels": service["spec"]["selector"]}
        for service in client.list("Service", namespace)
        if dig(service, "spec", "selector") and matches({"matchLabels": service["spec"]["selector"]}, labels(pod))
    ]
    for owner in meta(pod).get("ownerReferences") or []:
        if owner.get("kind") == "ReplicaSet":
            item = client.get("ReplicaSet", namespace, owner["name"])
            found += [item["spec"]["selector"]] if item else []
    return found


def _resources(pod: Object, there: Sequence[Object], node: Object) -> int:
    """Score the free resources of a node with the pod on it, and how evenly they are used."""
    cpu = _amount(dig(node, "status", "allocatable", "cpu", default="1"))
    memory = _amount(dig(node, "status", "allocatable", "memory", default="1Gi"))
    every = [*there, pod]
    counted = [
        sum(_requested(one, name, least) for one in every) for name, least in (("cpu", _CPU), ("memory", _MEMORY))
    ]
    plain = [sum(_requested(one, name, 0.0) for one in every) for name in ("cpu", "memory")]
    empty = sum(
        int(100 * max(whole - used, 0) / whole) for used, whole in zip(counted, (cpu, memory), strict=True)
    ) // 2  # fmt: skip
    shares = [min(used / whole, 1.0) for used, whole in zip(plain, (cpu, memory), strict=True)]
    return empty + int(100 * (1 - abs(shares[0] - shares[1]) / 2))


def _requested(pod: Object, name: str, least: float) -> float:
    return sum(
        _amount(value) if (value := dig(container, "resources", "requests", name)) is not None else least
        for container in pod["spec"]["containers"]
    )


def _amount(text: object) -> float:
    """Return a quantity, as `250m` or `70Mi`, as a number."""
    found = re.fullmatch(r"([\d.]+)(m|k|M|G|Ki|Mi|Gi|Ti)?", str(text))
    return float(found[1]) * _UNITS[found[2] or ""] if found else 0.0
