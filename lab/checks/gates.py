"""Gates: parts of the cluster that a trainee must not touch.

A gate earns no points; a tripped gate voids a fault or the attempt. A gate function returns the problem that it
found, or an empty string. An unreadable answer trips no gate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lab.baseline import CA_FILE, comparable_spec, tool_hashes
from lab.checks.base import Parameters
from lab.checks.round import Round
from lab.errors import UnreadableError
from lab.places import lab_folder
from lab.seals import Seals

__all__ = ["KINDS", "GateKind"]


@dataclass(frozen=True, slots=True)
class GateKind:
    """One kind of gate."""

    run: Callable[[Round, Any], str]
    parameter_model: type[Parameters] = Parameters


class _Workloads(Parameters):
    namespaces: list[str]


def _workloads(look: Round, parameters: _Workloads) -> str:
    """Check that the workloads and Services of these namespaces exist with the specs of the baseline."""
    now = {
        f"{kind}/{item['metadata']['namespace']}/{item['metadata']['name']}": comparable_spec(item)
        for kind in ("Deployment", "DaemonSet", "Service")
        for item in look.objects(kind)
    }
    for key, spec in look.baseline.workloads.items():
        if key.split("/")[1] not in parameters.namespaces:
            continue
        if key not in now:
            return f"{key} is missing"
        changed = sorted(field for field in spec.keys() | now[key].keys() if not _as_before(field, spec, now[key]))
        if changed:
            return f"{key} was changed: {', '.join(changed)}"
    return ""


def _as_before(field: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a field of a spec is as before. More replicas than before are allowed."""
    if field == "replicas":
        return bool(now.get(field, 1) >= before.get(field, 1))
    return bool(before.get(field) == now.get(field))


def _same_cluster(look: Round, _: Parameters) -> str:
    """Check that kube-system's UID, the CA, the nodes' containers and etcd's history are those of the baseline."""
    if dict(look.cluster.identity()) != look.baseline.identity:
        return "a node was recreated"
    if look.node.read_file(CA_FILE) != look.baseline.ca:
        return "the cluster has a different CA"
    uid = {item["metadata"]["name"]: item["metadata"]["uid"] for item in look.objects("Namespace")}.get(
        "kube-system"
    )
    if uid != look.baseline.uid:
        return "kube-system was recreated"
    revision = look.etcd_status().revision
    if revision < look.baseline.etcd_revision:
        return f"etcd's history is shorter than before ({revision} < {look.baseline.etcd_revision})"
    return ""


def _same_tools(look: Round, _: Parameters) -> str:
    """Check that kubectl, crictl and etcdctl are unchanged, at the first place on PATH.

    Only on submission: hashing about 100 MB per node is too slow for a quick check.
    """
    if not look.thorough:
        return ""
    for node in look.cluster.nodes:
        name = node.name
        before, now = look.baseline.nodes[name].tools, tool_hashes(node)
        # The same program in another folder is the same tool.
        if sorted(now.values()) != sorted(before.values()):
            changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
            return f"changed on {name}: {', '.join(changed)}"
    return ""


def _real_probes(look: Round, _: Parameters) -> str:
    """Check that the pods of the baseline's workloads run its images. A trainee's own pod is not a probe."""
    try:
        owned = look.owned_pods()
    except UnreadableError:
        return ""  # without the API, a container's owner is unknown, and probes are chosen by image
    for node, view in look.views().items():
        images = look.baseline.nodes[node].images
        for container in view.containers:
            name = f"{container.namespace}/{container.name}"
            if container.pod_uid in owned and container.image != images.get(name, container.image):
                return f"{name} on {node} runs another image"
    return ""


def _cni_present(look: Round, _: Parameters) -> str:
    """Check that the pod network's DaemonSet exists, unchanged."""
    for item in look.objects("DaemonSet", "kube-system"):
        if item["metadata"]["name"] == "kindnet":
            before = look.baseline.workloads["DaemonSet/kube-system/kindnet"]
            return "" if comparable_spec(item) == before else "the daemon set kindnet was changed"
    return "the daemon set kindnet is missing"


def _in_the_drill(_look: Round, _: Parameters) -> str:
    """Leave the check to the drill, which acts where a check could only read."""
    return ""


def _access_control(look: Round, _: Parameters) -> str:
    """Check that neither anonymous nor all authenticated users have all rights."""
    look.objects("Namespace")
    script = 'for who in "$@"; do kubectl auth can-i "*" "*" -A --request-timeout=5s $who 2>/dev/null; done'
    anybody = ("--as=system:anonymous", "--as=nobody --as-group=system:authenticated")
    said = look.node.run(["bash", "-c", script, "can-i", *anybody], timeout=15).stdout.split()
    return "anybody may do everything" if "yes" in said else ""


def _lab_files(look: Round, _: Parameters) -> str:
    """Check that nobody has edited the lab's files by hand."""
    edited = Seals(lab_folder(look.cluster.name)).broken()
    return f"edited by hand: {', '.join(edited)}" if edited else ""


KINDS = {
    "workloads": GateKind(_workloads, _Workloads),
    "same-cluster": GateKind(_same_cluster),
    "same-tools": GateKind(_same_tools),
    "real-probes": GateKind(_real_probes),
    "cni-present": GateKind(_cni_present),
    "admission-present": GateKind(_in_the_drill),
    "access-control": GateKind(_access_control),
    "lab-files": GateKind(_lab_files),
}
