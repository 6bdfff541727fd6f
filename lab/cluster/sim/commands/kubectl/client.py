"""kubectl's connection: all outcomes of a request, from a refused connection to an answer."""

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import to_json

from lab.cluster.sim.api.apiserver import ADMIN, ANONYMOUS, Request, Response, access_denied, asked_for, needs_etcd
from lab.cluster.sim.api.documents import load
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind
from lab.cluster.sim.api.objects import Object, clone, meta
from lab.cluster.sim.api.patching import patched
from lab.cluster.sim.api.rbac import bound, path_refusal, refusal
from lab.cluster.sim.api.requests import Target, parse, without_kinds
from lab.cluster.sim.bash.running.call import Call, Exit, NotSimulated
from lab.cluster.sim.commands.flags import Flags
from lab.cluster.sim.commands.kubectl.signing_in import check_server, settings_of, user_of
from lab.cluster.sim.commands.proxying import proxied
from lab.cluster.sim.network.flows import Verdict
from lab.cluster.sim.timing.durations import parse_duration

__all__ = ["ApiFailure", "Client", "path_of"]

_HANG = 60.0
_HANG_WRITING = 34.0
#: Seconds that kubectl waits for a server that accepts the connection and stays silent, and its message then.
_HANDSHAKE = 10.0
_UNSHAKEN, _UNSERVED = "net/http: TLS handshake timeout", "context deadline exceeded"
_TOO_LONG = (
    "Error from server (Timeout): Timeout: request did not complete within requested timeout - "
    "context deadline exceeded"
)
_UNABLE = (
    "Error from server (Timeout): the server was unable to return a response in the time allotted, "
    "but may still be processing the request{what}"
)
#: The answers to reads, in the order in which a real cluster was seen to give them.
_HANG_TEXTS = (
    *(_UNABLE,) * 4,
    "Unable to connect to the server: stream error: stream ID 1; INTERNAL_ERROR; received from peer",
)


class ApiFailure(Exception):  # noqa: N818 -- not always an error of the program
    """The API server refused a request."""

    def __init__(self, status: Object) -> None:
        super().__init__(str(status.get("message", "")))
        self.status = status

    @property
    def message(self) -> str:
        """The server's message."""
        return str(self.status.get("message", ""))

    @property
    def code(self) -> int:
        """The HTTP status."""
        return int(self.status.get("code", 500))

    def told(self, doing: str = "") -> str:
        """Return the message as kubectl prints it."""
        reason = self.status.get("reason")
        if reason == "Invalid":
            # Without the group: messages about invalid objects name only the kind.
            causes = (self.status.get("details") or {}).get("causes") or []
            if len(causes) > 1:
                told = "".join(f"\n* {cause['field']}: {cause['message']}" for cause in causes)
                whole = re.compile(r'^(\w+)(?:\.[\w.]+)? ("[^"]*" is invalid: ).*', re.DOTALL)
                return whole.sub(r"The \1 \2", self.message) + told
            if " is invalid: " not in self.message:
                return f"The request is invalid: {self.message}"
            said = re.sub(r'^(\w+)\.[\w.]+ "', r'\1 "', self.message)
            # The result of a patch has neither kind nor name.
            return f"The {said}" if not said.startswith(' ""') else f"The request{said[3:]}"
        said = f"{doing}: {self.message}" if doing else self.message
        return f"Error from server ({reason}): {said}" if reason else f"Error from server: {said}"


@functools.lru_cache(maxsize=8)
def _namespace_in(text: str) -> str:
    """Return the namespace of the current context of the kubeconfig `text`, or an empty string."""
    if "namespace:" not in text:
        return ""
    data = load(text)
    contexts = [
        entry["context"] for entry in data.get("contexts") or [] if entry["name"] == data.get("current-context")
    ]
    return str(contexts[0].get("namespace") or "") if contexts else ""


def path_of(kind: Kind, namespace: str, name: str = "", sub: str = "") -> str:
    """Return the path of an object, or of all objects of a kind."""
    inside = f"/namespaces/{namespace}" if kind.namespaced and namespace else ""
    return f"{kind.root}{inside}/{kind.plural}" + (f"/{name}" if name else "") + (f"/{sub}" if sub else "")


