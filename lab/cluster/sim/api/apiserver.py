"""The API server: requests with method, path, query and body, answered from the store."""

import json
from collections.abc import Callable

from lab.cluster.sim.api import tables
from lab.cluster.sim.api.admission import CLAIM_IN_USE, Admission
from lab.cluster.sim.api.allocation import allocate
from lab.cluster.sim.api.decoding import Reading, encoded, not_an_object, read
from lab.cluster.sim.api.defaults import apply_defaults
from lab.cluster.sim.api.discovery import answer_other
from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.etcd import NoSpaceError
from lab.cluster.sim.api.kinds import KIND, Kind
from lab.cluster.sim.api.metrics import RequestCounts
from lab.cluster.sim.api.objects import (
    Object,
    clone,
    conditions_set,
    dig,
    meta,
    name_of,
    namespace_of,
    stamp,
)
from lab.cluster.sim.api.patching import APPLY, patched
from lab.cluster.sim.api.pod_warnings import pod_warnings
from lab.cluster.sim.api.rbac import require_role_kind
from lab.cluster.sim.api.requests import (
    ADMIN,
    Request,
    Response,
    Target,
    access_denied,
    asked_for,
    needs_etcd,
    parse,
)
from lab.cluster.sim.api.reviews import subject_access
from lab.cluster.sim.api.selectors import check_selectors, field_matches, label_matches
from lab.cluster.sim.api.store import Store
from lab.cluster.sim.api.strategy import prepare
from lab.cluster.sim.api.subresources import READABLE, scale_of, with_part
from lab.cluster.sim.api.typed import read_applied
from lab.cluster.sim.api.updates import (
    COUNTED,
    CREATED_BY_UPDATE,
    keep,
    require_no_uid,
    require_same_name,
    require_same_object,
)
from lab.cluster.sim.api.validation import validate
from lab.cluster.sim.state.declared import Given, stateful
from lab.cluster.sim.timing.chance import Chance

__all__ = ["ADMIN", "ANONYMOUS", "ApiServer", "Request", "Response", "access_denied", "asked_for", "needs_etcd"]

ANONYMOUS = "system:anonymous"
_TEMPLATE_GENERATION = "deprecated.daemonset.template.generation"
_PANIC = "This request caused apiserver to panic. Look in the logs for details."
_NOT_ALLOWED = "the server does not allow this method on the requested resource"
_NO_SPACE = "etcdserver: mvcc: database space exceeded"


