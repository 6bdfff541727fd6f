"""The HTTP answers that programs of a node or a pod get: the API server's, and those of all other listeners."""

from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

import yaml

from lab.cluster.sim.api.apiserver import ADMIN, ANONYMOUS, Request, Response, asked_for, needs_etcd
from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.rbac import refusal
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.pages import Page, page
from lab.cluster.sim.commands.server_certificates import client_of
from lab.cluster.sim.network.flows import Verdict
from lab.cluster.sim.network.listeners import Listener
from lab.cluster.sim.pki.reading import certificates
from lab.cluster.sim.text.json_text import indented

__all__ = ["answer"]


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
    pod = call.place.source.pod
    return page(call.world, pod.ip if pod else call.node.ip, listener, path)


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
