"""Endpoints and EndpointSlices: the ready pods behind each Service."""

from lab.cluster.sim.api.objects import (
    Object,
    clone,
    dig,
    labels,
    meta,
    name_of,
    namespace_of,
    owner_reference,
    stamp,
)
from lab.cluster.sim.api.pods import is_active, is_ready
from lab.cluster.sim.control.controller import Controller

__all__ = ["EndpointsController"]

_TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"
_SERVICE = "kubernetes.io/service-name"


class EndpointsController(Controller):
    """Writes the endpoints of each Service with a selector."""

    name = "endpoint-controller"
    watched = ("Service", "Pod", "Endpoints", "EndpointSlice")

    def reconcile(self, now: float) -> None:
        """Reconcile every Service."""
        wanted = set()
        for service in self.client.list("Service"):
            selector = dig(service, "spec", "selector")
            if not selector:
                continue
            wanted.add((namespace_of(service), name_of(service)))
            pods = [
                pod
                for pod in self.client.list("Pod", namespace_of(service))
                if is_active(pod) and dig(pod, "status", "podIP") and selector.items() <= labels(pod).items()
            ]
            self._endpoints(service, pods)
            self._slice(service, pods, now)
        for item in self.client.list("Endpoints"):
            key = (namespace_of(item), name_of(item))
            if key not in wanted and key != ("default", "kubernetes"):
                self.client.delete(item)

    def _endpoints(self, service: Object, pods: list[Object]) -> None:
        ordered = sorted(pods, key=lambda pod: str(dig(pod, "status", "podIP")))
        subset: Object = {}
        for part, members in (
            ("addresses", [pod for pod in ordered if is_ready(pod)]),
            ("notReadyAddresses", [pod for pod in ordered if not is_ready(pod)]),
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
        old = self.client.get("Endpoints", namespace_of(service), name_of(service))
        if old is None:
            item: Object = {
                "apiVersion": "v1",
                "kind": "Endpoints",
                "metadata": {
                    "name": name_of(service),
                    "namespace": namespace_of(service),
                    "labels": {**labels(service), "endpoints.kubernetes.io/managed-by": "endpoint-controller"},
                },
            }
            if subset:
                item["subsets"] = [subset]
            self.client.create(item)
            return
        changed = clone(old)
        changed.pop("subsets", None)
        if subset:
            changed["subsets"] = [subset]
        if changed != old:
            self.client.update(changed)

    def _slice(self, service: Object, pods: list[Object], now: float) -> None:
        endpoints = [
            {
                "addresses": [dig(pod, "status", "podIP")],
                "conditions": {"ready": is_ready(pod), "serving": is_ready(pod), "terminating": False},
                "nodeName": dig(pod, "spec", "nodeName"),
                "targetRef": _target(pod),
            }
            for pod in pods
        ]
        ports = (
            sorted(({"name": "", **port} for port in _ports(service, pods)), key=_first_number) if pods else None
        )
        found = [
            item
            for item in self.client.list("EndpointSlice", namespace_of(service))
            if labels(item).get(_SERVICE) == name_of(service)
        ]
        if found:
            changed = clone(found[0])
            changed["endpoints"], changed["ports"] = endpoints, ports
            if changed != found[0]:
                meta(changed).setdefault("annotations", {})[_TRIGGER] = stamp(now)
                self.client.update(changed)
            return
        item: Object = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "addressType": "IPv4",
            "metadata": {
                "generateName": f"{name_of(service)}-",
                "namespace": namespace_of(service),
                "generation": 1,
                "labels": {
                    **labels(service),
                    "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                    _SERVICE: name_of(service),
                },
                "ownerReferences": [{**owner_reference(service), "apiVersion": "v1"}],
            },
            "endpoints": endpoints,
            "ports": ports,
        }
        self.client.create(item)


def _resolve_port(port: Object, pod: Object) -> int | None:
    """Return the number of a Service's target port in `pod`, which may have a name."""
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
        number = _resolve_port(port, pods[0])
        if number is not None:
            entry = {"port": number, "protocol": port["protocol"]}
            found.append({"name": port["name"], **entry} if port.get("name") else entry)
    return found


def _first_number(port: Object) -> int:
    return -int(port["port"])
