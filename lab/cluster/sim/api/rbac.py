"""RBAC: the rights from bindings, in addition to those of kubeadm's own."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND, Kind
from lab.cluster.sim.api.objects import Object, namespace_of
from lab.cluster.sim.api.requests import Request, access_denied

if TYPE_CHECKING:
    from lab.cluster.sim.api.store import Store

__all__ = ["ALMIGHTY_GROUPS", "bound", "groups_of", "may", "path_refusal", "refusal", "require_role_kind"]

#: Users and groups that kubeadm has bound to all rights.
_ALMIGHTY = {"kubernetes-admin", "kubernetes-super-admin"}
ALMIGHTY_GROUPS = {"system:masters", "kubeadm:cluster-admins"}
#: Requests about oneself that every authenticated user may send.
_OWN = {"SelfSubjectAccessReview", "SelfSubjectRulesReview", "SelfSubjectReview"}
#: The first parts of paths that every authenticated user may read.
_DISCOVERY = {"api", "apis", "healthz", "livez", "openapi", "readyz", "version"}
_ACCOUNT = "system:serviceaccount:"


def bound(store: "Store", user: str, groups: Sequence[str], wanted: tuple[str, str, str, str], name: str) -> bool:
    """Whether a binding allows `user` the `wanted` verb, API group, resource and namespace (empty: all)."""
    verb, group, resource, namespace = wanted
    all_groups = {*groups, *groups_of(user)}
    for role, where in _roles(store, user, all_groups):
        if where and where != namespace:
            continue
        for rule in role.get("rules") or []:
            if (
                _fits(rule.get("verbs"), verb)
                and _fits(rule.get("apiGroups"), group)
                and _fits(rule.get("resources"), resource)
                and (not rule.get("resourceNames") or name in rule["resourceNames"])
            ):
                return True
    return False


def may(store: "Store", user: str, groups: Sequence[str], asked: tuple[Kind, str, str, str, str]) -> bool:
    """Whether `user` may do what is `asked`: kind, name, namespace, verb, subresource."""
    kind, name, namespace, verb, sub = asked
    if user in _ALMIGHTY or ALMIGHTY_GROUPS & set(groups):
        return True
    if verb == "create" and kind.kind in _OWN:
        return True
    resource = f"{kind.plural}/{sub}" if sub else kind.plural
    return bound(store, user, groups, (verb, kind.group, resource, namespace), name)


def refusal(
    store: "Store", user: str, groups: Sequence[str], asked: tuple[Kind, str, str, str, str]
) -> ApiError | None:
    """Return the refusal of what is `asked`, or None if `user` may do it."""
    if may(store, user, groups, asked):
        return None
    kind, name, namespace, verb, sub = asked
    return access_denied(kind, name, namespace, user, verb, sub)


def path_refusal(user: str, groups: Sequence[str], request: Request) -> ApiError | None:
    """Return the refusal of a request for a path without objects, or None if `user` may send it."""
    if user in _ALMIGHTY or ALMIGHTY_GROUPS & set(groups):
        return None
    path, verb = request.path.partition("?")[0], request.method.lower()
    everybody = "system:authenticated" in {*groups, *groups_of(user)}
    if verb == "get" and everybody and path.split("/")[1] in _DISCOVERY:
        return None
    return ApiError(403, "Forbidden", f'forbidden: User "{user}" cannot {verb} path "{path}"')


def require_role_kind(binding: Object) -> None:
    """Refuse a new binding whose role can't be looked up, which comes before all other checks."""
    kind = (binding.get("roleRef") or {}).get("kind") or ""
    if kind not in {"Role", "ClusterRole"}:
        raise ApiError(500, "", f'unsupported role reference kind: "{kind}"')


def groups_of(user: str) -> list[str]:
    """Return the groups of every user of this kind, in the order in which messages list them."""
    if user == "system:anonymous":
        return ["system:unauthenticated"]
    if not user.startswith(_ACCOUNT):
        return ["system:authenticated"]
    namespace = user.removeprefix(_ACCOUNT).partition(":")[0]
    return ["system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated"]


def _roles(store: "Store", user: str, groups: set[str]) -> Iterator[tuple[Object, str]]:
    """Return each bound role with the namespace in which it applies (empty: all)."""
    for kind in (KIND["ClusterRoleBinding"], KIND["RoleBinding"]):
        for binding in store.list(kind):
            if any(_is(subject, user, groups) for subject in binding.get("subjects") or []):
                where = namespace_of(binding)
                referred = binding["roleRef"]
                role = store.get(
                    KIND[referred["kind"]], where if referred["kind"] == "Role" else "", referred["name"]
                )
                if role is not None:
                    yield role, where


def _is(subject: Object, user: str, groups: set[str]) -> bool:
    if subject["kind"] == "ServiceAccount":
        return user == f"{_ACCOUNT}{subject.get('namespace', '')}:{subject['name']}"
    return subject["name"] in groups if subject["kind"] == "Group" else subject["name"] == user


def _fits(listed: Sequence[str] | None, wanted: str) -> bool:
    return listed is not None and ("*" in listed or wanted in listed)
