"""Step *guards*: several users try pods that break the audit's rule; Pod Security itself must refuse them."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from lab.cluster.tools import api
from lab.core.drill import Found, Tripped
from lab.drill.base import Ground, Kind, Shown, inconspicuous, manifest, restricted_pod
from lab.errors import UnreadableError
from lab.patience import poll

__all__ = ["KIND", "refused_by_pod_security"]

#: Settings that a pod outside the system's namespaces must not have (Pod Security `baseline` forbids each).
_FORBIDDEN: Mapping[str, Mapping[str, Any]] = {
    "privileged": {},
    "host-network": {"hostNetwork": True},
    "host-path": {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]},
}
#: Pod Security's answer, from the line's beginning: a policy or a webhook can say the same behind its own words.
_REFUSED = re.compile(
    r'^Error from server \(Forbidden\): (?:error when creating "\S+": )?pods "(\S+?)" is forbidden: '
    r'violates PodSecurity "(?:baseline|restricted):',
    re.MULTILINE,
)
#: How the API server begins an answer of a policy or a webhook. What follows may have lines that look like others.
_OTHERS = re.compile(r"ValidatingAdmissionPolicy|admission webhook")
_BY_POD_SECURITY = "refused"
_CONTROLLERS = ("replicaset-controller", "daemon-set-controller", "job-controller")


def _guards(ground: Ground) -> Shown:
    """Try the pods; return the pods that were accepted."""
    _bind(ground)
    plugin = _plugin(ground)
    if skipped := ground.skips("a privileged pod was admitted even before the drill", "privileged-refused"):
        return Shown(plugin[0].found, tripped=plugin) if plugin else skipped
    users = ["", f"{ground.space}", *(f"system:serviceaccount:kube-system:{each}" for each in _CONTROLLERS)]
    users += [f"system:serviceaccount:{namespace}:default" for namespace in ground.namespaces()[:2]]
    with ground.node.time.side_by_side(4) as pool:
        answers = list(pool.map(lambda user: _let_in(ground, user), users))
    wrong = [*(said for answer in answers for said in answer), *_at_once(ground), *_of_a_deployment(ground)]
    found = Found(
        "privileged-refused",
        ok=not wrong,
        found="; ".join(wrong[:3]),
        expected="outside the system namespaces, Pod Security refuses all privileged pods and only those",
    )
    tried = len(users) * len(ground.namespaces()) * len(_FORBIDDEN)
    shown = "; ".join(wrong[:3]) or f"{tried} tries by {len(users)} users: all refused by Pod Security"
    return Shown(shown, [found], plugin)


def _bind(ground: Ground) -> None:
    """Allow the users of this step to create pods, and nothing else."""
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": ground.space},
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
        "metadata": {"name": ground.space},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ground.space},
        "subjects": subjects,
    }
    api.kubectl(ground.node, "create", "-f", "-", stdin=json.dumps(manifest(role, binding))).check()


def _plugin(ground: Ground) -> list[Tripped]:
    """Try a privileged pod in a new namespace with the label `restricted`, as a user who can't be exempted."""
    guarded = f"{ground.space}-1"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    space = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": guarded, "labels": labels}}
    api.kubectl(ground.node, "create", "-f", "-", stdin=json.dumps(space)).check()
    pod = _pod(inconspicuous(), guarded, "privileged")
    create = ["create", "--dry-run=server", "--validate=false", "-f", "-", f"--as={ground.space}"]

    def answered() -> str:
        said = api.kubectl(ground.node, *create, stdin=json.dumps(pod))
        # A new namespace may lack its service account; then no admission plugin judges the pod.
        if said.ok:
            return "a namespace labelled restricted admits a privileged pod"
        if refused_by_pod_security(said.stderr):
            return _BY_POD_SECURITY
        return "something other than Pod Security refuses pods" if _OTHERS.search(said.stderr) else ""

    answer = poll(answered, timeout=15, every=0.5, time=ground.node.time)
    return [Tripped("admission-present", answer)] if answer and answer != _BY_POD_SECURITY else []


def refused_by_pod_security(said: str) -> set[str]:
    """Return the names of the pods that Pod Security itself refused, by kubectl's errors."""
    return set() if _OTHERS.search(said) else {found[1] for found in _REFUSED.finditer(said)}


def _at_once(ground: Ground) -> list[str]:
    """Create a privileged pod together with its namespace, before anything can label that."""
    space = f"{ground.space}-2"
    pod = _pod(ground.space, space, "privileged")
    # Not a dry run, which a policy can tell. No node has this label.
    pod["spec"] |= {"serviceAccountName": ground.space, "nodeSelector": {"kubernetes.io/hostname": ground.space}}
    items = manifest(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": ground.space, "namespace": space}},
        pod,
    )
    said = api.kubectl(ground.node, "create", "--validate=false", "-f", "-", stdin=json.dumps(items))
    return [] if refused_by_pod_security(said.stderr) else ["a new namespace admits a privileged pod"]


def _let_in(ground: Ground, user: str) -> list[str]:
    """Return the pods that are wrongly accepted or wrongly refused for `user` (empty: an administrator)."""
    names: dict[str, tuple[str, str]] = {}
    pods = []
    for namespace in ground.namespaces():
        for what in (*_FORBIDDEN, "restricted"):
            name = inconspicuous()
            names[name] = (namespace, what)
            pods.append(_pod(name, namespace, what))
    who = [f"--as={user}"] if user else []
    create = ["create", "--dry-run=server", "--validate=false", "-o", "name", "-f", "-", *who]
    said = api.kubectl(ground.node, *create, stdin=json.dumps(manifest(*pods)), timeout=20)
    refused = refused_by_pod_security(said.stderr)
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
            how = "refused, but not by Pod Security," if name not in accepted else "not refused"
            wrong.append(f"a {what} pod of {shown} is {how} in {where}")
    return wrong


def _pod(name: str, namespace: str, what: str) -> dict[str, Any]:
    spec = restricted_pod(**_FORBIDDEN.get(what, {}))
    if what == "privileged":
        spec["containers"][0]["securityContext"] = {"privileged": True}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}


def _of_a_deployment(ground: Ground) -> list[str]:
    """Create Deployments with a privileged template; return those whose pods were not refused."""
    spaces = [ground.namespaces()[0], ground.space]
    items = [_deployment(ground.space, namespace) for namespace in spaces]
    text = json.dumps(manifest(*items))
    api.kubectl(ground.node, "create", "--validate=false", "-f", "-", stdin=text).check()

    def settled() -> list[str] | None:
        try:
            sets = api.get(ground.node, "replicasets", "-A", "-l", f"app={ground.space}")["items"]
        except UnreadableError:
            return None
        said = {item["metadata"]["namespace"]: _answer(item) for item in sets}
        return [f"{space}:{said[space]}" for space in spaces] if all(said.get(space) for space in spaces) else None

    answers = poll(settled, timeout=40, every=0.5, time=ground.node.time)
    for space in spaces:
        api.kubectl(ground.node, "-n", space, "delete", "deployment", ground.space, "--wait=false")
    if answers is None:
        return ["the pods of a new Deployment were neither created nor refused"]
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
    labels = {"app": name}
    spec = _pod("", namespace, "privileged")["spec"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


KIND = Kind(_guards, "Try privileged pods as several users, and see who refuses them", ("privileged-refused",))
