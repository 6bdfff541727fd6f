"""Answers to requests over HTTPS, by the cluster's own API server. All of this runs on the simulator's loop."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import yaml

from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.api.rbac import refusal
from lab.cluster.sim.api.requests import Request, Response, Target, access_denied, asked_for, parse, without_kinds
from lab.cluster.sim.api.selectors import check_selectors
from lab.cluster.sim.commands.proxying import Passed, proxied
from lab.cluster.sim.https import protobuf
from lab.cluster.sim.https.asked import JSON, Answer, Asked
from lab.cluster.sim.https.attaching import Attachment, attached
from lab.cluster.sim.https.changes import ChangeLog
from lab.cluster.sim.https.executing import Execution
from lab.cluster.sim.https.forwarding import Forwarder
from lab.cluster.sim.https.logs import Log
from lab.cluster.sim.https.pages import page, partial, shown_table
from lab.cluster.sim.https.pods import container_of
from lab.cluster.sim.https.publishing import AGGREGATED, aggregated, openapi, openapi_index
from lab.cluster.sim.https.reviews import ENTERING, NOT_SIMULATED, reviewed
from lab.cluster.sim.https.swagger import swagger
from lab.cluster.sim.https.watching import Watch
from lab.cluster.sim.plane.control_plane import ApiState
from lab.cluster.sim.world.world import World

__all__ = ["Api"]

_HEALTH = ("/livez", "/readyz", "/healthz")
_DELETION = ("gracePeriodSeconds", "propagationPolicy")
_TYPES = {"application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
          "application/apply-patch+yaml"}  # fmt: skip


class Api:
    """The API of the present world, which `world` returns; after a change of worlds, watches begin again."""

    def __init__(self, world: Callable[[], World]) -> None:
        self._world = world
        self._log: ChangeLog | None = None

    def begin(self) -> None:
        """Keep changes from now on."""
        self._changes()

    def close(self) -> None:
        """Let the world go."""
        if self._log is not None:
            self._log.close()

    def state(self) -> tuple[ApiState, str, bool]:
        """Return the API server's state, the id of its process, and whether the cluster is paused."""
        world = self._world()
        world.clock.catch_up()
        return world.plane.api_state(), world.plane.process("kube-apiserver"), world.clock.held

    def answer(self, asked: Asked) -> Answer:
        """Answer a request that is no stream."""
        world = self._world()
        world.clock.catch_up()
        try:
            self._require_no_upgrade(asked)
            found = self._published(asked) or self._answered(world, asked)
        except ApiError as error:
            found = Answer.of(error.code, error.status())
        if asked.method not in {"GET", "HEAD"}:
            world.handled = True
            world.poke()
        return found

    def watch(self, asked: Asked, send: Callable[[bytes], None]) -> Watch:
        """Begin a watch; raise `ApiError` if it is refused."""
        world = self._world()
        target = self._permitted(world, asked, "watch")
        watch = Watch(self._changes(), target, asked, send, world.now)
        watch.begin()
        return watch

    def log(self, asked: Asked) -> Log:
        """Return the log that is asked for; raise `ApiError` if it is refused."""
        world = self._world()
        target = self._permitted(world, asked, "get")
        pod = world.plane.store.get(KIND["Pod"], target.namespace, target.name)
        if pod is None:
            raise ApiError.not_found(KIND["Pod"], target.name)
        return Log.of(world, pod, asked.query)

    def program(self, asked: Asked, words: list[str]) -> Execution | Attachment:
        """Return the program of an exec or attach, which has not begun; raise `ApiError` if it is refused."""
        world = self._world()
        target, pod = self._entered(world, asked)
        found = container_of(world, pod, asked.query.get("container", ""))
        tty, stdin = asked.on("tty"), asked.on("stdin")
        if target.sub == "attach":
            return attached(world, found, tty=tty, stdin=stdin)
        return Execution(world, found, words, tty=tty, stdin=stdin)

    def forwarder(self, asked: Asked) -> Forwarder:
        """Return what connects to a pod's ports; raise `ApiError` if it is refused."""
        world = self._world()
        _, pod = self._entered(world, asked)
        return Forwarder(world, container_of(world, pod, pod["spec"]["containers"][0]["name"]))

    def passed(self, asked: Asked, target: Target) -> Passed:
        """Pass a request on to what is behind a proxy; raise `ApiError` if it is refused."""
        world = self._world()
        world.clock.catch_up()
        verb = {"GET": "get", "HEAD": "get", "POST": "create", "PUT": "update"}.get(
            asked.method, asked.method.lower()
        )
        self._permitted(world, asked, verb)
        query = urlencode(asked.query)
        return proxied(world, target, asked.method, f"{asked.path}?{query}" if query else asked.path)

    def _entered(self, world: World, asked: Asked) -> tuple[Target, Object]:
        """Return the target and the pod of a request that enters a pod."""
        target = parse(asked.path)
        if target is None or target.kind.kind != "Pod" or target.sub not in ENTERING:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        self._permitted(world, asked, "create")
        pod = world.plane.store.get(KIND["Pod"], target.namespace, target.name)
        if pod is None:
            raise ApiError.not_found(KIND["Pod"], target.name)
        return target, pod

    def _require_no_upgrade(self, asked: Asked) -> None:
        """Refuse what has to come by a websocket: kubectl tries again without one, and shows this answer."""
        target = parse(asked.path) if "/pods/" in asked.path else None
        if target is None or target.sub not in ENTERING:
            return
        if target.sub == "portforward":
            self.forwarder(asked)
        else:
            self.program(asked, [asked.query["command"]] if "command" in asked.query else [])
        if "upgrade" in asked.headers:
            raise ApiError(
                501, "NotImplemented", "not simulated: SPDY without a websocket (kubectl has them since 1.31)"
            )
        raise ApiError.bad_request("Upgrade request required")

    def _changes(self) -> ChangeLog:
        store = self._world().plane.store
        if self._log is None or self._log.store is not store:
            if self._log is not None:
                self._log.close()
            self._log = ChangeLog(store)
        return self._log

    @staticmethod
    def _permitted(world: World, asked: Asked, verb: str) -> Target:
        target = parse(asked.path)
        if target is None:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        wanted = (target.kind, target.name, target.namespace, verb, target.sub)
        if refused := _refused(world, asked, wanted):
            raise refused
        return target

    @staticmethod
    def _published(asked: Asked) -> Answer | None:
        """Answer questions about the API itself that only clients outside of the cluster ask."""
        path = asked.path.rstrip("/")
        if asked.method != "GET":
            return None
        if (
            path in {"/api", "/apis"}
            and asked.accepts("APIGroupDiscoveryList")
            and "v=v2;" in asked.headers["accept"]
        ):
            found = Answer.of(200, aggregated(core=path == "/api"))
            found.media = AGGREGATED
            return found
        if path == "/openapi/v2":
            if "protobuf" in (accept := asked.headers.get("accept", "")) and "json" not in accept:
                raise ApiError(406, "NotAcceptable", "not simulated: OpenAPI v2 as protobuf (use --backend kind)")
            return Answer(200, swagger())
        if path == "/openapi/v3":
            return Answer.of(200, openapi_index())
        if path.startswith("/openapi/v3/"):
            try:
                return Answer(200, openapi(path.removeprefix("/openapi/v3/")))
            except KeyError:
                raise ApiError(404, "NotFound", "the server could not find the requested resource") from None
        return None

    @staticmethod
    def _answered(world: World, asked: Asked) -> Answer:
        request = _request(asked)
        target = parse(asked.path)
        if refused := _refused(world, asked, asked_for(request)):
            return Answer.of(refused.code, refused.status())
        if target is not None and not target.name:
            check_selectors(
                target.kind, request.query.get("labelSelector", ""), request.query.get("fieldSelector", "")
            )
        if target is not None and target.sub in NOT_SIMULATED:
            raise ApiError(501, "NotImplemented", f"not simulated: {target.sub} for clients (use --backend kind)")
        if target is not None and asked.method == "POST" and isinstance(request.body, dict):
            review = reviewed(world, asked, target, request.body)
            if review is not None:
                return Answer.of(201, review)
        response = world.plane.api.handle(request)
        return Answer.of(response.code, _formed(world, asked, response), response.warnings)


