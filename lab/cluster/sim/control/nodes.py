"""Node lifecycle: nodes without lease renewals become NotReady, and so do their pods."""

from lab.cluster.sim.api.objects import Object, clone, conditions_set, dig, name_of, parse_time, stamp
from lab.cluster.sim.control.controller import Controller
from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["NodeController"]

#: Seconds without a lease renewal after which a node becomes Unknown.
GRACE = 50.0
_LOST = "Kubelet stopped posting node status."
_TAINTS = {"False": "node.kubernetes.io/not-ready", "Unknown": "node.kubernetes.io/unreachable"}


class NodeController(Controller):
    """Sets the conditions of every node by its lease."""

    name = "node-controller"

    #: Since when kubelets could renew their leases without a break, in s since the epoch; 0: from now.
    _since: float

    def __init__(self, plane: ControlPlane) -> None:
        super().__init__(plane)
        self._since = 0.0

    def relist(self) -> None:
        """Give all nodes their grace period again."""
        super().relist()
        self._since = 0.0

    def reconcile(self, now: float) -> None:
        """Reconcile every node."""
        if not self._since:
            self._since = now
            return
        for node in self.client.list("Node"):
            lease = self.client.get("Lease", "kube-node-lease", name_of(node))
            renewed = parse_time(dig(lease, "spec", "renewTime")) if lease else 0.0
            # While writes are impossible, a missing renewal says nothing about a node.
            if now - max(renewed, self._since) > GRACE:
                self._lose(node, now)
            self._taint(name_of(node), now)
        if self.plane.writes_fail_since:
            self._since = now

    def _lose(self, node: Object, now: float) -> None:
        status = clone(node["status"])
        for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "Ready"):
            conditions_set(status, kind, "Unknown", now, reason="NodeStatusUnknown", message=_LOST)
        if status == node["status"] or not self.client.update_status(node, status).ok:
            return
        self.record(node, "Normal", "NodeNotReady", f"Node {name_of(node)} status is now: NodeNotReady")
        for pod in self.client.list("Pod"):
            if dig(pod, "spec", "nodeName") == name_of(node):
                lost = clone(pod["status"])
                conditions_set(lost, "Ready", "False", now)
                self.client.update_status(pod, lost)

    def _taint(self, name: str, now: float) -> None:
        node = self.client.get("Node", "", name)
        if node is None:
            return
        conditions = dig(node, "status", "conditions", default=[])
        ready = next((each["status"] for each in conditions if each["type"] == "Ready"), "True")
        taints = dig(node, "spec", "taints", default=[])
        key = _TAINTS.get(ready)
        kept = [taint for taint in taints if taint["key"] not in _TAINTS.values() or taint["key"] == key]
        if key and not any(taint["key"] == key for taint in kept):
            kept += [
                {"effect": effect, "key": key, "timeAdded": stamp(now)} for effect in ("NoSchedule", "NoExecute")
            ]
        if kept != taints:
            changed = clone(node)
            changed["spec"]["taints"] = kept
            if not kept:
                del changed["spec"]["taints"]
            self.client.update(changed)
