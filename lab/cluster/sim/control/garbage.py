"""The garbage collector: deletes objects without owners."""

from lab.cluster.sim.api.objects import meta
from lab.cluster.sim.control.controller import Controller

__all__ = ["GarbageCollector"]

_OWNERS = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "Service", "Node", "Endpoints")
_OWNED = ("ReplicaSet", "Pod", "ControllerRevision", "EndpointSlice")


class GarbageCollector(Controller):
    """Deletes objects whose owners are all gone."""

    name = "generic-garbage-collector"
    watched = (*_OWNERS, *_OWNED)

    def reconcile(self, now: float) -> None:
        """Check every object that may have an owner."""
        del now
        living = {meta(item)["uid"] for kind in _OWNERS for item in self.client.list(kind)}
        for kind in _OWNED:
            for item in self.client.list(kind):
                references = meta(item).get("ownerReferences") or []
                # A mirror pod is owned by its node, and the kubelet deletes it.
                if references and not any(r["uid"] in living or r["kind"] == "Node" for r in references):
                    self.client.delete(item)
