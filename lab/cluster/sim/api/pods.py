"""Pods as others count them: whether they are active, whether they are ready."""

from lab.cluster.sim.api.objects import Object, meta

__all__ = ["is_active", "is_ready"]


def is_active(pod: Object) -> bool:
    """Whether a pod counts for its owner: it is neither ending nor ended."""
    if "deletionTimestamp" in meta(pod):
        return False
    return (pod.get("status") or {}).get("phase") not in {"Succeeded", "Failed"}


def is_ready(pod: Object) -> bool:
    """Whether a pod is Ready."""
    for condition in (pod.get("status") or {}).get("conditions") or []:
        if condition["type"] == "Ready" and condition["status"] == "True":
            return True
    return False
