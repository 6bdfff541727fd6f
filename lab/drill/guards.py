"""Step *guards*: several users try pods that break the audit's rule; Pod Security itself must refuse them."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from lab.cluster.tools import api
from lab.core.drill import Found, Tripped
from lab.drill.base import LABEL, Ground, Kind, Shown, labelled, manifest, restricted_pod
from lab.errors import UnreadableError
from lab.patience import poll

__all__ = ["KIND"]

#: Settings that a pod outside the system's namespaces must not have (Pod Security `baseline` forbids each).
_FORBIDDEN: Mapping[str, Mapping[str, Any]] = {
    "privileged": {},
    "host-network": {"hostNetwork": True},
    "host-path": {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
}
_REFUSED = re.compile(r'pods "(\S+?)" is forbidden: violates PodSecurity "(?:baseline|restricted):')
_CONTROLLERS = ("replicaset-controller", "daemon-set-controller", "job-controller")


def _guards(ground: Ground) -> Shown:
    """Try the pods; return the pods that were accepted."""
    _bind(ground)
    plugin = _plugin(ground)
    if skipped := ground.skips("a privileged pod is let in before the drill already", "privileged-refused"):
        return Shown(plugin[0].found, tripped=plugin) if plugin else skipped
    users = ["", f"{ground.space}", *(f"system:serviceaccount:kube-system:{each}" for each in _CONTROLLERS)]
    users += [f"system:serviceaccount:{namespace}:default" for namespace in ground.namespaces()[:2]]
    with ground.node.time.side_by_side(4) as pool:
        answers = list(pool.map(lambda user: _let_in(ground, user), users))
    wrong = [said for answer in answers for said in answer] + _of_a_deployment(ground)
    found = Found(
        "privileged-refused",
        ok=not wrong,
        found="; ".join(wrong[:3]),
        expected="outside the system's namespaces Pod Security refuses privileged pods to all, and no others",
    )
    tried = len(users) * len(ground.namespaces()) * len(_FORBIDDEN)
    shown = "; ".join(wrong[:3]) or f"{tried} tries by {len(users)} users: all refused by Pod Security"
    return Shown(shown, [found], plugin)


def _bind(ground: Ground) -> None:
    """Allow the users of this step to create pods, and nothing else."""
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": ground.space, "labels": {LABEL: ""}},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}],
    }
    subjects = [
        {"kind": "User", "name": ground.space, "apiGroup": "rbac.authorization.k8s.io"},
        *(
            {"kind": "ServiceAccount", "name": "default", "namespace": namespace}
            for namespace in ground.namespaces()[:2]
        ),
        *({"kind": "ServiceAccount", "name": name, "namespace": "kube-system"} for name in _CONTROLLERS),
    ]
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": ground.space, "labels": {LABEL: ""}},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ground.space},
        "subjects": subjects,
    }
    api.kubectl(ground.node, "create", "-f", "-", stdin=json.dumps(manifest(role, binding))).check()


def _plugin(ground: Ground) -> list[Tripped]:
    """Try a privileged pod in a new namespace with the label `restricted`, as a user who can't be exempted."""
    guarded = f"{ground.space}-guarded"
    labels = {LABEL: "", "pod-security.kubernetes.io/enforce": "restricted"}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": guarded, "labels": labels}}
    api.kubectl(ground.node, "create", "-f", "-", stdin=json.dumps(space)).check()
    pod = _pod(f"try-{secrets.token_hex(4)}", guarded, "privileged")
    create = ["create", "--dry-run=server", "--validate=false", "-f", "-", f"--as={ground.space}"]

    def answered() -> str:
        said = api.kubectl(ground.node, *create, stdin=json.dumps(pod))
        # A new namespace may lack its service account; then no admission plugin judges the pod.
        return "let in" if said.ok else "refused" if _REFUSED.search(said.stderr) else ""

    if poll(answered, timeout=15, every=0.5, time=ground.node.time) != "let in":
        return []
    return [Tripped("admission-present", "a privileged pod is let into a namespace labelled restricted")]


