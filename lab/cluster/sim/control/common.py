"""What several controllers do alike: pods from a template, counting, writing status."""

from functools import partial
from typing import TYPE_CHECKING

from lab.cluster.sim.api.apiserver import Request
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, clone, dig, meta, name_of, namespace_of, owner_reference

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["active", "create_pod", "delete", "owned", "ready", "record", "update", "update_status"]

_USER = "system:serviceaccount:kube-system:"


def owned(plane: ControlPlane, kind: str, owner: Object) -> list[Object]:
    """Return the objects of `kind` that `owner` controls."""
    mine = meta(owner)["uid"]
    return [
        item
        for item in plane.store.list(KIND[kind], namespace_of(owner))
        if any(reference["uid"] == mine for reference in meta(item).get("ownerReferences") or [])
    ]


def active(pod: Object) -> bool:
    """Whether a pod counts: not ending, not ended."""
    return "deletionTimestamp" not in meta(pod) and dig(pod, "status", "phase") not in {"Succeeded", "Failed"}


def ready(pod: Object) -> bool:
    """Whether a pod is Ready."""
    return any(
        c["type"] == "Ready" and c["status"] == "True" for c in dig(pod, "status", "conditions", default=[])
    )


def create_pod(
    plane: ControlPlane, owner: Object, backoff: "Backoff", now: float, *, component: str, node: str = "",
    extra_labels: dict[str, str] | None = None,
) -> bool:  # fmt: skip
    """Make a pod from the owner's template; a refusal is an event and a back-off."""
    template = clone(owner["spec"]["template"])
    metadata = template.setdefault("metadata", {})
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": f"{name_of(owner)}-",
            "namespace": namespace_of(owner),
            "labels": {**(metadata.get("labels") or {}), **(extra_labels or {})},
            "ownerReferences": [owner_reference(owner)],
        },
        "spec": template["spec"],
    }
    if metadata.get("annotations"):
        pod["metadata"]["annotations"] = metadata["annotations"]
    if node:
        _bind_to(pod, node)
    path = f"/api/v1/namespaces/{namespace_of(owner)}/pods"
    answer = plane.ask(Request("POST", path, body=pod, user=_USER + component))
    key = meta(owner)["uid"]
    if answer.code == 201:
        backoff.forget(key)
        record(plane, component, owner, "Normal", "SuccessfulCreate", f"Created pod: {name_of(answer.body)}")
        return True
    message = str(answer.body["message"])
    record(plane, component, owner, "Warning", "FailedCreate", f"Error creating: {message}")
    backoff.fail(key, now)
    return False


def record(  # noqa: PLR0917 -- the parts of an event
    plane: ControlPlane, component: str, item: Object, kind: str, reason: str, message: str
) -> None:
    """Write an event of a controller."""
    recorder = plane.events.recorder(component, process=partial(plane.process, "kube-controller-manager"))
    recorder.record(item, kind, reason, message)


def _bind_to(pod: Object, node: str) -> None:
    spec = pod["spec"]
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    spec["affinity"] = {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [{"matchFields": [field]}]}
        }
    }
    tolerations = spec.setdefault("tolerations", [])
    for name, effect in (
        ("not-ready", "NoExecute"), ("unreachable", "NoExecute"), ("disk-pressure", "NoSchedule"),
        ("memory-pressure", "NoSchedule"), ("pid-pressure", "NoSchedule"), ("unschedulable", "NoSchedule"),
        *([("network-unavailable", "NoSchedule")] if spec.get("hostNetwork") else []),
    ):  # fmt: skip
        tolerations.append({"effect": effect, "key": f"node.kubernetes.io/{name}", "operator": "Exists"})


def delete(plane: ControlPlane, kind: str, item: Object, *, grace: int | None = None) -> bool:
    """Delete an object through the API."""
    body = {} if grace is None else {"gracePeriodSeconds": grace}
    return plane.attempt(lambda: plane.api.remove(KIND[kind], item, Request("DELETE", "", body=body)))


def update(plane: ControlPlane, item: Object) -> bool:
    """Write an object that a controller changed (a copy of the stored one)."""
    return plane.attempt(lambda: plane.store.update(KIND[item["kind"]], item))


def update_status(plane: ControlPlane, item: Object, status: Object) -> None:
    """Write an object's status, if it changed."""
    if item.get("status") != status:
        changed = clone(item)
        changed["status"] = status
        update(plane, changed)
