"""Deployments: one ReplicaSet for each template, and rolling updates between them."""

import math

from lab.cluster.sim.api.objects import (
    Object,
    clone,
    conditions_set,
    dig,
    digest,
    meta,
    name_of,
    namespace_of,
    owner_reference,
)
from lab.cluster.sim.control.controller import Controller

__all__ = ["REVISION", "DeploymentController"]

REVISION = "deployment.kubernetes.io/revision"
_HASH = "pod-template-hash"


class DeploymentController(Controller):
    """Keeps the ReplicaSets of every Deployment at their wanted sizes."""

    name = "deployment-controller"
    watched = ("Deployment", "ReplicaSet")

    def reconcile(self, now: float) -> None:
        """Reconcile every Deployment."""
        for item in self.client.list("Deployment"):
            if "deletionTimestamp" in meta(item):
                continue
            sets = self.client.owned("ReplicaSet", item)
            if not dig(item, "spec", "paused") or not sets:
                new = self._new_set(item, sets)
                if new is None:
                    continue
                sets = self.client.owned("ReplicaSet", item)
                self._roll(item, new, sets)
            self._report(item, self.client.owned("ReplicaSet", item), now)

    def _new_set(self, item: Object, sets: list[Object]) -> Object | None:
        """Return the ReplicaSet of the Deployment's template; create it if there is none."""
        template = _bare(item["spec"]["template"])
        last = max((_revision(one) for one in sets), default=0)
        for found in sets:
            if _bare(found["spec"]["template"]) == template:
                if _revision(found) < last:
                    found = self._renumber(found, last + 1)  # noqa: PLW2901 -- the same set, renumbered
                self._note_revision(item, _revision(found))
                return found
        mark = digest(template)
        recreate = dig(item, "spec", "strategy", "type") == "Recreate"
        size = 0 if recreate and sets else _room(item, sets)
        replica_set: Object = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{name_of(item)}-{mark}",
                "namespace": namespace_of(item),
                "labels": {**(dig(template, "metadata", "labels") or {}), _HASH: mark},
                "annotations": {
                    "deployment.kubernetes.io/desired-replicas": str(item["spec"]["replicas"]),
                    "deployment.kubernetes.io/max-replicas": str(item["spec"]["replicas"] + _surge(item)),
                    REVISION: str(last + 1),
                },
                "ownerReferences": [owner_reference(item)],
            },
            "spec": {
                "replicas": size,
                "selector": {
                    **item["spec"]["selector"],
                    "matchLabels": {**(dig(item, "spec", "selector", "matchLabels") or {}), _HASH: mark},
                },
                "template": template,
            },
            "status": {"replicas": 0},
        }
        replica_set["spec"]["template"]["metadata"].setdefault("labels", {})[_HASH] = mark
        if not self.client.create(replica_set).ok:
            return None
        if size:
            self._record_scaling(item, name_of(replica_set), 0, size)
        self._note_revision(item, last + 1)
        return self.client.get("ReplicaSet", namespace_of(item), name_of(replica_set))

    def _renumber(self, found: Object, revision: int) -> Object:
        changed = clone(found)
        changed["metadata"]["annotations"][REVISION] = str(revision)
        self.client.update(changed)
        return changed

    def _note_revision(self, item: Object, revision: int) -> None:
        current = self.client.get("Deployment", namespace_of(item), name_of(item))
        if current is not None and _revision(current) != revision:
            changed = clone(current)
            meta(changed).setdefault("annotations", {})[REVISION] = str(revision)
            self.client.update(changed)

    def _roll(self, item: Object, new: Object, sets: list[Object]) -> None:
        total = int(item["spec"]["replicas"])
        old = [one for one in sets if name_of(one) != name_of(new) and one["spec"]["replicas"] > 0]
        if not old:
            self._resize(item, new, total)
            return
        if dig(item, "spec", "strategy", "type") == "Recreate":
            for one in old:
                self._resize(item, one, 0)
            if all(not dig(one, "status", "replicas", default=0) for one in old):
                self._resize(item, new, total)
            return
        more = _room(item, sets, new)
        if more > 0:
            self._resize(item, new, new["spec"]["replicas"] + more)
            return
        self._scale_down(item, new, sorted(old, key=lambda one: str(meta(one).get("creationTimestamp"))))

    def _scale_down(self, item: Object, new: Object, old: list[Object]) -> None:
        """Scale the `old` sets down, oldest first: unavailable pods first, then as many as may be missing."""
        least = int(item["spec"]["replicas"]) - _unavailable(item)
        sizes = {name_of(one): int(one["spec"]["replicas"]) for one in [new, *old]}
        pending = sizes[name_of(new)] - _available(new)
        most = sum(sizes.values()) - least - pending
        if most <= 0:
            return
        for one in old:
            drop = min(most, sizes[name_of(one)] - _available(one))
            if drop > 0:
                most -= drop
                sizes[name_of(one)] -= drop
                self._resize(item, one, sizes[name_of(one)])
        spare = sum(_available(one) for one in [new, *old]) - least
        for one in old:
            drop = min(spare, sizes[name_of(one)])
            if drop > 0:
                spare -= drop
                sizes[name_of(one)] -= drop
                self._resize(item, one, sizes[name_of(one)])

    def _resize(self, item: Object, one: Object, replicas: int) -> None:
        before = one["spec"]["replicas"]
        if before == replicas:
            return
        changed = clone(one)
        changed["spec"]["replicas"] = replicas
        if self.client.update(changed).ok:
            self._record_scaling(item, name_of(one), before, replicas)

    def _record_scaling(self, item: Object, name: str, before: int, after: int) -> None:
        verb = "up" if after > before else "down"
        told = f"Scaled {verb} replica set {name} from {before} to {after}"
        self.record(item, "Normal", "ScalingReplicaSet", told)

    def _report(self, item: Object, sets: list[Object], now: float) -> None:
        item = self.client.get("Deployment", namespace_of(item), name_of(item)) or item
        template = _bare(item["spec"]["template"])
        new = [one for one in sets if _bare(one["spec"]["template"]) == template]
        total = int(item["spec"]["replicas"])
        counts = {
            "replicas": sum(dig(one, "status", "replicas", default=0) for one in sets),
            "updatedReplicas": sum(dig(one, "status", "replicas", default=0) for one in new),
            "readyReplicas": sum(dig(one, "status", "readyReplicas", default=0) for one in sets),
            "availableReplicas": sum(dig(one, "status", "availableReplicas", default=0) for one in sets),
        }
        available = counts["availableReplicas"]
        status: Object = {key: value for key, value in counts.items() if value}
        if total > available:
            status["unavailableReplicas"] = total - available
        status["observedGeneration"] = meta(item).get("generation", 1)
        status["conditions"] = clone(dig(item, "status", "conditions", default=[]))
        _conditions(item, status, new, counts, now)
        self.client.update_status(item, status)


