"""The scheduler: assigns a node to each pod without one."""

from collections import Counter
from functools import partial

from lab.cluster.sim.api.objects import (
    Object,
    clone,
    conditions_set,
    dig,
    labels,
    matches_expressions,
    meta,
    name_of,
    namespace_of,
    tolerates,
)
from lab.cluster.sim.control.scores import scores
from lab.cluster.sim.plane.client import Client
from lab.cluster.sim.plane.control_plane import ControlPlane
from lab.cluster.sim.plane.events import Recorder
from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["Scheduler"]

#: Why a node has no room for one more pod.
_FULL = "Too many pods"


@stateful
class Scheduler:
    """Schedules pods whenever pods or nodes change."""

    _plane: Given[ControlPlane]
    _client: Given[Client]
    _events: Given[Recorder]
    due: float
    #: Pod UID -> why no node fits, as events say it.
    _told: dict[str, str]

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._client = plane.client("system:kube-scheduler")
        self._events = plane.events.recorder(
            self._client, "default-scheduler", process=partial(plane.process, "kube-scheduler")
        )
        self.due = 0.0
        self._told = {}

    def run(self, now: float) -> None:
        """Schedule the pending pods."""
        if not self._plane.leads("kube-scheduler"):
            self.due = now + 2.0
            return
        nodes = self._client.list("Node")
        for pod in self._client.list("Pod"):
            if not dig(pod, "spec", "nodeName") and "deletionTimestamp" not in meta(pod):
                self._place(pod, nodes, now)
        self.due = now + 30.0

    def _place(self, pod: Object, nodes: list[Object], now: float) -> None:
        refusals: Counter[str] = Counter()
        fitting = []
        placed = Counter(
            dig(each, "spec", "nodeName")
            for each in self._client.list("Pod")
            if dig(each, "status", "phase") not in {"Succeeded", "Failed"}
        )
        for node in nodes:
            why = _refusal(pod, node)
            if not why and placed[name_of(node)] >= int(dig(node, "status", "allocatable", "pods", default="110")):
                why = _FULL
            if why:
                refusals[why] += 1
            else:
                fitting.append(node)
        if not fitting:
            self._unschedulable(pod, len(nodes), refusals, now)
            return
        found = scores(self._client, pod, fitting)
        best = min(found, key=lambda name: (-found[name], name))
        if self._client.bind(pod, best).ok:
            message = f"Successfully assigned {namespace_of(pod)}/{name_of(pod)} to {best}"
            self._events.record(pod, "Normal", "Scheduled", message)

    def _unschedulable(self, pod: Object, total: int, refusals: Counter[str], now: float) -> None:
        told = ", ".join(f"{count} {why}" for why, count in sorted(refusals.items()))
        message = (
            f"0/{total} nodes are available: {told}. no new claims to deallocate, preemption: 0/{total} nodes are "
        )
        full = refusals[_FULL]
        parts = [(full, "No preemption victims found for incoming pod"),
                 (total - full, "Preemption is not helpful for scheduling")]  # fmt: skip
        message += f"available: {', '.join(f'{count} {why}' for count, why in parts if count)}."
        if self._told.get(meta(pod)["uid"]) == message:
            return
        status = clone(pod["status"])
        conditions_set(status, "PodScheduled", "False", now, reason="Unschedulable", message=message)
        if self._client.update_status(pod, status).ok:
            self._told[meta(pod)["uid"]] = message
            self._events.record(pod, "Warning", "FailedScheduling", message)


def _refusal(pod: Object, node: Object) -> str:
    spec = pod["spec"]
    for taint in [*(dig(node, "spec", "taints") or [])]:
        if taint["effect"] in {"NoSchedule", "NoExecute"} and not tolerates(spec, taint):
            return "node(s) had untolerated taint(s)"
    if dig(node, "spec", "unschedulable") and not any(
        t.get("key") in {None, "node.kubernetes.io/unschedulable"} for t in spec.get("tolerations") or []
    ):
        return "node(s) were unschedulable"
    wanted = spec.get("nodeSelector") or {}
    if any(labels(node).get(key) != value for key, value in wanted.items()) or not _affine(spec, node):
        return "node(s) didn't match Pod's node affinity/selector"
    return ""


def _affine(spec: Object, node: Object) -> bool:
    terms = dig(
        spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    )
    if not terms:
        return True
    fields = {"metadata.name": name_of(node)}
    return any(
        matches_expressions(term.get("matchFields") or [], fields)
        and matches_expressions(term.get("matchExpressions") or [], labels(node))
        for term in terms
    )