def _refused(world: World, asked: Asked, wanted: tuple[Any, str, str, str, str] | None) -> ApiError | None:
    """Return RBAC's refusal, or None."""
    if wanted is None or world.plane.api.open_to_all:
        return None
    if world.plane.api_state() == "warming":
        kind, name, namespace, verb, sub = wanted
        return access_denied(kind, name, namespace, asked.user, verb, sub)
    return refusal(world.plane.store, asked.user, asked.groups, wanted)


def _request(asked: Asked) -> Request:
    """Return the request as the API server takes it; raise `ApiError` if its body can't be read."""
    media = asked.headers.get("content-type", JSON).partition(";")[0].strip()
    query = {key: value for key, value in asked.query.items() if key not in {"limit", "continue", "timeout"}}
    body = None
    if asked.body:
        if media not in {JSON, "application/yaml", protobuf.MEDIA, *_TYPES}:
            message = f"the body of the request was in an unknown format - accepted media types include: {JSON}"
            raise ApiError(415, "UnsupportedMediaType", message)
        try:
            if media == protobuf.MEDIA:
                body = protobuf.decoded(asked.body)
            else:
                body = load(asked.body.decode()) if "yaml" in media else json.loads(asked.body)
        except (ValueError, yaml.YAMLError) as error:
            raise ApiError.bad_request(f"error decoding the body: {error}") from None
    if asked.method == "DELETE":
        body = {**{key: query[key] for key in _DELETION if key in query}, **(body or {})}
    path = asked.path
    if path.startswith(_HEALTH) and query:
        path = f"{path}?{urlencode(query)}"
    return Request(
        asked.method, path, query, body, asked.user, media if media in _TYPES else JSON, asked.accepts("Table")
    )


def _formed(world: World, asked: Asked, response: Response) -> Any:  # noqa: ANN401 -- JSON
    """Return the body in the form that the client takes: a page, a table, or metadata alone."""
    body = response.body
    if not isinstance(body, dict) or not response.ok:
        return body
    if asked.method == "GET":
        body = page(body, asked.query.get("limit", ""), asked.query.get("continue", ""))
    if body.get("kind") == "Table":
        revision = (body.get("metadata") or {}).get("resourceVersion") or world.plane.store.revision()
        kept = (body.get("metadata") or {}).items()
        body = shown_table(body, asked.query.get("includeObject", ""), revision)
        body["metadata"] = {**dict(kept), "resourceVersion": revision}
    elif asked.accepts("PartialObjectMetadataList") or asked.accepts("PartialObjectMetadata"):
        body = partial(body)
    return without_kinds(body)
