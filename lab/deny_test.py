"""A live test, on two temporary pods, that the cluster enforces network policies."""

import contextlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from lab.cluster.base import Cluster, Finding, Node
from lab.cluster.tools.api import apply, get, kubectl
from lab.cluster.tools.containers import containers
from lab.cluster.tools.toolbox import AGNHOST
from lab.errors import LabError, UnreadableError
from lab.patience import Time, poll

__all__ = ["live_deny_test"]

_PORT = 8080
#: The pods have their own service account: the namespace's default one may come later than they do.
_ACCOUNT = "trial"
_POLICY_LIMIT = 15
_PODS_LIMIT = 60


def live_deny_test(cluster: Cluster) -> Finding:
    """Test that a policy on the cluster denies its target, and nothing else.

    kindnet, for one, lets everything pass if the kernel lacks an nft queue. The test uses two pods on two nodes,
    in a namespace of its own. Once all ingress of `guarded` is denied, `other` must no longer reach it, and it
    must still reach `other`. The namespace is gone some seconds after the answer.
    """
    namespace = f"policy-try-{secrets.token_hex(3)}"
    node = cluster.control_plane
    try:
        ok, found = _try_policy(cluster, namespace)
    except LabError as problem:
        ok, found = False, f"it could not be tested: {problem}"
    finally:
        with contextlib.suppress(LabError):
            kubectl(node, "delete", "namespace", namespace, "--wait=false", "--ignore-not-found")
    return Finding(
        "network policies",
        ok=ok,
        found=found,
        remedy="The kernel may lack modules that the node image's network plugin needs (kindnet: nf_tables and "
        "nfnetlink_queue). Load them on the host, or use the offline node image (`make node-image`).",
    )


def _try_policy(cluster: Cluster, namespace: str) -> tuple[bool, str]:
    node = cluster.control_plane
    homes = {"guarded": cluster.nodes[-1], "other": cluster.nodes[0]}
    pods = [_pod(namespace, pod, home) for pod, home in homes.items()]
    apply(node, _manifest(_namespace(namespace), _account(namespace), *pods))
    ready = ("--for=condition=Ready", f"--timeout={_PODS_LIMIT}s")
    kubectl(node, "wait", "pod", "--all", "-n", namespace, *ready, timeout=_PODS_LIMIT + 5).check()
    running = get(node, "pods", "-n", namespace)["items"]
    addresses = {pod["metadata"]["name"]: pod["status"]["podIP"] for pod in running}
    with node.time.side_by_side(len(homes)) as pool:
        ids = pool.map(lambda pod: _container_id(homes[pod], namespace, pod), homes)
        containers = dict(zip(homes, ids, strict=True))

    def reaches(source: str, target: str) -> bool:
        connect = ["/agnhost", "connect", f"{addresses[target]}:{_PORT}", "--timeout=1s"]
        return homes[source].run(["crictl", "exec", containers[source], *connect], timeout=10).ok

    def both_ways() -> tuple[bool, bool]:
        with node.time.side_by_side(2) as pool:
            inward = pool.submit(reaches, "other", "guarded")
            outward = pool.submit(reaches, "guarded", "other")
            return inward.result(), outward.result()

    if not _comes_true(lambda: all(both_ways()), node.time):
        return False, "the two test pods can't reach each other even without a policy"
    apply(node, _manifest(_deny_ingress(namespace)))
    if not _comes_true(lambda: not reaches("other", "guarded"), node.time):
        return False, f"a policy that denies all ingress was not enforced within {_POLICY_LIMIT} s"
    inward, outward = both_ways()
    if inward:
        return False, "a policy that denies all ingress lets some connections pass"
    if not outward:
        return False, "a policy that denies ingress only denied egress as well"
    return True, "a policy that denies ingress denies it, and leaves egress alone"


def _comes_true(condition: Callable[[], bool], time: Time) -> bool:
    return bool(poll(condition, timeout=_POLICY_LIMIT, every=0.1, time=time))


def _container_id(node: Node, namespace: str, pod: str) -> str:
    for container in containers(node):
        if (container.namespace, container.pod) == (namespace, pod):
            return container.id
    raise UnreadableError(f"The test pod {pod} has no container on {node.name}.")


def _manifest(*objects: dict[str, Any]) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def _namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _account(namespace: str) -> dict[str, Any]:
    metadata = {"name": _ACCOUNT, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def _pod(namespace: str, name: str, home: Node) -> dict[str, Any]:
    """Return a pod that satisfies Pod Security `restricted`. It names its node, so that it needs no scheduler."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": {"pod": name}},
        "spec": {
            "nodeName": home.name,
            "serviceAccountName": _ACCOUNT,
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 10001,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "server",
                    "image": AGNHOST,
                    "args": ["netexec", f"--http-port={_PORT}", "--udp-port=-1"],
                    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                }
            ],
        },
    }


def _deny_ingress(namespace: str) -> dict[str, Any]:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "deny-ingress", "namespace": namespace},
        "spec": {"podSelector": {"matchLabels": {"pod": "guarded"}}, "policyTypes": ["Ingress"]},
    }
