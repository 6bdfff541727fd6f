"""Step *system*: each system pod is deleted and must return; a new Deployment must work on each node."""

import json
from collections.abc import Mapping
from typing import Any

from lab.baseline import SYSTEM_WORKLOADS
from lab.checks.admission import MIRROR
from lab.cluster.base import Node
from lab.cluster.tools import api
from lab.cluster.tools.containers import containers
from lab.core.drill import Found
from lab.drill.base import AGNHOST, Ground, Kind, Shown, manifest, restricted_pod
from lab.errors import UnreadableError
from lab.flows import Flow, probes, run_flows
from lab.patience import poll

__all__ = ["KIND"]

_BACK_LIMIT = 90.0
_PORT = 8080
#: The label by which a system DaemonSet or ReplicaSet selects its pods.
_APP = "k8s-app"


def _system(ground: Ground) -> Shown:
    """Delete the pods; return those that did not return."""
    if skipped := ground.skips("system pods are missing even before the drill", "system-pods", "mirror-pods"):
        return skipped
    lost = _one_by_one(ground)
    mirrors = _mirrors(ground)
    works = "" if lost else _new_deployment(ground)
    found = [
        Found("system-pods", ok=not lost, found="; ".join(lost), expected="each system pod comes back"),
        Found(
            "mirror-pods",
            ok=not mirrors,
            found="; ".join(mirrors),
            expected="each mirror pod comes back, and its container runs",
        ),
        Found(
            "system-pods", ok=not works, found=works, expected="a new Deployment is scheduled, runs and is found"
        ),
    ]
    wrong = [each.found for each in found if not each.ok]
    return Shown("; ".join(wrong) or "each system pod came back, and a new Deployment works on each node", found)


def _pods(node: Node) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = api.get(node, "-n", "kube-system", "pods")["items"]
    return [pod for pod in found if not pod["metadata"].get("deletionTimestamp")]


def _one_by_one(ground: Ground) -> list[str]:
    """Delete one pod of each system workload, then the next one of each; return those that do not return."""
    names = {workload.name.replace("coredns", "kube-dns") for workload in SYSTEM_WORKLOADS}
    left: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for pod in _pods(ground.node):
        app = pod["metadata"].get("labels", {}).get(_APP, "")
        if app in names:
            left.setdefault(app, []).append(pod["metadata"]["name"])
            counts[app] = counts.get(app, 0) + 1
    while any(left.values()):
        batch = [waiting.pop() for waiting in left.values() if waiting]
        api.kubectl(ground.node, "-n", "kube-system", "delete", "pod", *batch, "--wait=false").check()
        missing = _wait_until_back(ground, batch, counts)
        if missing:
            return missing
    return []


def _wait_until_back(ground: Ground, gone: list[str], counts: Mapping[str, int]) -> list[str]:
    missing: list[str] = []

    def back() -> bool:
        try:
            pods = _pods(ground.node)
        except UnreadableError:
            missing[:] = ["the API server gives no answer"]
            return False
        ready = [pod for pod in pods if api.is_ready(pod) and pod["metadata"]["name"] not in gone]
        missing[:] = [
            f"{app}: {there} of {count} Ready after one was deleted"
            for app, count in counts.items()
            if (there := sum(pod["metadata"].get("labels", {}).get(_APP) == app for pod in ready)) < count
        ]
        return not missing

    poll(back, timeout=_BACK_LIMIT, every=1.0, time=ground.node.time)
    return missing


def _mirrors(ground: Ground) -> list[str]:
    """Delete the mirror pods; return those that do not return, or whose container is not running."""
    before = {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in _pods(ground.node) if _is_mirror(pod)}
    if not before:
        return ["there are no mirror pods"]
    api.kubectl(ground.node, "-n", "kube-system", "delete", "pod", *before, "--wait=false").check()
    wrong: list[str] = []

    def back() -> bool:
        try:
            now = {pod["metadata"]["name"]: pod for pod in _pods(ground.node) if _is_mirror(pod)}
        except UnreadableError:
            wrong[:] = ["the API server gives no answer"]
            return False
        running = {c.pod_uid for node in ground.cluster.nodes for c in containers(node)}
        wrong[:] = [
            f"{name} did not come back"
            if name not in now or now[name]["metadata"]["uid"] == uid
            else f"{name} is listed, and no container of it runs"
            for name, uid in before.items()
            if name not in now
            or now[name]["metadata"]["uid"] == uid
            or now[name]["metadata"]["annotations"][MIRROR] not in running
        ]
        return not wrong

    poll(back, timeout=_BACK_LIMIT, every=1.0, time=ground.node.time)
    return wrong


def _is_mirror(pod: Mapping[str, Any]) -> bool:
    return MIRROR in pod["metadata"].get("annotations", {})


def _new_deployment(ground: Ground) -> str:
    """Start a Deployment with a Service for each node and request it by name; return the problem, or ""."""
    app = {"app": ground.space}
    items: list[dict[str, Any]] = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": ground.space, "namespace": ground.space},
            "spec": {"selector": app, "ports": [{"port": 80, "targetPort": _PORT}]},
        }
    ]
    names = [f"{ground.space}-{number}" for number in range(len(ground.cluster.nodes))]
    for name, node in zip(names, ground.cluster.nodes, strict=True):
        items.append(_deployment(ground, name, node, {**app, "part": name}))
    api.kubectl(ground.node, "create", "--validate=false", "-f", "-", stdin=json.dumps(manifest(*items))).check()
    ready = [f"deployment/{name}" for name in names]
    done = api.kubectl(
        ground.node, "-n", ground.space, "rollout", "status", *ready, f"--timeout={_BACK_LIMIT:.0f}s", timeout=100
    )
    if not done.ok:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()
        return f"a new Deployment does not run on each node: {said[-1] if said else 'it printed nothing'}"
    if not ground.passed("names-and-api"):
        return ""
    names = [name for parameters in ground.parameters("names-and-api") for name in parameters["from"]]
    sources = probes(ground.cluster, *names)

    def found_by_name() -> bool:
        url = f"http://{ground.space}.{ground.space}.svc.cluster.local/"
        return all(result.connected for result in run_flows([Flow(source, url, limit=4) for source in sources]))

    answered = poll(found_by_name, timeout=20, every=1.0, time=ground.node.time)
    return "" if answered else "a new Service is not found by its name, or does not answer"


def _deployment(ground: Ground, name: str, node: Node, labels: Mapping[str, str]) -> dict[str, Any]:
    spec = restricted_pod(nodeSelector={"kubernetes.io/hostname": node.name})
    spec["containers"][0] |= {
        "image": AGNHOST,
        "args": ["netexec", f"--http-port={_PORT}", "--udp-port=-1"],
        "readinessProbe": {"httpGet": {"path": "/hostname", "port": _PORT}, "periodSeconds": 1},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": ground.space},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": dict(labels)},
            "template": {"metadata": {"labels": dict(labels)}, "spec": spec},
        },
    }


KIND = Kind(_system, "Delete each system pod, and see it come back", ("system-pods", "mirror-pods"))
