"""Endpoints and EndpointSlices: the ready pods behind each Service."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import (
    Object,
    clone,
    dig,
    labels,
    meta,
    name_of,
    namespace_of,
    owner_reference,
    random_name,
    stamp,
    uid,
)
from lab.cluster.sim.control.common import active, ready, update

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["reconcile", "resolve_port"]


def reconcile(plane: ControlPlane, backoff: "Backoff", seen: dict[str, str], now: float) -> None:
    """Write the addresses of each Service that selects pods."""
    del backoff, seen
    wanted = set()
    for service in plane.store.list(KIND["Service"]):
        selector = dig(service, "spec", "selector")
        if not selector:
            continue
        wanted.add((namespace_of(service), name_of(service)))
        pods = [
            pod
            for pod in plane.store.list(KIND["Pod"], namespace_of(service))
            if active(pod) and dig(pod, "status", "podIP") and selector.items() <= labels(pod).items()
        ]
        _endpoints(plane, service, pods, now)
        _slice(plane, service, pods, now)
    for item in plane.store.list(KIND["Endpoints"]):
        key = (namespace_of(item), name_of(item))
        if key not in wanted and key != ("default", "kubernetes"):
            plane.attempt(lambda item=item: plane.store.delete(KIND["Endpoints"], *_id(item)))  # type: ignore[misc]


def _id(item: Object) -> tuple[str, str]:
    return namespace_of(item), name_of(item)


def resolve_port(port: Object, pod: Object) -> int | None:
    """Return the number of a Service's target port in `pod`, which may be named there."""
    target: str | int = port.get("targetPort") or port["port"]
    if isinstance(target, int):
        return target
    for container in dig(pod, "spec", "containers", default=[]):
        for candidate in container.get("ports") or []:
            if candidate.get("name") == target:
                return int(candidate["containerPort"])
    return int(target) if str(target).isdigit() else None


def _target(pod: Object) -> Object:
    return {"kind": "Pod", "name": name_of(pod), "namespace": namespace_of(pod), "uid": meta(pod)["uid"]}


def _ports(service: Object, pods: list[Object]) -> list[Object]:
    found = []
    for port in dig(service, "spec", "ports", default=[]):
        number = resolve_port(port, pods[0])
        if number is not None:
            entry = {"port": number, "protocol": port["protocol"]}
            found.append({"name": port["name"], **entry} if port.get("name") else entry)
    return found


def _endpoints(plane: ControlPlane, service: Object, pods: list[Object], now: float) -> None:
    ordered = sorted(pods, key=lambda pod: str(dig(pod, "status", "podIP")))
    subset: Object = {}
    for part, members in (
        ("addresses", [pod for pod in ordered if ready(pod)]),
        ("notReadyAddresses", [pod for pod in ordered if not ready(pod)]),
    ):
        if members:
            subset[part] = [
                {
                    "ip": dig(pod, "status", "podIP"),
                    "nodeName": dig(pod, "spec", "nodeName"),
                    "targetRef": _target(pod),
                }
                for pod in members
            ]
    if subset:
        subset["ports"] = sorted(_ports(service, ordered), key=lambda port: str(port.get("name", "")))
    old = plane.store.get(KIND["Endpoints"], *_id(service))
    if old is None:
        item: Object = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {
                "name": name_of(service),
                "namespace": namespace_of(service),
                "uid": uid(),
                "creationTimestamp": stamp(now),
                "labels": {**labels(service), "endpoints.kubernetes.io/managed-by": "endpoint-controller"},
            },
        }
        if subset:
            item["subsets"] = [subset]
        plane.attempt(lambda: plane.store.create(KIND["Endpoints"], item))
        return
    changed = clone(old)
    changed.pop("subsets", None)
    if subset:
        changed["subsets"] = [subset]
    if changed != old:
        update(plane, changed)


_TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"


def _first_number(port: Object) -> int:
    return -int(port["port"])


def _slice(plane: ControlPlane, service: Object, pods: list[Object], now: float) -> None:
    name_label = "kubernetes.io/service-name"
    endpoints = [
        {
            "addresses": [dig(pod, "status", "podIP")],
            "conditions": {"ready": ready(pod), "serving": ready(pod), "terminating": False},
            "nodeName": dig(pod, "spec", "nodeName"),
            "targetRef": _target(pod),
        }
        for pod in pods
    ]
    ports = sorted(({"name": "", **port} for port in _ports(service, pods)), key=_first_number) if pods else None
    found = [
        item
        for item in plane.store.list(KIND["EndpointSlice"], namespace_of(service))
        if labels(item).get(name_label) == name_of(service)
    ]
    if found:
        changed = clone(found[0])
        changed["endpoints"], changed["ports"] = endpoints, ports
        if changed != found[0]:
            meta(changed).setdefault("annotations", {})[_TRIGGER] = stamp(now)
            update(plane, changed)
        return
    item: Object = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "addressType": "IPv4",
        "metadata": {
            "name": f"{name_of(service)}-{random_name()}",
            "generateName": f"{name_of(service)}-",
            "namespace": namespace_of(service),
            "uid": uid(),
            "creationTimestamp": stamp(now),
            "generation": 1,
            "labels": {
                **labels(service),
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                name_label: name_of(service),
            },
            "ownerReferences": [{**owner_reference(service), "apiVersion": "v1"}],
        },
        "endpoints": endpoints,
        "ports": ports,
    }
    plane.attempt(lambda: plane.store.create(KIND["EndpointSlice"], item))
