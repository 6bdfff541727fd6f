"""Reviews: questions to the API server that it answers and does not store."""

from typing import TYPE_CHECKING

from lab.cluster.sim.api.kinds import Kind, find
from lab.cluster.sim.api.objects import Object, dig
from lab.cluster.sim.api.rbac import may

if TYPE_CHECKING:
    from lab.cluster.sim.api.store import Store

__all__ = ["subject_access"]


def subject_access(store: "Store", review: Object, *, open_to_all: bool) -> Object:
    """Return a SubjectAccessReview with its answer: whether its user may do what it asks for."""
    spec = review.get("spec") or {}
    asked = dig(spec, "resourceAttributes") or {}
    resource = asked.get("resource", "")
    kind = find(resource) or Kind(resource, resource, asked.get("group", ""))
    allowed = open_to_all or may(
        store,
        spec.get("user", ""),
        spec.get("groups") or [],
        (
            kind,
            asked.get("name", ""),
            asked.get("namespace", ""),
            asked.get("verb", ""),
            asked.get("subresource", ""),
        ),
    )
    return {**review, "status": {"allowed": allowed}}
