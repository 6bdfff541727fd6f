"""The pages that listeners of the simulated network serve over HTTP, except those of the API server."""

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.text.times import iso
from lab.cluster.sim.world.world import World

__all__ = ["Page", "page"]


@dataclass(slots=True)
class Page:
    """An HTTP answer."""

    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The words behind the status."""
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return ""


def page(world: World, client: str, listener: Listener, path: str) -> Page:
    """Return what a listener other than the API server answers to a client with the address `client`."""
    if listener.kind == "etcd-metrics":
        return _etcd(world.plane.etcd, path)
    if listener.kind == "agnhost":
        return _agnhost(world, client, listener, path)
    return _plain(listener, path)


def _plain(listener: Listener, path: str) -> Page:
    if listener.kind in {"healthz", "kubelet-healthz"} and path.startswith(
        ("/healthz", "/livez", "/readyz", "/health", "/ready")
    ):
        return Page(200, "OK" if path == "/ready" else "ok")
    if listener.kind == "kubelet":
        return Page(401, "Unauthorized")
    return Page(404, "404 page not found\n")


def _etcd(etcd: Etcd, path: str) -> Page:
    if path.startswith("/health"):
        if etcd.alarm:
            return Page(503, '{"health":"false","reason":"ALARM NOSPACE"}\n')
        return Page(200, '{"health":"true","reason":""}')
    if path.startswith(("/livez", "/readyz")):
        return Page(200, "ok\n")
    if path == "/metrics":
        return Page(200, _metrics(etcd))
    if path == "/version":
        return Page(200, '{"etcdserver":"3.6.16","etcdcluster":"3.6.0","storage":"3.6.0"}')
    return Page(404, "404 page not found\n")


def _number(value: float) -> str:
    """Return a number as Go prints floats: large numbers in scientific notation."""
    if abs(value) < 1e21 and abs(value) < 1e6:
        return f"{value:g}"
    mantissa, _, exponent = f"{value:.16e}".partition("e")
    digits = repr(float(value))
    if "e" not in digits:
        bare = digits.removesuffix(".0")
        mantissa = f"{bare[0]}.{bare[1:].rstrip('0')}".rstrip(".")
    return f"{mantissa}e{int(exponent):+03d}"


def _metrics(etcd: Etcd) -> str:
    """Return those of etcd's metrics that the model has."""
    found = {
        ("etcd_cluster_version", "gauge", '{cluster_version="3.6"}'): 1,
        ("etcd_debugging_mvcc_compact_revision", "gauge", ""): etcd.compacted,
        ("etcd_debugging_mvcc_current_revision", "gauge", ""): etcd.revision,
        ("etcd_debugging_mvcc_keys_total", "gauge", ""): len(etcd.entries),
        ("etcd_debugging_mvcc_total_put_size_in_bytes", "gauge", ""): etcd.put_bytes,
        ("etcd_mvcc_db_total_size_in_bytes", "gauge", ""): etcd.size,
        ("etcd_mvcc_db_total_size_in_use_in_bytes", "gauge", ""): etcd.size_in_use,
        ("etcd_mvcc_put_total", "counter", ""): etcd.puts,
        ("etcd_mvcc_delete_total", "counter", ""): etcd.deletes,
        ("etcd_server_has_leader", "gauge", ""): 1,
        ("etcd_server_is_leader", "gauge", ""): 1,
        ("etcd_server_is_learner", "gauge", ""): 0,
        ("etcd_server_quota_backend_bytes", "gauge", ""): etcd.quota,
        ("etcd_server_version", "gauge", '{server_version="3.6.16"}'): 1,
    }
    lines = []
    for (name, kind, labels), value in found.items():
        lines += [f"# TYPE {name} {kind}", f"{name}{labels} {_number(float(value))}"]
    return "\n".join(lines) + "\n"


def _agnhost(world: World, client: str, listener: Listener, path: str) -> Page:
    sandbox = listener.sandbox
    host = sandbox.name if sandbox else ""
    known = tuple(
        f"/{name}" for name in ("hostname", "hostName", "healthz", "clientip", "echo", "dial", "shell", "exit")
    )
    if not path.startswith(known):
        monotonic = world.now() - (listener.container.started if listener.container else 0.0)
        stamp = iso(world.now()).replace("T", " ").replace("Z", " +0000 UTC")
        return Page(200, f"NOW: {stamp} m=+{monotonic:.9f}")
    if path.startswith("/hostname"):
        return Page(200, host)
    if path.startswith("/healthz"):
        return Page(200, "")
    if path.startswith("/clientip"):
        return Page(200, f"{client}:41832")
    if path.startswith("/echo"):
        return Page(200, dict(parse_qsl(urlsplit(path).query)).get("msg", ""))
    return Page(404, "404 page not found\n")