def _bare(template: Object) -> Object:
    """Return a template without the fields that a ReplicaSet adds; the pod spec is shared, not copied."""
    metadata = {key: value for key, value in template.get("metadata", {}).items() if key != "creationTimestamp"}
    if labels := metadata.get("labels"):
        metadata["labels"] = {key: value for key, value in labels.items() if key != _HASH}
    return {**template, "metadata": metadata}


def _revision(item: Object) -> int:
    return int((meta(item).get("annotations") or {}).get(REVISION, 0))


def _part(item: Object, name: str, total: int, *, up: bool) -> int:
    value = dig(item, "spec", "strategy", "rollingUpdate", name, default="25%")
    if isinstance(value, str) and value.endswith("%"):
        share = total * int(value[:-1]) / 100
        return math.ceil(share) if up else math.floor(share)
    return int(value)


def _surge(item: Object) -> int:
    return _part(item, "maxSurge", item["spec"]["replicas"], up=True)


def _unavailable(item: Object) -> int:
    """Return the number of pods that may be missing during a rollout; at least one if no surge is allowed."""
    total = int(item["spec"]["replicas"])
    return min(_part(item, "maxUnavailable", total, up=False) or int(not _surge(item)), total)


def _room(item: Object, sets: list[Object], new: Object | None = None) -> int:
    """Return the number of pods that the new set may add within the surge."""
    total = int(item["spec"]["replicas"])
    running = sum(int(one["spec"]["replicas"]) for one in sets)
    own = int(new["spec"]["replicas"]) if new else 0
    return max(min(total + _surge(item) - running, total - own), 0)


def _available(one: Object) -> int:
    return int(dig(one, "status", "availableReplicas", default=0))


def _conditions(item: Object, status: Object, new: list[Object], counts: dict[str, int], now: float) -> None:
    total = int(item["spec"]["replicas"])
    were = {c["type"]: (c["status"], c.get("reason")) for c in status.get("conditions") or []}
    enough = counts["availableReplicas"] >= total - _part(item, "maxUnavailable", total, up=False)
    has = "has" if enough else "does not have"
    conditions_set(
        status, "Available", str(enough), now,
        reason="MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
        message=f"Deployment {has} minimum availability.",
    )  # fmt: skip
    for condition in status["conditions"]:
        condition.setdefault("lastUpdateTime", condition["lastTransitionTime"])
    failing = [
        c for one in new for c in dig(one, "status", "conditions", default=[]) if c["type"] == "ReplicaFailure"
    ]
    status["conditions"] = [c for c in status["conditions"] if c["type"] != "ReplicaFailure" or failing]
    if failing:
        conditions_set(status, "ReplicaFailure", "True", now, reason="FailedCreate", message=failing[0]["message"])
    name = name_of(new[0]) if new else ""
    done = counts["updatedReplicas"] == counts["replicas"] == total == counts["availableReplicas"]
    # A completed rollout stays complete, even if pods are lost later.
    before: Object = next((c for c in status["conditions"] if c["type"] == "Progressing"), {})
    done = done or (
        before.get("reason") == "NewReplicaSetAvailable"
        and counts["updatedReplicas"] == counts["replicas"]
        and f'"{name}"' in before.get("message", "")
    )
    conditions_set(
        status, "Progressing", "True", now,
        reason="NewReplicaSetAvailable" if done else "ReplicaSetUpdated",
        message=f'ReplicaSet "{name}" {"has successfully progressed" if done else "is progressing"}.',
    )  # fmt: skip
    # Changed conditions go to the end, in the order of the real controller.
    order = ["", "Available", "Progressing", "ReplicaFailure"]
    status["conditions"].sort(
        key=lambda c: order.index(c["type"]) if were.get(c["type"]) != (c["status"], c.get("reason")) else 0
    )