#: What kubectl makes of an error page behind a proxy: of a 404, and of others.
_PAGES = {
    True: ApiError(404, "NotFound", "the server could not find the requested resource"),
    False: ApiError.bad_request("the server rejected our request for an unknown reason"),
}


@dataclass(slots=True)
class Client:
    """One kubectl process and its connection to the API server."""

    call: Call
    flags: Flags
    what: str = ""
    #: The user and the groups, once they are known.
    signed_in: tuple[str, list[str]] | None = None

    @property
    def namespace(self) -> str:
        """The namespace: as requested, or from the kubeconfig's current context."""
        if asked := self.flags.get("namespace"):
            return asked
        try:
            return _namespace_in(self.call.files.read(self.kubeconfig)) or "default"
        except FileNotFoundError:
            return "default"

    @property
    def kubeconfig(self) -> str:
        """The path of the kubeconfig."""
        path = self.flags.get("kubeconfig") or self.call.env.get("KUBECONFIG", "/root/.kube/config")
        return self.call.path(path)

    @property
    def user(self) -> str:
        """The user."""
        return self.flags.get("as") or self.own[0]

    @property
    def own(self) -> tuple[str, list[str]]:
        """The user and the groups of the kubeconfig's certificate; all components are administrators."""
        if self.signed_in is not None:
            return self.signed_in
        settings = settings_of(self.call.files, self.kubeconfig)
        verdict = self.call.world.network.connect(self.call.place.source, self.call.world.control_plane.ip, 6443)
        if settings is None or verdict.listener is None or self.flags.get("server"):
            return ADMIN, []
        self.signed_in = user_of(self.call, settings, verdict.listener)
        return self.signed_in

    async def answer(self, request: Request) -> Response:
        """Send a request; return the answer, or raise `Exit` if the connection fails."""
        world = self.call.world
        self._config()
        if self.call.place.sandbox is not None:
            raise Exit(1, "error: kubectl is not in this image")
        await self._reach(write=request.method != "GET", stored=needs_etcd(request.path))
        if world.plane.api_state() == "warming" and request.path.startswith("/api"):
            return self._not_yet(request)
        self._authorize(request)
        request.user = self.user
        answer = world.plane.api.handle(request)
        for warning in answer.warnings:
            await self.call.err(f"Warning: {warning}\n")
        return answer

    def _config(self) -> None:
        if self.flags.get("server"):
            return
        if not self.call.files.is_file(self.kubeconfig):
            if path := self.flags.get("kubeconfig"):
                raise Exit(1, f"error: stat {path}: no such file or directory")
            raise Exit(1, self._refused("http://localhost:8080"))

    def _refused(self, url: str) -> str:
        """Return kubectl's message if nobody listens: it asks five times in vain for the server's kinds."""
        host = url.split("://")[1]
        to = host.replace("localhost", "127.0.0.1")
        limit = self.flags.get("request-timeout") or "32s"
        at = datetime.fromtimestamp(self.call.now(), UTC)
        line = (
            f'E{at:%m%d %H:%M:%S.%f} {1000 + int(self.call.now()) % 9000:>7} memcache.go:265] "Unhandled Error" '
            f'err="couldn\'t get current server API group list: Get \\"{url}/api?timeout={limit}\\": '
            f'dial tcp {to}: connect: connection refused"\n'
        )
        told = f"The connection to the server {host} was refused - did you specify the right host or port?"
        return line * (5 if self.what else 0) + told

    def _check(self, verdict: Verdict) -> None:
        """End the program unless the server's certificate is good."""
        settings = settings_of(self.call.files, self.kubeconfig)
        if settings is not None and verdict.listener is not None and not self.flags.get("server"):
            check_server(self.call, settings, verdict.listener)

    async def _reach(self, *, write: bool = False, stored: bool = True) -> None:
        """Wait for the API server as kubectl does. Without etcd, it answers requests that are not `stored`."""
        world = self.call.world
        other = self.flags.get("server").rstrip("/")
        if other and other not in {f"https://{name}:6443" for name in (world.control_plane.name, "127.0.0.1")}:
            raise Exit(1, self._refused(other))
        server = f"{world.control_plane.name}:6443"
        limit = self._limit()
        patience = _HANG_WRITING if write else _HANG
        most = min(patience, limit or patience)
        verdict = world.network.connect(self.call.place.source, world.control_plane.ip, 6443)
        if verdict.kind == "silent":
            await self.call.sleep(limit or 30.0)
            raise Exit(1, f"Unable to connect to the server: dial tcp {world.control_plane.ip}:6443: i/o timeout")
        if not verdict.open:
            raise Exit(
                1, f"The connection to the server {server} was refused - did you specify the right host or port?"
            )
        await self._shake(limit)
        self._check(verdict)
        waited = 0.0
        while (state := world.plane.api_state()) == "hangs" and stored and waited < most:
            step = min(1.0, most - waited)
            await self.call.sleep(step)
            waited += step
        if state == "refused":
            if waited:
                raise Exit(1, "error: the connection to the server was lost")
            raise Exit(
                1, f"The connection to the server {server} was refused - did you specify the right host or port?"
            )
        if state == "hangs" and stored:
            if limit and limit < patience:
                raise Exit(
                    1,
                    "Unable to connect to the server: net/http: request canceled "
                    "(Client.Timeout exceeded while awaiting headers)",
                )
            if write:
                raise Exit(1, _TOO_LONG)
            text = _HANG_TEXTS[world.plane.hang_count % len(_HANG_TEXTS)].format(
                what=f" ({self.what})" if self.what else ""
            )
            world.plane.hang_count += 1
            raise Exit(1, text)

    async def _shake(self, limit: float) -> None:
        """Wait for a server that accepts connections and does not serve yet."""
        waited, most = 0.0, min(_HANDSHAKE, limit or _HANDSHAKE)
        while self.call.plane.api_state() == "starting":
            if waited >= most:
                raise Exit(1, f"Unable to connect to the server: {_UNSERVED if limit else _UNSHAKEN}")
            step = min(0.5, most - waited)
            await self.call.sleep(step)
            waited += step

    def _limit(self) -> float:
        text = self.flags.get("request-timeout", "0")
        try:
            return parse_duration(text)
        except ValueError:
            raise Exit(1, f'error: invalid timeout value "{text}"') from None

    def _not_yet(self, request: Request) -> Response:
        """Return the refusal of an API server whose RBAC caches are not filled yet."""
        parts = [part for part in request.path.split("/") if part]
        from lab.cluster.sim.api.kinds import find  # noqa: PLC0415 -- used here alone

        kind = find(parts[-1]) or (find(parts[-2]) if len(parts) > 1 else None) or find("pods")
        verb = {"GET": "list", "POST": "create", "PATCH": "patch", "DELETE": "delete"}.get(
            request.method, "update"
        )
        namespace = parts[parts.index("namespaces") + 1] if "namespaces" in parts[:-2] else ""
        if kind is None:
            raise Exit(1, "error: unknown")
        error = access_denied(kind, "", namespace, self.user, verb)
        return Response(403, error.status())

    async def send(self, request: Request) -> Any:  # noqa: ANN401 -- JSON
        """Send a request; return the object, or raise `ApiFailure`. A client-side dry run writes nothing."""
        if request.method != "GET" and self.flags.get("dry-run") in {"client", "true", "unchanged"}:
            return await self._pretended(request)
        answer = await self.answer(request)
        if answer.code >= 400:
            raise ApiFailure(answer.body)
        return answer.body

    async def _pretended(self, request: Request) -> Any:  # noqa: ANN401 -- JSON
        """Return the result of a write without the server's defaults."""
        if request.method in {"POST", "PUT"}:
            return clone(request.body)
        bare = request.path.removesuffix("/scale").removesuffix("/status")
        found = await self.send(Request("GET", bare))
        if request.method == "DELETE":
            return found
        try:
            return patched(found, request.body, request.content_type)
        except ApiError as error:
            raise ApiFailure(error.status()) from None

    def _authorize(self, request: Request) -> None:
        """Raise `ApiFailure` unless the impersonated user has the right."""
        self.require_user()
        groups = self.flags.all("as-group")
        user = self.flags.get("as")
        own, own_groups = self.own
        if user and own != ADMIN:
            self._impersonate(user, own, own_groups)
        if not user and own != ADMIN:
            user, groups = own, own_groups
        if self.call.plane.api.open_to_all or not user or user == ANONYMOUS:
            return
        asked = asked_for(request)
        if asked is None:
            if error := path_refusal(user, groups, request):
                raise ApiFailure(error.status())
            return
        if error := refusal(self.call.plane.store, user, groups, asked):
            raise ApiFailure(error.status())

    def require_user(self, lead: str = "Error in configuration") -> None:
        """End the command if it names groups of nobody."""
        if self.flags.all("as-group") and not self.flags.get("as"):
            told = f"requesting uid, groups or user-extra for {self.own[0]} without impersonating a user"
            raise Exit(1, f"{lead}: {told}")

    def _impersonate(self, user: str, own: str, groups: list[str]) -> None:
        """Raise `ApiFailure` unless the user `own` may act as `user`."""
        store = self.call.plane.store
        if not bound(store, own, groups, ("impersonate", "", "users", ""), user):
            message = (
                f'users "{user}" is forbidden: User "{own}" cannot impersonate resource "users" in API group "" '
                "at the cluster scope"
            )
            raise ApiFailure(ApiError(403, "Forbidden", message).status())

    async def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """Return one object."""
        found: Object = await self.send(Request("GET", path_of(kind, namespace, name)))
        return found

    async def list(self, kind: Kind, namespace: str, **query: str) -> list[Object]:
        """Return all objects of a kind."""
        body = await self.send(Request("GET", path_of(kind, namespace), {k: v for k, v in query.items() if v}))
        for item in body["items"]:
            item.setdefault("apiVersion", kind.api_version)
            item.setdefault("kind", kind.kind)
        found: list[Object] = body["items"]
        return found

    async def raw(self, method: str, path: str, body: Any = None) -> str:  # noqa: ANN401 -- JSON
        """Send a request to a path as typed; return the text of the answer."""
        bare, _, query = path.partition("?")
        if not path.startswith("/"):
            raise Exit(1, f'error: --raw must be a valid URL path: parse "{path}": invalid URI for request')
        if bare.startswith(("/debug", "/openapi", "/.well-known")):
            raise NotSimulated(f"kubectl --raw {bare}")
        if "/proxy" in bare and (asked := parse(bare)) and asked.sub == "proxy":
            return await self._proxied(method, path, asked)
        self.require_user("error")
        target = path if bare.startswith(("/livez", "/readyz", "/healthz")) else bare
        answer = await self.send(Request(method, target, dict(parse_qsl(query)), body))
        # A full etcd returns tens of megabytes: libyaml's parser takes a tenth of json's time.
        return answer if isinstance(answer, str) else to_json(without_kinds(answer)).decode() + "\n"

    async def _proxied(self, method: str, path: str, target: Target) -> str:
        """Return the answer of what is behind a proxy of the API server."""
        await self._reach(write=method != "GET")
        self._authorize(Request(method, path.partition("?")[0]))
        try:
            passed = proxied(self.call.world, target, method, path)
        except ApiError as error:
            raise ApiFailure(error.status()) from None
        await self.call.sleep(passed.wait)
        if isinstance(passed.answer, ApiError):
            raise ApiFailure(passed.answer.status())
        if passed.answer.status == 301:
            return await self._proxied(method, passed.answer.headers["Location"], target)
        if passed.answer.status >= 400:
            raise ApiFailure(_PAGES[passed.answer.status == 404].status())
        return passed.answer.body


def strip_managed(item: Object) -> Object:
    """Return an object without the fields that `get` hides."""
    metadata = {key: value for key, value in meta(item).items() if key != "managedFields"}
    return {**item, "metadata": metadata}
