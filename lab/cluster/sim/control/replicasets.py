"""ReplicaSets: as many pods as asked for."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, conditions_set, dig, meta, name_of
from lab.cluster.sim.control.common import active, create_pod, delete, owned, ready, record, update_status

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["reconcile"]

_COMPONENT = "replicaset-controller"


def reconcile(plane: ControlPlane, backoff: "Backoff", seen: dict[str, str], now: float) -> None:
    """Bring every ReplicaSet to its number of pods."""
    for item in plane.store.list(KIND["ReplicaSet"]):
        pods = [pod for pod in owned(plane, "Pod", item) if active(pod)]
        key = meta(item)["uid"]
        # A change of its spec or its pods puts it at the front of the queue again.
        mark = f"{meta(item).get('generation')}/{sorted(name_of(pod) for pod in pods)}"
        if seen.get(key) != mark:
            seen[key] = mark
            backoff.retry_now(key)
        refused = False
        if "deletionTimestamp" not in meta(item):
            refused = _scale(plane, item, pods, backoff, now)
        _status(plane, item, now, refused=refused or bool(backoff.failures.get(key)))


def _scale(plane: ControlPlane, item: Object, pods: list[Object], backoff: "Backoff", now: float) -> bool:
    wanted = int(dig(item, "spec", "replicas", default=0))
    key = meta(item)["uid"]
    if len(pods) >= wanted:
        backoff.forget(key)
        for pod in _victims(pods, len(pods) - wanted):
            if delete(plane, "Pod", pod):
                told = f"Deleted pod: {name_of(pod)}"
                record(plane, _COMPONENT, item, "Normal", "SuccessfulDelete", told)
        return False
    if backoff.waits(key, now):
        return True
    # All missing pods are tried in turn; the first refusal ends the round.
    return not all(create_pod(plane, item, backoff, now, component=_COMPONENT) for _ in range(wanted - len(pods)))


def _victims(pods: list[Object], count: int) -> list[Object]:
    """Return the pods to delete: without a node first, then those that are not Ready, then the newest."""
    newest = sorted(pods, key=lambda pod: str(meta(pod).get("creationTimestamp", "")), reverse=True)
    return sorted(newest, key=lambda pod: (bool(dig(pod, "spec", "nodeName")), ready(pod)))[:count]


def _status(plane: ControlPlane, item: Object, now: float, *, refused: bool) -> None:
    pods = [pod for pod in owned(plane, "Pod", item) if active(pod)]
    status: Object = {"replicas": len(pods), "observedGeneration": meta(item).get("generation", 1)}
    good = sum(ready(pod) for pod in pods)
    if pods:
        status["fullyLabeledReplicas"] = len(pods)
    if good:
        status["readyReplicas"] = status["availableReplicas"] = good
    if dig(item, "status", "conditions") and refused:
        status["conditions"] = item["status"]["conditions"]
    if refused:
        events = [
            e
            for e in plane.store.list(KIND["Event"], item["metadata"]["namespace"])
            if e["involvedObject"].get("uid") == meta(item)["uid"] and e["reason"] == "FailedCreate"
        ]
        message = events[-1]["message"].removeprefix("Error creating: ") if events else ""
        if "conditions" not in status:
            conditions_set(status, "ReplicaFailure", "True", now, reason="FailedCreate", message=message)
    update_status(plane, item, status)
