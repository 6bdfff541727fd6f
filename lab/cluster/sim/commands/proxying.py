"""Proxies of the API server: a request that it passes to a pod, a Service's endpoint, or a node's kubelet.

The paths are `.../pods/[SCHEME:]NAME[:PORT]/proxy/REST`, and the same for services and nodes.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic_core import to_json

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, meta
from lab.cluster.sim.api.requests import Target
from lab.cluster.sim.commands.pages import Page, page
from lab.cluster.sim.network.flows import Source
from lab.cluster.sim.world.world import World

__all__ = ["DIAL", "Passed", "proxied"]

#: Seconds in which an address must answer the API server's connection.
DIAL = 30.0
_KUBELET = 10250
_HTTP = {"http": 80, "": 80, "https": 443}
_HTTP_TO_TLS = "Client sent an HTTP request to an HTTPS server.\n"
_TLS_TO_HTTP = "http: server gave HTTP response to HTTPS client"
#: What a kubelet has besides.
_OTHERS = (
    "/configz", "/metrics", "/stats", "/logs", "/runningpods", "/containerLogs", "/exec", "/run", "/attach",
    "/portForward", "/debug", "/checkpoint",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passed:
    """The answer of the program behind a proxy, or a refusal, which comes after `wait` seconds."""

    answer: Page | ApiError
    wait: float = 0.0


def proxied(world: World, target: Target, method: str, path: str) -> Passed:
    """Pass a request with a path (and query) as it was asked; raise `ApiError` if there is nowhere to pass it."""
    parts = urlsplit(path)
    rest = parts.path.partition("/proxy")[2]
    query = f"?{parts.query}" if parts.query else ""
    scheme, address, port = _place(world, target)
    if not rest and method in {"GET", "HEAD"}:
        return Passed(Page(301, headers={"Location": f"{parts.path}/{query}"}))
    if target.kind.kind == "Node" and port == _KUBELET:
        return _kubelet(world, target, rest)
    source = Source(world.control_plane)
    verdict = world.network.connect(source, address, port)
    if verdict.listener is None:
        return _unreached(verdict.kind, address, port)
    listener = verdict.listener
    if listener.tls and scheme == "https":
        raise ApiError(501, "NotImplemented", f"not simulated: a proxy to {listener.kind} (use --backend kind)")
    if scheme == "https":
        return Passed(_unavailable(f"error trying to reach service: {_TLS_TO_HTTP}"))
    if listener.tls:
        return Passed(Page(400, _HTTP_TO_TLS))
    return Passed(page(world, world.control_plane.ip, listener, f"{rest}{query}"))


def _place(world: World, target: Target) -> tuple[str, str, int]:
    """Return the scheme, the address and the port that a proxy's name means; raise `ApiError`."""
    kind = target.kind.kind
    words = target.name.split(":")
    scheme, name, port = {1: ["", *words, ""], 2: ["", *words], 3: words}.get(len(words), ["", "", ""])
    if not name or scheme not in _HTTP:
        raise ApiError.bad_request(f'invalid {kind.lower()} request "{target.name}"')
    if kind == "Service":
        return (scheme, *_endpoint(world, target, name, port))
    item = world.plane.store.get(KIND[kind], target.namespace, name)
    if item is None:
        raise ApiError.not_found(KIND[kind], name)
    if kind == "Node":
        return scheme, world.nodes[name].ip, _number(port or str(_KUBELET))
    if not port:
        declared = [each for one in item["spec"]["containers"] for each in one.get("ports") or []]
        port = str(declared[0]["containerPort"] if declared else _HTTP[scheme])
    address = dig(item, "status", "podIP", default="")
    if not address:
        raise ApiError.bad_request("address not allowed")
    return scheme, address, _number(port)


def _number(port: str) -> int:
    if port.isdigit() and len(port) < 6 and int(port) < 65536:
        return int(port)
    problem = "unknown port" if not port.isdigit() else "invalid port"
    raise _unavailable(f"error trying to reach service: dial tcp: lookup tcp/{port}: {problem}")


def _endpoint(world: World, target: Target, name: str, port: str) -> tuple[str, int]:
    store = world.plane.store
    if port.isdigit():
        service = store.get(KIND["Service"], target.namespace, name)
        if service is None:
            raise ApiError.not_found(KIND["Service"], name)
        found = [each for each in service["spec"].get("ports") or [] if each["port"] == int(port)]
        if not found:
            raise _unavailable(f'no service port {int(port)} found for service "{name}"')
        port = found[0].get("name", "")
    endpoints = store.get(KIND["Endpoints"], target.namespace, name)
    if endpoints is None:
        raise ApiError.not_found(KIND["Endpoints"], name)
    subsets: list[Object] = endpoints.get("subsets") or []
    for subset in subsets:
        addresses = [each for each in subset.get("addresses") or [] if each.get("targetRef")]
        for entry in subset.get("ports") or []:
            if addresses and entry.get("name", "") == port:
                # The real one takes any of them by chance.
                return world.chance.choice(addresses)["ip"], entry["port"]
    raise _unavailable(f'no endpoints available for service "{target.name if subsets else name}"')


def _unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message)


def _unreached(how: str, address: str, port: int) -> Passed:
    why = {"refused": "connect: connection refused", "unreachable": "connect: no route to host"}.get(
        how, "i/o timeout"
    )
    error = _unavailable(f"error trying to reach service: dial tcp {address}:{port}: {why}")
    return Passed(error, DIAL if how == "silent" else 0.0)


def _kubelet(world: World, target: Target, path: str) -> Passed:
    """Return what a kubelet answers to the API server."""
    node = world.nodes[target.name.split(":")[-2 if target.name.count(":") == 2 else 0]]
    verdict = world.network.connect(Source(world.control_plane), node.ip, _KUBELET)
    if not verdict.open:
        return _unreached(verdict.kind, node.ip, _KUBELET)
    if path in {"/healthz", "/healthz/ping"}:
        return Passed(Page(200, "ok"))
    if path.rstrip("/") == "/pods":
        pods = [
            {key: value for key, value in pod.items() if key not in {"kind", "apiVersion"}}
            for pod in world.plane.store.list(KIND["Pod"])
            if dig(pod, "spec", "nodeName") == node.name and meta(pod)
        ]
        listed = {"kind": "PodList", "apiVersion": "v1", "metadata": {}, "items": pods}
        return Passed(Page(200, to_json(listed).decode() + "\n", {"Content-Type": "application/json"}))
    if path.startswith(_OTHERS):
        raise ApiError(501, "NotImplemented", f"not simulated: {path} of a kubelet (use --backend kind)")
    return Passed(Page(404, "404 page not found\n"))
