"""kubectl create of roles and their bindings."""

from lab.cluster.sim.api.objects import Object
from lab.cluster.sim.bash.running.call import Exit
from lab.cluster.sim.commands.kubectl.client import Client

__all__ = ["cluster_role", "cluster_role_binding", "role", "role_binding"]

_GROUP = "rbac.authorization.k8s.io"
#: API groups of resources outside the core group.
_GROUPS = {
    **dict.fromkeys(["deployments", "daemonsets", "replicasets", "statefulsets"], "apps"),
    **dict.fromkeys(["networkpolicies", "ingresses"], "networking.k8s.io"),
    **dict.fromkeys(["jobs", "cronjobs"], "batch"),
    **dict.fromkeys(["roles", "rolebindings", "clusterroles", "clusterrolebindings"], _GROUP),
}


def role(client: Client, name: str) -> Object:
    """Return a Role from flags; raise `Exit` with kubectl's message if they are wrong."""
    return _with_rules("Role", client, name)


def cluster_role(client: Client, name: str) -> Object:
    """Return a ClusterRole from flags; raise `Exit` with kubectl's message if they are wrong."""
    return _with_rules("ClusterRole", client, name)


def role_binding(client: Client, name: str) -> Object:
    """Return a RoleBinding from flags; raise `Exit` with kubectl's message if they are wrong."""
    cluster_wide, own = client.flags.get("clusterrole"), client.flags.get("role")
    if bool(cluster_wide) == bool(own):
        raise Exit(1, "error: exactly one of clusterrole or role must be specified")
    return _binding("RoleBinding", client, name, ("ClusterRole", cluster_wide) if cluster_wide else ("Role", own))


def cluster_role_binding(client: Client, name: str) -> Object:
    """Return a ClusterRoleBinding from flags; raise `Exit` with kubectl's message if they are wrong."""
    if not client.flags.get("clusterrole"):
        raise Exit(1, 'error: required flag(s) "clusterrole" not set')
    return _binding("ClusterRoleBinding", client, name, ("ClusterRole", client.flags.get("clusterrole")))


def _listed(client: Client, flag: str) -> list[str]:
    return [word for value in client.flags.all(flag) for word in value.split(",")]


def _with_rules(kind: str, client: Client, name: str) -> Object:
    verbs, resources = _listed(client, "verb"), _listed(client, "resource")
    if not verbs:
        raise Exit(1, "error: at least one verb must be specified")
    if not resources:
        raise Exit(1, "error: at least one resource must be specified")
    by_group: dict[str, list[str]] = {}
    for word in resources:
        plural, _, group = word.partition(".")
        by_group.setdefault(group or _GROUPS.get(plural.partition("/")[0], ""), []).append(plural)
    names = _listed(client, "resource-name")
    rules = [
        {"apiGroups": [group], "resources": found, **({"resourceNames": names} if names else {}), "verbs": verbs}
        for group, found in by_group.items()
    ]
    return {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": name}, "rules": rules}


def _binding(kind: str, client: Client, name: str, to: tuple[str, str]) -> Object:
    subjects: list[Object] = [
        {"apiGroup": _GROUP, "kind": what, "name": word}
        for what, flag in (("User", "user"), ("Group", "group"))
        for word in _listed(client, flag)
    ]
    for word in _listed(client, "serviceaccount"):
        namespace, colon, account = word.partition(":")
        if not (namespace and colon and account):
            raise Exit(1, "error: serviceaccount must be <namespace>:<name>")
        subjects.append({"kind": "ServiceAccount", "name": account, "namespace": namespace})
    reference = {"apiGroup": _GROUP, "kind": to[0], "name": to[1]}
    made = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": name}, "roleRef": reference}
    return {**made, "subjects": subjects} if subjects else made
