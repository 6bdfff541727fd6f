"""DaemonSets: one pod on every node that accepts it."""

from lab.cluster.sim.api.objects import (
    Object,
    dig,
    digest,
    labels,
    meta,
    name_of,
    namespace_of,
    owner_reference,
    tolerates,
)
from lab.cluster.sim.api.pods import is_active, is_ready
from lab.cluster.sim.control.workload import WorkloadController
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.state.declared import Derived

__all__ = ["DaemonSetController"]

_HASH = "controller-revision-hash"
_GENERATION = "pod-template-generation"


class DaemonSetController(WorkloadController):
    """Keeps one pod of every DaemonSet on each node."""

    name = "daemonset-controller"
    watched = ("DaemonSet", "ControllerRevision", "Pod", "Node")

    #: UID of a DaemonSet -> its template, and the hash of that template: a cache.
    _marks: Derived[dict[str, tuple[Object, str]]]

    def __init__(self, plane: ControlPlane) -> None:
        super().__init__(plane)
        self._marks = {}

    def reconcile(self, now: float) -> None:
        """Reconcile every DaemonSet."""
        for item in self.client.list("DaemonSet"):
            if "deletionTimestamp" in meta(item):
                continue
            mark = self._revision(item)
            self.notice(item, self.active_pods(item))
            nodes = [node for node in self.client.list("Node") if _fits(item, node)]
            self._place(item, nodes, now, mark)
            self._roll(item, mark)
            self._report(item, nodes, mark)

    def _revision(self, item: Object) -> str:
        """Return the hash of the template. Each past template is kept as a ControllerRevision."""
        template = dict(item["spec"]["template"])
        if "metadata" in template:
            about = template["metadata"]
            template["metadata"] = {key: value for key, value in about.items() if key != "creationTimestamp"}
        mark = self._mark(item, template)
        name = f"{name_of(item)}-{mark}"
        if self.client.get("ControllerRevision", namespace_of(item), name) is None:
            known = self.client.owned("ControllerRevision", item)
            revision: Object = {
                "apiVersion": "apps/v1",
                "kind": "ControllerRevision",
                "metadata": {
                    "name": name,
                    "namespace": namespace_of(item),
                    "labels": {**labels({"metadata": template.get("metadata", {})}), _HASH: mark},
                    "ownerReferences": [owner_reference(item)],
                },
                "data": {"spec": {"template": template}},
                "revision": 1 + max((one.get("revision", 0) for one in known), default=0),
            }
            self.client.create(revision)
        return mark

    def _mark(self, item: Object, template: Object) -> str:
        """Return the hash of `template`, the one of `item`: objects of the store never change in place."""
        known = self._marks.get(meta(item)["uid"])
        if known is None or known[0] is not item["spec"]["template"]:
            known = self._marks[meta(item)["uid"]] = item["spec"]["template"], digest(template)
        return known[1]

    def _place(self, item: Object, nodes: list[Object], now: float, mark: str) -> None:
        wanted = {name_of(node) for node in nodes}
        for pod in self.active_pods(item):
            if _node_of(pod) not in wanted:
                self.delete_pod(item, pod)
        # A terminating pod still occupies its node; the next pod is created when it is gone.
        holding = {_node_of(pod) for pod in self.client.owned("Pod", item)}
        if self.backoff.waits(meta(item)["uid"], now):
            return
        extra = {_HASH: mark, _GENERATION: str(meta(item).get("generation", 1))}
        for node in sorted(wanted - holding):
            if not self.create_pod(item, now, node=node, extra_labels=extra):
                break

    def _roll(self, item: Object, mark: str) -> None:
        """Replace pods of an older template, one at a time."""
        if dig(item, "spec", "updateStrategy", "type") != "RollingUpdate":
            return
        every = self.client.owned("Pod", item)
        pods = [pod for pod in every if is_active(pod)]
        old = [pod for pod in pods if labels(pod).get(_HASH) != mark]
        unavailable = sum(not is_ready(pod) for pod in pods) + len(every) - len(pods)
        dead = [pod for pod in old if not is_ready(pod)]
        for pod in dead or (old[:1] if not unavailable else []):
            self.delete_pod(item, pod)

    def _report(self, item: Object, nodes: list[Object], mark: str) -> None:
        pods = self.active_pods(item)
        wanted = {name_of(node) for node in nodes}
        placed = [pod for pod in pods if _node_of(pod) in wanted]
        good = sum(is_ready(pod) for pod in placed)
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
        self.client.update_status(item, status)


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
    if node := pod["spec"].get("nodeName"):
        return str(node)
    terms = dig(
        pod,
        "spec",
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
    )
    return str(dig(terms, 0, "matchFields", 0, "values", 0, default=""))
