"""An in-process client of the API server for the cluster's own programs. It writes by ordinary requests."""

from collections.abc import Callable
from dataclasses import dataclass

from lab.cluster.sim.api.apiserver import ApiServer
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, clone, name_of, namespace_of
from lab.cluster.sim.api.requests import Request, Response

__all__ = ["Client"]


@dataclass(frozen=True, slots=True)
class Client:
    """One program's access to the API server, as `user`.

    It reads from the program's cache: the store's own objects, which must not be changed. Reads are not counted as
    requests. It writes by requests, which are validated, admitted and counted, and which copy their data. If the
    API server does not answer, a write returns code 503.
    """

    server: ApiServer
    answers: Callable[[], bool]
    user: str

    # Reading

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""
        return self.server.store.get(KIND[kind], namespace, name)

    def current(self, kind: str) -> tuple[Object, ...]:
        """Return all objects of a kind, for frequent readers: the same objects until one has changed."""
        return self.server.store.current(KIND[kind])

    def owned(self, kind: str, owner: Object) -> list[Object]:
        """Return the objects of a kind that `owner` controls."""
        return self.server.store.owned(KIND[kind], owner)

    def list(self, kind: str, namespace: str = "") -> list[Object]:
        """Return all objects of a kind, ordered by namespace and name."""
        return self.server.store.list(KIND[kind], namespace)

    # Writing

    def create(self, item: Object) -> Response:
        """Create an object."""
        return self._ask("POST", self._collection(item), item)

    def update(self, item: Object) -> Response:
        """Write an object, except its status."""
        return self._ask("PUT", self._path(item), item)

    def update_status(self, item: Object, status: Object) -> Response:
        """Write an object's status if it differs."""
        if item.get("status") == status:
            return Response(200, item)
        return self._ask("PUT", f"{self._path(item)}/status", {**item, "status": status})

    def delete(self, item: Object, *, grace: int | None = None) -> Response:
        """Delete an object; a running pod gets `grace` seconds, or its own grace period."""
        return self._ask("DELETE", self._path(item), {} if grace is None else {"gracePeriodSeconds": grace})

    def bind(self, pod: Object, node: str) -> Response:
        """Place a pod on a node."""
        body = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name_of(pod), "namespace": namespace_of(pod)},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        }
        return self._ask("POST", f"{self._path(pod)}/binding", body)

    def finalize(self, namespace: Object) -> Response:
        """Finalize an empty terminating namespace."""
        changed = clone(namespace)
        changed.setdefault("spec", {})["finalizers"] = []
        return self._ask("PUT", f"{self._path(namespace)}/finalize", changed)

    def _ask(self, method: str, path: str, body: Object) -> Response:
        if not self.answers():
            return Response(503, ApiError(503, "ServiceUnavailable", "the server does not answer").status())
        return self.server.handle(Request(method, path, body=body, user=self.user, own=True))

    @staticmethod
    def _collection(item: Object) -> str:
        kind, namespace = KIND[item["kind"]], namespace_of(item)
        where = f"/namespaces/{namespace}" if kind.namespaced else ""
        return f"{kind.root}{where}/{kind.plural}"

    def _path(self, item: Object) -> str:
        return f"{self._collection(item)}/{name_of(item)}"