@stateful
class ApiServer:
    """Verbs on objects. The runtime decides whether the API server's process runs."""

    store: Given[Store]
    now: Given[Callable[[], float]]
    chance: Given[Chance]
    admission: Admission
    requests: RequestCounts
    #: Whether everybody may do everything (authorization mode AlwaysAllow).
    open_to_all: bool

    def __init__(self, store: Store, now: Callable[[], float], chance: Chance) -> None:
        self.store = store
        self.chance = chance
        self.now = now
        self.admission = Admission(store, chance)
        self.requests = RequestCounts()
        self.open_to_all = False

    def handle(self, request: Request) -> Response:
        """Answer one request; a refusal is also a response."""
        try:
            target = parse(request.path)
        except ApiError as error:
            return Response(error.code, error.status())
        response = self._answer(request, target)
        if target is not None:
            scope = "resource" if target.name or request.method == "POST" else (
                "namespace" if target.namespace else "cluster"
            )  # fmt: skip
            dry = request.query.get("dryRun", "")
            self.requests.count(request.method, target.kind, response.code, scope, target.sub, dry)
        return response

    def _answer(self, request: Request, target: Target | None) -> Response:
        try:
            return self._route(request, target)
        except ApiError as error:
            return Response(error.code, error.status())
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            # No check has refused this object, and nothing fits it. The real API server has this barrier, too.
            return Response(500, ApiError(500, "InternalError", _PANIC).status())
        except NoSpaceError:
            reason, message = "", _NO_SPACE
            if request.method == "DELETE" and request.path.rsplit("/", 2)[-2] == "namespaces":
                reason, message = "InternalError", f"Internal error occurred: {_NO_SPACE}"
            return Response(500, ApiError(500, reason, message).status())

    def _route(self, request: Request, target: Target | None) -> Response:
        if request.user == ANONYMOUS and not self.open_to_all:
            self._anonymous(request, target)
        if target is None:
            return Response(200, answer_other(request.path, self.store, self.requests))
        if target.kind.kind == "ComponentStatus":
            return Response(200, tables.component_statuses(target.name, table=request.table))
        verbs: dict[str, Callable[[Request, Target], Response]] = {
            "GET": self._get,
            "POST": self._post,
            "PUT": self._put,
            "PATCH": self._patch,
            "DELETE": self._delete,
        }
        verb = verbs.get(request.method)
        named = bool(target.name)
        wrong = {"POST": named and not target.sub, "PUT": not named, "PATCH": not named}
        if verb is None or wrong.get(request.method):
            raise ApiError(405, "MethodNotAllowed", _NOT_ALLOWED)
        return verb(request, target)

    @staticmethod
    def _anonymous(request: Request, target: Target | None) -> None:
        if target is None:
            if request.path.split("/")[1] in {"healthz", "livez", "readyz", "version"}:
                return
            verb = request.method.lower()
            raise ApiError(403, "Forbidden", f'forbidden: User "{ANONYMOUS}" cannot {verb} path "{request.path}"')
        kind, name, namespace, verb, sub = asked_for(request) or (target.kind, "", "", "get", "")
        raise access_denied(kind, name, namespace, ANONYMOUS, verb, sub)

    # Reading

    def _get(self, request: Request, target: Target) -> Response:
        if target.name:
            found = self._found(target)
            if target.sub not in READABLE.get(target.kind.kind, READABLE[""]):
                raise ApiError(404, "NotFound", "the server could not find the requested resource")
            if target.sub == "scale":
                scale = scale_of(found)
                kind = Kind("scales", "Scale", "autoscaling")
                return Response(200, tables.table(kind, [scale], self.now()) if request.table else scale)
            return Response(200, tables.table(target.kind, [found], self.now()) if request.table else found)
        items = self.store.list(target.kind, target.namespace)
        selector, fields = request.query.get("labelSelector", ""), request.query.get("fieldSelector", "")
        check_selectors(target.kind, selector, fields)
        _require_version(request.query.get("resourceVersion", ""))
        if selector:
            items = [item for item in items if label_matches(selector, item)]
        if fields:
            items = [item for item in items if field_matches(fields, item)]
        if request.table:
            return Response(200, tables.table(target.kind, items, self.now()))
        listed: Object = {"resourceVersion": self.store.revision()}
        limit = request.query.get("limit", "")
        if limit.isdigit() and 0 < int(limit) < len(items):
            listed |= {"remainingItemCount": len(items) - int(limit)}
            items = items[: int(limit)]
        return Response(
            200,
            {
                "apiVersion": target.kind.api_version,
                "kind": f"{target.kind.kind}List",
                "metadata": listed,
                "items": items,
            },
        )

    def _found(self, target: Target) -> Object:
        found = self.store.get(target.kind, target.namespace, target.name)
        if found is None:
            raise ApiError.not_found(target.kind, target.name)
        return found

    # Writing

    def _post(self, request: Request, target: Target) -> Response:
        if target.name and target.sub in {"binding", "eviction"}:
            return self._delete(request, target) if target.sub == "eviction" else self._bind(request, target)
        reading = _read(request, target.kind, request.body)
        item: Object = clone(reading.item)
        _named(item, target.kind)
        if target.kind.kind == "SubjectAccessReview":
            return Response(201, subject_access(self.store, item, open_to_all=self.open_to_all))
        self._identify(item, target)
        apply_defaults(item)
        self.admission.complete(target.kind, item)
        self._check(target.kind, item, None)
        admitted = self.admission.create(target.kind, item, request.user)
        warnings = [*_warnings(request, reading), *admitted, *([] if request.own else pod_warnings(item))]
        if self.store.get(target.kind, namespace_of(item), name_of(item)) is not None:
            raise ApiError.already_exists(target.kind, name_of(item))
        if not request.own:
            item = encoded(target.kind, item)
        if not _dry(request):
            item = self.store.create(target.kind, item)
        return Response(201, item, warnings)

    def _check(self, kind: Kind, item: Object, old: Object | None) -> None:
        """Fill in what the API server assigns, and refuse an object that may not be stored."""
        if kind.kind == "Service":
            allocate(self.store, item, old)
        if kind.kind in {"RoleBinding", "ClusterRoleBinding"} and old is None:
            require_role_kind(item)
        prepare(item, old)
        validate(kind, item, old)

    def _identify(self, item: Object, target: Target) -> None:
        metadata = meta(item)
        if target.kind.namespaced:
            wanted = metadata.setdefault("namespace", target.namespace)
            if wanted != target.namespace:
                raise ApiError.bad_request(
                    "the namespace of the provided object does not match the namespace sent on the request"
                )
        else:
            metadata.pop("namespace", None)
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + self.chance.name()
        if not metadata.get("name") and target.kind.kind == "LimitRange":
            metadata["name"] = self.chance.uid()
        for field in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"):
            metadata.pop(field, None)
        metadata["uid"] = self.chance.uid()
        metadata["creationTimestamp"] = stamp(self.now())
        metadata.pop("managedFields", None)
        if target.kind.kind == "DaemonSet":
            metadata.setdefault("annotations", {})[_TEMPLATE_GENERATION] = "1"
        if target.kind.kind in COUNTED:
            metadata["generation"] = 1

    def _bind(self, request: Request, target: Target) -> Response:
        item = clone(self._found(target))
        item["spec"]["nodeName"] = dig(request.body, "target", "name")
        conditions_set(item.setdefault("status", {}), "PodScheduled", "True", self.now())
        self.store.update(target.kind, item)
        return Response(201, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def _put(self, request: Request, target: Target) -> Response:
        missing = self.store.get(target.kind, target.namespace, target.name) is None
        if missing and not target.sub and target.kind.kind in CREATED_BY_UPDATE:
            return self._post(request, target)
        reading = _read(request, target.kind, request.body)
        # Of a status, what is around it is not written, and so not changed on the way.
        written = self._write(request, target, reading.item if target.sub == "status" else clone(reading.item))
        written.warnings = [*_warnings(request, reading), *written.warnings]
        return written

    def _patch(self, request: Request, target: Target) -> Response:
        old = self.store.get(target.kind, target.namespace, target.name)
        applied = request.content_type == APPLY
        if applied:
            request.body = read_applied(target.kind, request.body)
        if old is None:
            if applied:
                require_no_uid(target, request.body)
                return self._post(request, target)
            raise ApiError.not_found(target.kind, target.name)
        base = scale_of(old) if target.sub == "scale" else old
        if target.sub not in READABLE.get(target.kind.kind, READABLE[""]):
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        new = patched(base, request.body, request.content_type)
        if target.sub == "scale" or request.own:
            return self._write(request, target, new)
        if not isinstance(new, dict):
            shown = json.dumps(json.dumps(new, separators=(",", ":")))
            told = f"couldn't get version/kind; json parse error: {not_an_object(new)}"
            raise ApiError(422, "Invalid", f' "" is invalid: patch: Invalid value: {shown}: {told}')
        reading = read(target.kind, new)
        strict = request.query.get("fieldValidation") == "Strict"
        if reading.mistaken and request.content_type.startswith("application/strategic"):
            reading.unrestored = read(target.kind, new, declared=True).unrestored
        reading.require_patch(request.body, request.content_type, strict=strict)
        require_same_name(target, reading.item)
        try:
            written = self._write(request, target, reading.item)
        except ApiError as error:
            written = Response(error.code, error.status())
        written.warnings = [*_warnings(request, reading), *written.warnings]
        return written

    def _write(self, request: Request, target: Target, new: Object) -> Response:
        old = self._found(target)
        new = with_part(old, new, target.sub)
        if target.sub == "status":
            return Response(200, new if _dry(request) else self.store.update(target.kind, new))
        require_same_object(target, old, new)
        keep(target, old, new)
        metadata = meta(new)
        apply_defaults(new)
        self._check(target.kind, new, old)
        if old.get("spec") != new.get("spec") and "generation" in metadata:
            metadata["generation"] += 1
            counted = (metadata.get("annotations") or {}).get(_TEMPLATE_GENERATION)
            if counted and dig(old, "spec", "template") != dig(new, "spec", "template"):
                metadata["annotations"][_TEMPLATE_GENERATION] = str(int(counted) + 1)
        warnings = [] if target.sub else self.admission.update(target.kind, old, new, request.user)
        if not request.own and target.kind.kind != "Pod":
            warnings += pod_warnings(new)
        if not request.own:
            new = encoded(target.kind, new)
        if not _dry(request):
            new = self.store.update(target.kind, new)
            self._finish(target, new)
        return Response(200, scale_of(new) if target.sub == "scale" else new, warnings)

    def _finish(self, target: Target, item: Object) -> None:
        """Remove an object that waited for its last finalizer."""
        if "deletionTimestamp" not in meta(item) or meta(item).get("finalizers") or target.kind.kind == "Pod":
            return
        # A namespace has finalizers in its spec as well, and only who finalizes it may take them away.
        if target.kind.kind != "Namespace" or (target.sub == "finalize" and not dig(item, "spec", "finalizers")):
            self.store.delete(target.kind, namespace_of(item), name_of(item))

    # Deleting

    def _delete(self, request: Request, target: Target) -> Response:
        if not target.name:
            items = self._get(Request("GET", request.path, request.query), target).body["items"]
            for item in items:
                self.remove(target.kind, item, request)
            return Response(200, {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})
        found = self._found(target)
        if not _dry(request):
            self.remove(target.kind, found, request)
        return Response(200, found)

    def remove(self, kind: Kind, item: Object, request: Request) -> None:
        """Delete `item` as the API does: at once, or by marking it while finalizers or a grace period remain."""
        if kind.kind == "Namespace" and name_of(item) in {"default", "kube-system", "kube-public"}:
            raise ApiError.forbidden(kind, name_of(item), "this namespace may not be deleted")
        grace = dig(request.body, "gracePeriodSeconds")
        seconds = dig(item, "spec", "terminationGracePeriodSeconds", default=30) if grace is None else int(grace)
        graceful = kind.kind == "Pod" and bool(dig(item, "spec", "nodeName")) and seconds > 0
        policy = dig(request.body, "propagationPolicy", default="Background")
        if policy == "Orphan":
            self._orphan(item)
        kept = set(meta(item).get("finalizers") or []) - (
            {CLAIM_IN_USE} if not self._claimed(kind, item) else set()
        )
        if not (graceful or kept or kind.kind == "Namespace"):
            self.store.delete(kind, namespace_of(item), name_of(item))
            return
        if "deletionTimestamp" in meta(item):
            return
        marked = clone(item)
        marked["metadata"]["deletionTimestamp"] = stamp(self.now() + (seconds if graceful else 0))
        if graceful:
            marked["metadata"]["deletionGracePeriodSeconds"] = seconds
        if kind.kind == "Namespace":
            marked.setdefault("status", {})["phase"] = "Terminating"
        self.store.update(kind, marked)

    def _claimed(self, kind: Kind, item: Object) -> bool:
        """Whether a pod uses a claim."""
        pods = self.store.list(KIND["Pod"], namespace_of(item)) if kind.kind == "PersistentVolumeClaim" else []
        volumes = (volume for pod in pods for volume in dig(pod, "spec", "volumes", default=[]))
        return any(dig(volume, "persistentVolumeClaim", "claimName") == name_of(item) for volume in volumes)

    def _orphan(self, owner: Object) -> None:
        for kind in (KIND["Pod"], KIND["ReplicaSet"], KIND["ControllerRevision"]):
            for item in self.store.list(kind, namespace_of(owner)):
                references = meta(item).get("ownerReferences") or []
                kept = [reference for reference in references if reference["uid"] != meta(owner)["uid"]]
                if len(kept) != len(references):
                    changed = clone(item)
                    changed["metadata"]["ownerReferences"] = kept
                    self.store.update(kind, changed)


def _read(request: Request, kind: Kind, body: Object) -> Reading:
    """Check a client's object against its kind. The cluster's own programs make no such mistakes."""
    if not isinstance(body, dict):
        raise ApiError.bad_request(f"couldn't get version/kind; json parse error: {not_an_object(body)}")
    if request.own:
        return Reading(body)
    reading = read(kind, body)
    reading.require(kind, strict=request.query.get("fieldValidation") == "Strict")
    return reading


def _require_version(text: str) -> None:
    """Raise `ApiError` for a list at a version that is no number."""
    if text and not text.isdigit():
        told = f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax'
        raise ApiError.bad_request(f"invalid resource version: {told}")


def _named(item: Object, kind: Kind) -> None:
    """Give an object without a kind that of its path, and refuse one of another kind."""
    item["apiVersion"] = item.get("apiVersion") or kind.api_version
    item["kind"] = item.get("kind") or kind.kind
    if item["kind"] != kind.kind:
        other = f"{item['kind']} in version {json.dumps(item['apiVersion'])}"
        raise ApiError.bad_request(f"{other} cannot be handled as a {kind.kind}: unknown conversion")


def _warnings(request: Request, reading: Reading) -> list[str]:
    return reading.warnings() if request.query.get("fieldValidation", "Warn") == "Warn" else []


def _dry(request: Request) -> bool:
    return bool(request.query.get("dryRun"))