def _let_in(ground: Ground, user: str) -> list[str]:
    """Return the pods that are wrongly accepted or wrongly refused for `user` (empty: an administrator)."""
    names: dict[str, tuple[str, str]] = {}
    pods = []
    for namespace in ground.namespaces():
        for what in (*_FORBIDDEN, "restricted"):
            name = f"try-{secrets.token_hex(4)}"
            names[name] = (namespace, what)
            pods.append(_pod(name, namespace, what))
    who = [f"--as={user}"] if user else []
    create = ["create", "--dry-run=server", "--validate=false", "-o", "name", "-f", "-", *who]
    said = api.kubectl(ground.node, *create, stdin=json.dumps(manifest(*pods)), timeout=20)
    refused = {found[1] for found in _REFUSED.finditer(said.stderr)}
    accepted = set(re.findall(r"^pod/(\S+)", said.stdout, re.MULTILINE))
    shown = user.removeprefix("system:serviceaccount:") if user and user != ground.space else "a user"
    if not user:
        shown = "an administrator"
    wrong = []
    for name, (namespace, what) in names.items():
        where = "a new namespace" if namespace == ground.space else namespace
        if what == "restricted" and name not in accepted:
            wrong.append(f"a restricted pod of {shown} is refused in {where}")
        elif what != "restricted" and name not in refused:
            how = "refused, but not by Pod Security," if name not in accepted else "refused by nobody"
            wrong.append(f"a {what} pod of {shown} is {how} in {where}")
    return wrong


def _pod(name: str, namespace: str, what: str) -> dict[str, Any]:
    spec = restricted_pod(**_FORBIDDEN.get(what, {}))
    if what == "privileged":
        spec["containers"][0]["securityContext"] = {"privileged": True}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": labelled(name, namespace), "spec": spec}


def _of_a_deployment(ground: Ground) -> list[str]:
    """Create Deployments with a privileged template; return those whose pods were not refused."""
    spaces = [ground.namespaces()[0], ground.space]
    items = [_deployment(ground.space, namespace) for namespace in spaces]
    text = json.dumps(manifest(*items))
    api.kubectl(ground.node, "create", "--validate=false", "-f", "-", stdin=text).check()

    def settled() -> list[str] | None:
        try:
            sets = api.get(ground.node, "replicasets", "-A", "-l", LABEL)["items"]
        except UnreadableError:
            return None
        said = {item["metadata"]["namespace"]: _answer(item) for item in sets}
        return [f"{space}:{said[space]}" for space in spaces] if all(said.get(space) for space in spaces) else None

    answers = poll(settled, timeout=40, every=0.5, time=ground.node.time)
    api.kubectl(ground.node, "delete", "deployments", "-A", "-l", LABEL, "--wait=false")
    if answers is None:
        return ["nobody made the pods of a new Deployment, and nobody refused them"]
    return [
        f"the pods of a Deployment were let into {answer.partition(':')[0]}"
        for answer in answers
        if not answer.endswith("refused")
    ]


def _answer(replica_set: Mapping[str, Any]) -> str:
    status = replica_set.get("status", {})
    if status.get("replicas"):
        return "let in"
    conditions: Sequence[Mapping[str, Any]] = status.get("conditions", [])
    failed = [each for each in conditions if each["type"] == "ReplicaFailure" and each["status"] == "True"]
    return "refused" if any("violates PodSecurity" in each.get("message", "") for each in failed) else ""


def _deployment(name: str, namespace: str) -> dict[str, Any]:
    labels = {LABEL: "guards"}
    spec = _pod("", namespace, "privileged")["spec"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": labelled(name, namespace),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


KIND = Kind(_guards, "Try privileged pods as several users, and see who refuses them", ("privileged-refused",))
