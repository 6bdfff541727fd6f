"""Requests to the API server and its answers: paths, their meaning, and the answer of RBAC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KINDS, Kind

__all__ = [
    "ADMIN", "Request", "Response", "Target", "access_denied", "asked_for", "needs_etcd", "parse", "without_kinds",
]  # fmt: skip

ADMIN = "kubernetes-admin"
_BY_PATH = {(kind.root, kind.plural): kind for kind in KINDS}


@dataclass(slots=True)
class Request:
    """One request, as it would come over HTTP."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    user: str = ADMIN
    content_type: str = "application/json"
    table: bool = False
    #: Whether one of the cluster's own programs sent it: its objects are well formed.
    own: bool = False


@dataclass(slots=True)
class Response:
    """The answer: a status code, an object (or text), and warnings from its header."""

    code: int
    body: Any
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the request was granted."""
        return self.code < 400


@dataclass(slots=True)
class Target:
    """The meaning of a path."""

    kind: Kind
    namespace: str
    name: str
    sub: str


def needs_etcd(path: str) -> bool:
    """Whether a request needs objects. An API server answers for its version and kinds without etcd."""
    without = ("/openapi", "/version", "/metrics", "/healthz", "/livez", "/readyz")
    return len(path.strip("/").split("/")) > 2 and not path.startswith(without)


def asked_for(request: Request) -> tuple[Kind, str, str, str, str] | None:
    """Return the requested kind, name, namespace, verb and subresource, or None for a path without objects."""
    target = parse(request.path)
    if target is None:
        return None
    verb = {"GET": "get" if target.name else "list", "POST": "create", "PUT": "update"}.get(
        request.method, request.method.lower() if target.name else f"{request.method.lower()}collection"
    )
    return target.kind, target.name, target.namespace, verb, target.sub


def access_denied(kind: Kind, name: str, namespace: str, user: str, verb: str, sub: str = "") -> ApiError:  # noqa: PLR0917 -- the parts of one request
    """RBAC refuses it."""
    resource = f"{kind.plural}/{sub}" if sub else kind.plural
    where = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
    subject = f'{kind.full} "{name}"' if name else kind.full
    return ApiError(
        403,
        "Forbidden",
        f'{subject} is forbidden: User "{user}" cannot {verb} resource "{resource}" '
        f'in API group "{kind.group}"{where}',
        kind=kind,
        name=name,
    )


def parse(path: str) -> Target | None:
    """Return the kind, namespace, name and subresource of a path, or None for other paths."""
    parts = path.strip("/").split("/")
    length = 2 if parts[0] == "api" else 3
    if parts[0] not in {"api", "apis"} or len(parts) <= length:
        return None
    root, rest = "/" + "/".join(parts[:length]), parts[length:]
    namespace = ""
    if rest[0] == "namespaces" and len(rest) > 2 and rest[2] not in {"finalize", "status"}:
        namespace, rest = rest[1], rest[2:]
    kind = _BY_PATH.get((root, rest[0]))
    if kind is None:
        raise ApiError(404, "NotFound", "the server could not find the requested resource")
    rest += ["", ""]
    if kind.namespaced and not namespace and rest[1]:
        raise ApiError(404, "NotFound", "the server could not find the requested resource")
    return Target(kind, namespace, rest[1], rest[2])


def without_kinds(body: Any) -> Any:  # noqa: ANN401 -- JSON
    """Return a list as it is sent: its items do not repeat their kind."""
    if not isinstance(body, dict) or "items" not in body:
        return body
    items = [
        {key: value for key, value in item.items() if key not in {"apiVersion", "kind"}} for item in body["items"]
    ]
    return {**body, "items": items}
