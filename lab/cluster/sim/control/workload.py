"""The common part of controllers that create pods: templates, and back-off after refusals."""

from lab.cluster.sim.api.objects import Object, meta, name_of, namespace_of, owner_reference
from lab.cluster.sim.api.pods import is_active
from lab.cluster.sim.control.controller import Controller
from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["WorkloadController"]

#: Taints that a DaemonSet's pods tolerate, and one more for pods on the host network.
_TOLERATED = (
    ("not-ready", "NoExecute"),
    ("unreachable", "NoExecute"),
    ("disk-pressure", "NoSchedule"),
    ("memory-pressure", "NoSchedule"),
    ("pid-pressure", "NoSchedule"),
    ("unschedulable", "NoSchedule"),
)
_TOLERATED_BY_HOST = (("network-unavailable", "NoSchedule"),)


class WorkloadController(Controller):
    """A controller that creates pods."""

    #: UID of an owner -> its generation and its pods at the last look.
    _seen: dict[str, str]

    def __init__(self, plane: ControlPlane) -> None:
        super().__init__(plane)
        self._seen = {}

    def relist(self) -> None:
        """Treat all objects as new."""
        super().relist()
        self._seen = {}

    def active_pods(self, owner: Object) -> list[Object]:
        """Return the active pods of `owner`."""
        return [pod for pod in self.client.owned("Pod", owner) if is_active(pod)]

    def notice(self, owner: Object, pods: list[Object]) -> None:
        """Allow an immediate retry for an owner whose spec or pods have changed."""
        key = meta(owner)["uid"]
        mark = f"{meta(owner).get('generation')}/{sorted(name_of(pod) for pod in pods)}"
        if self._seen.get(key) != mark:
            self._seen[key] = mark
            self.backoff.retry_now(key)

    def create_pod(
        self, owner: Object, now: float, *, node: str = "", extra_labels: dict[str, str] | None = None
    ) -> bool:
        """Create a pod from the owner's template; a refusal leads to an event and a back-off."""
        template = owner["spec"]["template"]
        metadata = template.get("metadata") or {}
        pod: Object = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "generateName": f"{name_of(owner)}-",
                "namespace": namespace_of(owner),
                "labels": {**(metadata.get("labels") or {}), **(extra_labels or {})},
                "ownerReferences": [owner_reference(owner)],
            },
            "spec": _bound(template["spec"], node) if node else template["spec"],
        }
        if metadata.get("annotations"):
            pod["metadata"]["annotations"] = metadata["annotations"]
        answer = self.client.create(pod)
        key = meta(owner)["uid"]
        if answer.ok:
            self.backoff.forget(key)
            self.record(owner, "Normal", "SuccessfulCreate", f"Created pod: {name_of(answer.body)}")
            return True
        self.record(owner, "Warning", "FailedCreate", f"Error creating: {answer.body['message']}")
        self.backoff.fail(key, now)
        return False

    def delete_pod(self, owner: Object, pod: Object) -> None:
        """Delete a pod, with an event about its owner."""
        if self.client.delete(pod).ok:
            self.record(owner, "Normal", "SuccessfulDelete", f"Deleted pod: {name_of(pod)}")


def _bound(spec: Object, node: str) -> Object:
    """Return the spec of a DaemonSet's pod, bound to `node` and with the DaemonSet's tolerations."""
    field = {"key": "metadata.name", "operator": "In", "values": [node]}
    terms = {"nodeSelectorTerms": [{"matchFields": [field]}]}
    tolerations = [
        {"effect": effect, "key": f"node.kubernetes.io/{name}", "operator": "Exists"}
        for name, effect in (*_TOLERATED, *(_TOLERATED_BY_HOST if spec.get("hostNetwork") else ()))
    ]
    return {
        **spec,
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}},
        "tolerations": [*(spec.get("tolerations") or []), *tolerations],
    }
