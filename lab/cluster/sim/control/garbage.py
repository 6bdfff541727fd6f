"""The garbage collector: what has lost its owner goes."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import meta
from lab.cluster.sim.control.common import delete

if TYPE_CHECKING:
    from lab.cluster.sim.control.backoff import Backoff

from lab.cluster.sim.plane.control_plane import ControlPlane

__all__ = ["WATCHED", "reconcile"]

_OWNERS = ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job", "Service", "Node", "Endpoints")
_OWNED = ("ReplicaSet", "Pod", "ControllerRevision", "EndpointSlice")
WATCHED = (*_OWNERS, *_OWNED)


def reconcile(plane: ControlPlane, backoff: "Backoff", seen: dict[str, str], now: float) -> None:
    """Delete objects whose owners are all gone."""
    del backoff, seen, now
    living = {meta(item)["uid"] for kind in _OWNERS for item in plane.store.list(KIND[kind])}
    for kind in _OWNED:
        for item in plane.store.list(KIND[kind]):
            references = meta(item).get("ownerReferences") or []
            # A mirror pod belongs to its node, and goes by the kubelet.
            if references and not any(r["uid"] in living or r["kind"] == "Node" for r in references):
                delete(plane, kind, item)
