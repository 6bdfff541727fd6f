"""The HTTP answers of the listeners of the simulated network."""

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import yaml

from lab.cluster.sim.api.apiserver import ADMIN, ANONYMOUS, Request, Response, asked_for, needs_etcd
from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.etcd import Etcd
from lab.cluster.sim.api.rbac import refusal
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.server_certificates import client_of
from lab.cluster.sim.network.flows import Verdict
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.reading import certificates
from lab.cluster.sim.text.json_text import indented
from lab.cluster.sim.text.times import iso

__all__ = ["Page", "answer", "metrics"]


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


_REFUSAL = {key: value for key, value in ApiError(401, "Unauthorized", "Unauthorized").status().items() if value}
_UNAUTHORIZED = Page(401, indented(_REFUSAL), {"Content-Type": "application/json"})


async def answer(  # noqa: PLR0917 -- the parts of one call
    call: Call, flags: Flags, verdict: Verdict, method: str, path: str, data: str, limit: float
) -> Page | None:  # fmt: skip
    """Return the listener's answer; None if there is none within `limit` seconds."""
    listener = verdict.listener
    if listener is None:
        return Page(0)
    if listener.kind == "apiserver":
        return await _apiserver(call, flags, listener, method, path, data, limit)
    if listener.kind == "etcd-metrics":
        return _etcd(call, path)
    if listener.kind == "agnhost":
        return _agnhost(call, listener, verdict, path)
    if listener.tls and not urlsplit("https://x").scheme:
        return Page(400, "Client sent an HTTP request to an HTTPS server.\n")
    return _plain(listener, path)


def _plain(listener: Listener, path: str) -> Page:
    if listener.kind in {"healthz", "kubelet-healthz"} and path.startswith(
        ("/healthz", "/livez", "/readyz", "/health", "/ready")
    ):
        return Page(200, "OK" if path == "/ready" else "ok")
    if listener.kind == "kubelet":
        return Page(401, "Unauthorized")
    if listener.kind == "etcd":
        return Page(404, "404 page not found\n")
    return Page(404, "404 page not found\n")


async def _apiserver(  # noqa: C901, PLR0917 -- the parts of one call
    call: Call, flags: Flags, listener: Listener, method: str, path: str, data: str, limit: float
) -> Page | None:  # fmt: skip
    world = call.world
    waited = 0.0
    health = path.startswith(("/livez", "/readyz", "/healthz"))
    while world.plane.api_state() == "hangs" and not health and needs_etcd(path):
        if waited >= min(limit, 60.0):
            return None if limit < 60 else Page(504, "", {})
        await call.sleep(0.5)
        waited += 0.5
    if health and world.plane.api_state() == "hangs":
        return Page(500, "[+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\nlivez check failed\n")
    body = None
    if data:
        try:
            body = load(data)
        except yaml.YAMLError:
            return Page(400, "")
    parts = urlsplit(path)
    where = path if health else parts.path
    types = [h.partition(":")[2].strip() for h in flags.all("header") if h.lower().startswith("content-type")]
    client = _client(call, flags, listener)
    if client is None:
        return _UNAUTHORIZED
    user, groups = client
    request = Request(method, where, dict(parse_qsl(parts.query)), body, user=user)
    if types:
        request.content_type = types[0]
    who = request.user
    if world.plane.api_state() == "warming" and where.startswith("/api"):
        # RBAC's caches are empty, so no client has any rights.
        request.user = ANONYMOUS
    response = _forbidden(call, request, groups) or world.plane.api.handle(request)
    if isinstance(response.body, str):
        return Page(response.code, response.body, {"Content-Type": "text/plain; charset=utf-8"})
    text = indented(response.body)
    if response.code == HTTPStatus.FORBIDDEN:
        text = text.replace(ANONYMOUS, who)
    return Page(response.code, text, {"Content-Type": "application/json"})


def _forbidden(call: Call, request: Request, groups: list[str]) -> Response | None:
    """Return the refusal of a user who has not the right; administrators and strangers are judged later."""
    asked = asked_for(request) if request.user not in {ADMIN, ANONYMOUS} else None
    if asked is None or call.plane.api.open_to_all:
        return None
    error = refusal(call.plane.store, request.user, groups, asked)
    return Response(error.code, error.status()) if error else None


def _client(call: Call, flags: Flags, listener: Listener) -> tuple[str, list[str]] | None:
    """Return the user and the groups of a client certificate; None if the server does not accept it."""
    path = flags.get("cert")
    text = call.files.get(call.path(path)) if path else ""
    return client_of(text, listener, call.now()) if certificates(text) else (ANONYMOUS, [])


def _etcd(call: Call, path: str) -> Page:
    etcd = call.plane.etcd
    if path.startswith("/health"):
        if etcd.alarm:
            return Page(503, '{"health":"false","reason":"ALARM NOSPACE"}\n')
        return Page(200, '{"health":"true","reason":""}')
    if path.startswith(("/livez", "/readyz")):
        return Page(200, "ok\n")
    if path == "/metrics":
        return Page(200, metrics(etcd))
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


def metrics(etcd: Etcd) -> str:
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


def _agnhost(call: Call, listener: Listener, verdict: Verdict, path: str) -> Page:
    del verdict
    sandbox = listener.sandbox
    host = sandbox.name if sandbox else ""
    known = tuple(
        f"/{name}" for name in ("hostname", "hostName", "healthz", "clientip", "echo", "dial", "shell", "exit")
    )
    if not path.startswith(known):
        monotonic = call.now() - (listener.container.started if listener.container else 0.0)
        stamp = iso(call.now()).replace("T", " ").replace("Z", " +0000 UTC")
        return Page(200, f"NOW: {stamp} m=+{monotonic:.9f}")
    if path.startswith("/hostname"):
        return Page(200, host)
    if path.startswith("/healthz"):
        return Page(200, "")
    if path.startswith("/clientip"):
        source = call.place.source.pod
        return Page(200, f"{source.ip if source else call.node.ip}:41832")
    if path.startswith("/echo"):
        return Page(200, dict(parse_qsl(urlsplit(path).query)).get("msg", ""))
    return Page(404, "404 page not found\n")
