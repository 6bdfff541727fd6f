"""DaemonSets: one pod on every node that will have it."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import (
    Object,
    dig,
    digest,
    labels,
    meta,
    name_of,
    namespace_of,
    owner_reference,
    stamp,
    tolerates,
    uid,
)
from lab.cluster.sim.control.common import active, create_pod, delete, owned, ready, record, update_status

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["reconcile"]

_HASH = "controller-revision-hash"
_GENERATION = "pod-template-generation"
_COMPONENT = "daemonset-controller"


def reconcile(plane: ControlPlane, backoff: "Backoff", seen: dict[str, str], now: float) -> None:
    """Bring every DaemonSet to one pod a node."""
    for item in plane.store.list(KIND["DaemonSet"]):
        if "deletionTimestamp" in meta(item):
            continue
        mark = _revision(plane, item, now)
        pods = [pod for pod in owned(plane, "Pod", item) if active(pod)]
        key = meta(item)["uid"]
        state = f"{meta(item).get('generation')}/{sorted(name_of(pod) for pod in pods)}"
        if seen.get(key) != state:
            seen[key] = state
            backoff.retry_now(key)
        nodes = [node for node in plane.store.list(KIND["Node"]) if _fits(item, node)]
        _place(plane, item, nodes, pods, backoff, now, mark)
        _roll(plane, item, mark)
        _status(plane, item, nodes, mark)


def _revision(plane: ControlPlane, item: Object, now: float) -> str:
    """Return the hash of the template; each one that was is kept as a ControllerRevision."""
    template = dict(item["spec"]["template"])
    if "metadata" in template:
        about = template["metadata"]
        template["metadata"] = {key: value for key, value in about.items() if key != "creationTimestamp"}
    mark = digest(template)
    name = f"{name_of(item)}-{mark}"
    if plane.store.get(KIND["ControllerRevision"], namespace_of(item), name) is None:
        known = owned(plane, "ControllerRevision", item)
        revision: Object = {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {
                "name": name,
                "namespace": namespace_of(item),
                "uid": uid(),
                "creationTimestamp": stamp(now),
                "labels": {**labels({"metadata": template.get("metadata", {})}), _HASH: mark},
                "ownerReferences": [owner_reference(item)],
            },
            "data": {"spec": {"template": template}},
            "revision": 1 + max((one.get("revision", 0) for one in known), default=0),
        }
        plane.attempt(lambda: plane.store.create(KIND["ControllerRevision"], revision))
    return mark


def _fits(item: Object, node: Object) -> bool:
    spec = dig(item, "spec", "template", "spec", default={})
    wanted = spec.get("nodeSelector") or {}
    if any(labels(node).get(key) != value for key, value in wanted.items()):
        return False
    automatic = {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
        "node.kubernetes.io/unschedulable",
    }
    return all(
        tolerates(spec, taint) or taint["key"] in automatic
        for taint in dig(node, "spec", "taints", default=[])
        if taint["effect"] in {"NoSchedule", "NoExecute"}
    )


def _node_of(pod: Object) -> str:
    terms = dig(
        pod,
        "spec",
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    )
    return str(dig(pod, "spec", "nodeName") or dig(terms, 0, "matchFields", 0, "values", 0, default=""))


def _place(  # noqa: PLR0917 -- the parts of one call
    plane: ControlPlane,
    item: Object,
    nodes: list[Object],
    pods: list[Object],
    backoff: "Backoff",
    now: float,
    mark: str,
) -> None:
    wanted = {name_of(node) for node in nodes}
    for pod in pods:
        if _node_of(pod) not in wanted and delete(plane, "Pod", pod):
            record(plane, _COMPONENT, item, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")
    # A pod that ends still holds its node: the next one comes when it is gone.
    holding = {_node_of(pod) for pod in owned(plane, "Pod", item)}
    if backoff.waits(meta(item)["uid"], now):
        return
    extra = {_HASH: mark, _GENERATION: str(meta(item).get("generation", 1))}
    for node in sorted(wanted - holding):
        if not create_pod(plane, item, backoff, now, component=_COMPONENT, node=node, extra_labels=extra):
            break


def _roll(plane: ControlPlane, item: Object, mark: str) -> None:
    """Replace pods of an older template, one at a time."""
    if dig(item, "spec", "updateStrategy", "type") != "RollingUpdate":
        return
    every = owned(plane, "Pod", item)
    pods = [pod for pod in every if active(pod)]
    old = [pod for pod in pods if labels(pod).get(_HASH) != mark]
    unavailable = sum(not ready(pod) for pod in pods) + len(every) - len(pods)
    dead = [pod for pod in old if not ready(pod)]
    for pod in dead or (old[:1] if not unavailable else []):
        if delete(plane, "Pod", pod):
            record(plane, _COMPONENT, item, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")


def _status(plane: ControlPlane, item: Object, nodes: list[Object], mark: str) -> None:
    pods = [pod for pod in owned(plane, "Pod", item) if active(pod)]
    wanted = {name_of(node) for node in nodes}
    placed = [pod for pod in pods if _node_of(pod) in wanted]
    good = sum(ready(pod) for pod in placed)
    status: Object = {
        "currentNumberScheduled": len(placed),
        "desiredNumberScheduled": len(wanted),
        "numberMisscheduled": len(pods) - len(placed),
        "numberReady": good,
        "observedGeneration": meta(item).get("generation", 1),
    }
    updated = sum(labels(pod).get(_HASH) == mark for pod in placed)
    if updated:
        status["updatedNumberScheduled"] = updated
    if good:
        status["numberAvailable"] = good
    if len(wanted) - good:
        status["numberUnavailable"] = len(wanted) - good
    update_status(plane, item, status)
