"""Updates: what they may not change, and what they keep."""

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.objects import Object, meta, name_of
from lab.cluster.sim.api.requests import Target

__all__ = ["COUNTED", "CREATED_BY_UPDATE", "keep", "require_no_uid", "require_same_name", "require_same_object"]

#: Kinds whose objects count the changes of their specs.
COUNTED = {
    "APIService", "CronJob", "CustomResourceDefinition", "DaemonSet", "Deployment", "FlowSchema", "Ingress", "Job",
    "MutatingWebhookConfiguration", "NetworkPolicy", "Pod", "PodDisruptionBudget",
    "PriorityClass", "PriorityLevelConfiguration", "ReplicaSet", "ReplicationController", "StatefulSet",
    "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
}  # fmt: skip
#: Kinds whose objects are created by an update if they do not exist.
CREATED_BY_UPDATE = {
    "ClusterRole", "ClusterRoleBinding", "Endpoints", "EndpointSlice", "Event", "Lease", "LimitRange", "Role",
    "RoleBinding", "Service",
}  # fmt: skip


def keep(target: Target, old: Object, new: Object) -> None:
    """Keep what an update can't change."""
    metadata = meta(new)
    version = metadata.get("resourceVersion") or "0"
    if not version.isdigit():
        raise ApiError(500, "", f'strconv.ParseUint: parsing "{version}": invalid syntax')
    if target.kind.kind not in COUNTED:
        metadata.pop("generation", None)
    for key in ("uid", "creationTimestamp", "generation"):
        if key in meta(old):
            metadata[key] = meta(old)[key]
    metadata.setdefault("name", target.name)
    if target.kind.namespaced:
        metadata.setdefault("namespace", target.namespace)


def require_same_name(target: Target, item: Object) -> None:
    """Refuse an update that changes the name."""
    name = name_of(item)
    if not name:
        told = f"the name of the object ({target.name} based on URL) was undeterminable: name must be provided"
        raise ApiError.bad_request(told)
    if name != target.name:
        raise ApiError.bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({target.name})"
        )


def require_same_object(target: Target, old: Object, new: Object) -> None:
    """Refuse an update of another object that had the same name."""
    uid, own = meta(new).get("uid"), meta(old).get("uid")
    if uid and uid != own:
        message = (
            f'Operation cannot be fulfilled on {target.kind.full} "{target.name}": Precondition failed: '
            f"UID in precondition: {uid}, UID in object meta: {own}"
        )
        raise ApiError(409, "Conflict", message, kind=target.kind, name=target.name)


def require_no_uid(target: Target, item: Object) -> None:
    """Refuse to create an object by server-side apply that says which one it is."""
    if uid := meta(item).get("uid"):
        message = (
            f'Operation cannot be fulfilled on {target.kind.full} "{name_of(item)}": uid mismatch: '
            f"the provided object specified uid {uid}, and no existing object was found"
        )
        raise ApiError(409, "Conflict", message, kind=target.kind, name=name_of(item))
