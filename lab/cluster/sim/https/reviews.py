"""Questions of a client about itself: who it is, and what it may do. They are answered, and not stored."""

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind, find
from lab.cluster.sim.api.objects import Object, dig, stamp
from lab.cluster.sim.api.rbac import bound, groups_of, may
from lab.cluster.sim.api.requests import ADMIN, Target
from lab.cluster.sim.https.asked import Asked
from lab.cluster.sim.world.world import World

__all__ = ["ENTERING", "NOT_SIMULATED", "reviewed"]

#: Subresources of a pod that are entered by a websocket.
ENTERING = frozenset({"exec", "attach", "portforward"})
#: Subresources that the simulator can't serve to clients.
NOT_SIMULATED = frozenset({"token"})
_EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
_ANYWHERE = {"verbs": ["*"], "nonResourceURLs": ["*"]}


def reviewed(world: World, asked: Asked, target: Target, review: Object) -> Object | None:
    """Return a review with its answer; None for any other kind."""
    match target.kind.kind:
        case "SelfSubjectReview":
            info = {"username": asked.user, "groups": _groups(asked)}
            metadata = {"creationTimestamp": stamp(world.now())}
            return {**_head(target.kind), "metadata": metadata, "status": {"userInfo": info}}
        case "SelfSubjectAccessReview":
            return {**_head(target.kind), **review, "status": {"allowed": _allowed(world, asked, review)}}
        case "SelfSubjectRulesReview":
            if asked.user != ADMIN:
                raise ApiError(501, "NotImplemented", "not simulated: the rules of an impersonated user")
            rules = {"resourceRules": [_EVERYTHING], "nonResourceRules": [_ANYWHERE], "incomplete": False}
            return {**_head(target.kind), **review, "status": rules}
        case _:
            return None


def _head(kind: Kind) -> Object:
    return {"kind": kind.kind, "apiVersion": kind.api_version}


def _groups(asked: Asked) -> list[str]:
    own = ["kubeadm:cluster-admins"] if asked.user == ADMIN else list(asked.groups)
    return [*own, *(group for group in groups_of(asked.user) if group not in own)]


def _allowed(world: World, asked: Asked, review: Object) -> bool:
    if world.plane.api.open_to_all or asked.user == ADMIN:
        return True
    wanted = dig(review, "spec", "resourceAttributes")
    if not wanted:
        return bool(dig(review, "spec", "nonResourceAttributes", "verb") == "get")
    resource, sub = wanted.get("resource", ""), wanted.get("subresource", "")
    kind = find(resource)
    name, namespace, verb = (wanted.get(key, "") for key in ("name", "namespace", "verb"))
    if kind is not None:
        return may(world.plane.store, asked.user, asked.groups, (kind, name, namespace, verb, sub))
    question = (verb, wanted.get("group", ""), f"{resource}/{sub}" if sub else resource, namespace)
    return bound(world.plane.store, asked.user, asked.groups, question, name)
