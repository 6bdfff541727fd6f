"""ReplicaSets: the wanted number of pods."""

from lab.cluster.sim.api.objects import Object, conditions_set, dig, meta, namespace_of
from lab.cluster.sim.api.pods import is_ready
from lab.cluster.sim.control.workload import WorkloadController

__all__ = ["ReplicaSetController"]


class ReplicaSetController(WorkloadController):
    """Keeps every ReplicaSet at its number of pods."""

    name = "replicaset-controller"
    watched = ("ReplicaSet", "Pod")

    def reconcile(self, now: float) -> None:
        """Reconcile every ReplicaSet."""
        for item in self.client.list("ReplicaSet"):
            pods = self.active_pods(item)
            self.notice(item, pods)
            refused = False
            if "deletionTimestamp" not in meta(item):
                refused = self._scale(item, pods, now)
            self._report(item, now, refused=refused or bool(self.backoff.failures.get(meta(item)["uid"])))

    def _scale(self, item: Object, pods: list[Object], now: float) -> bool:
        """Create or delete pods; return whether a creation was refused."""
        wanted = int(dig(item, "spec", "replicas", default=0))
        key = meta(item)["uid"]
        if len(pods) >= wanted:
            self.backoff.forget(key)
            for pod in _victims(pods, len(pods) - wanted):
                self.delete_pod(item, pod)
            return False
        if self.backoff.waits(key, now):
            return True
        # Missing pods are created one after the other; the first refusal ends the round.
        return not all(self.create_pod(item, now) for _ in range(wanted - len(pods)))

    def _report(self, item: Object, now: float, *, refused: bool) -> None:
        pods = self.active_pods(item)
        status: Object = {"replicas": len(pods), "observedGeneration": meta(item).get("generation", 1)}
        good = sum(is_ready(pod) for pod in pods)
        if pods:
            status["fullyLabeledReplicas"] = len(pods)
        if good:
            status["readyReplicas"] = status["availableReplicas"] = good
        if refused and dig(item, "status", "conditions"):
            status["conditions"] = item["status"]["conditions"]
        elif refused:
            message = self._last_refusal(item)
            conditions_set(status, "ReplicaFailure", "True", now, reason="FailedCreate", message=message)
        self.client.update_status(item, status)

    def _last_refusal(self, item: Object) -> str:
        refusals = [
            event["message"]
            for event in self.client.list("Event", namespace_of(item))
            if event["involvedObject"].get("uid") == meta(item)["uid"] and event["reason"] == "FailedCreate"
        ]
        return str(refusals[-1]).removeprefix("Error creating: ") if refusals else ""


def _victims(pods: list[Object], count: int) -> list[Object]:
    """Return the pods to delete: first those without a node, then those that are not Ready, then the newest."""
    newest = sorted(pods, key=lambda pod: str(meta(pod).get("creationTimestamp", "")), reverse=True)
    return sorted(newest, key=lambda pod: (bool(dig(pod, "spec", "nodeName")), is_ready(pod)))[:count]
