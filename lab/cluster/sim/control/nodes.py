"""Node lifecycle: nodes whose kubelet is silent become NotReady, and their pods too."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, clone, conditions_set, dig, meta, name_of, parse_time, stamp
from lab.cluster.sim.control.common import record, update

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["reconcile"]

#: A kubelet that has not renewed its lease for so long is not heard of any more.
GRACE = 50.0
_LOST = "Kubelet stopped posting node status."
_TAINTS = {"False": "node.kubernetes.io/not-ready", "Unknown": "node.kubernetes.io/unreachable"}


def reconcile(plane: ControlPlane, backoff: "Backoff", seen: dict[str, str], now: float) -> None:
    """Judge every node by its lease."""
    del backoff
    since = float(seen.get("nodes", "0"))
    if not since:
        seen["nodes"] = str(now)
        return
    for node in plane.store.list(KIND["Node"]):
        lease = plane.store.get(KIND["Lease"], "kube-node-lease", name_of(node))
        renewed = parse_time(dig(lease, "spec", "renewTime")) if lease else 0.0
        # Time in which nobody could write is nobody's silence.
        if now - max(renewed, since) > GRACE:
            _lose(plane, node, now)
        _taint(plane, node, now)
    if plane.writes_fail_since:
        seen["nodes"] = str(now)


def _lose(plane: ControlPlane, node: Object, now: float) -> None:
    changed = clone(node)
    for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"):
        conditions_set(changed["status"], kind, "Unknown", now, reason="NodeStatusUnknown", message=_LOST)
    if changed != node and update(plane, changed):
        told = f"Node {name_of(node)} status is now: NodeNotReady"
        record(plane, "node-controller", node, "Normal", "NodeNotReady", told)
        for pod in plane.store.list(KIND["Pod"]):
            if dig(pod, "spec", "nodeName") == name_of(node):
                lost = clone(pod)
                conditions_set(lost["status"], "Ready", "False", now)
                update(plane, lost)


def _taint(plane: ControlPlane, node: Object, now: float) -> None:
    ready = next(
        (c["status"] for c in dig(node, "status", "conditions", default=[]) if c["type"] == "Ready"), "True"
    )
    current = plane.store.get(KIND["Node"], "", name_of(node)) or node
    taints = dig(current, "spec", "taints", default=[])
    key = _TAINTS.get(ready)
    kept = [taint for taint in taints if taint["key"] not in _TAINTS.values() or taint["key"] == key]
    if key and not any(taint["key"] == key for taint in kept):
        kept = [
            *kept,
            *({"effect": effect, "key": key, "timeAdded": stamp(now)} for effect in ("NoSchedule", "NoExecute")),
        ]
    if kept != taints and "name" in meta(current):
        changed = clone(current)
        changed["spec"]["taints"] = kept
        if not kept:
            del changed["spec"]["taints"]
        update(plane, changed)
