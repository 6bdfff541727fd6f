"""Pods as others count them: whether they are active, whether they are ready."""

from lab.cluster.sim.api.objects import Object, dig, meta

__all__ = ["is_active", "is_ready"]


def is_active(pod: Object) -> bool:
    """Whether a pod counts for its owner: it is neither ending nor ended."""
    return "deletionTimestamp" not in meta(pod) and dig(pod, "status", "phase") not in {"Succeeded", "Failed"}


def is_ready(pod: Object) -> bool:
    """Whether a pod is Ready."""
    return any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in dig(pod, "status", "conditions", default=[])
    )
