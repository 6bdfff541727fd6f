"""Subresources that are read and written separately: status and scale."""

from lab.cluster.sim.api import tables
from lab.cluster.sim.api.objects import Object, clone, dig, meta

__all__ = ["READABLE", "scale_of", "with_part"]

#: Subresources that can be read.
READABLE: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"), frozenset({"", "status", "scale"})
    ),
    **dict.fromkeys(
        ("Node", "Namespace", "Service", "DaemonSet", "Job", "CronJob", "PersistentVolume",
         "PersistentVolumeClaim", "ResourceQuota", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget",
         "CertificateSigningRequest", "APIService", "FlowSchema"),
        frozenset({"", "status"}),
    ),
    "Pod": frozenset({"", "status", "ephemeralcontainers", "resize"}),
    "": frozenset({""}),
}  # fmt: skip


def with_part(old: Object, new: Object, sub: str) -> Object:
    """A write to the object does not change its status; a write to its status changes nothing else."""
    if sub == "scale":
        changed = clone(old)
        changed["spec"]["replicas"] = int(dig(new, "spec", "replicas", default=0))
        return changed
    if sub == "status":
        return {**old, "metadata": dict(meta(old)), "status": clone(new.get("status", {}))}
    if "status" in old and sub != "finalize":
        new["status"] = clone(old["status"])
    return new


def scale_of(item: Object) -> Object:
    """Return a workload's scale."""
    kept = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    selector = tables.selector_text(dig(item, "spec", "selector"))
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: meta(item)[key] for key in kept if key in meta(item)},
        "spec": {"replicas": dig(item, "spec", "replicas", default=0)},
        "status": {"replicas": dig(item, "status", "replicas", default=0), "selector": selector},
    }
