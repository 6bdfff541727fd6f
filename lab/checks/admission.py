"""Checks of the admission fault: mirror pods, system pods that can be recreated, privileged pods refused."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from lab.baseline import SYSTEM_WORKLOADS
from lab.checks.base import CheckKind, Parameters
from lab.checks.round import Round
from lab.cluster.tools import api
from lab.cluster.tools.static_pods import MANIFESTS
from lab.core.grading import Outcome
from lab.errors import UnreadableError
from lab.patience import poll

__all__ = ["KINDS"]

#: The annotation that marks a mirror pod (kubernetes.io: well-known annotations).
MIRROR = "kubernetes.io/config.mirror"
CANARY = "kluster-canary"

Json = Mapping[str, Any]

_CONTAINER = {"name": "canary", "image": "registry.k8s.io/e2e-test-images/agnhost:2.53", "args": ["pause"]}
_PRIVILEGED = {"containers": [{**_CONTAINER, "securityContext": {"privileged": True}}]}
_RESTRICTED = {
    "containers": [
        {**_CONTAINER, "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}
    ],
    "securityContext": {"runAsNonRoot": True, "runAsUser": 10001, "seccompProfile": {"type": "RuntimeDefault"}},
}


def _mirror_pods(look: Round, _: Parameters) -> Outcome:
    """Check that the API lists the mirror pod of each static pod of the baseline."""
    masked = look.masked_by_api()
    if masked:
        return masked
    listed = {
        pod["metadata"]["name"]
        for pod in look.objects("Pod", "kube-system")
        if MIRROR in pod["metadata"].get("annotations", {})
    }
    wanted = {
        f"{path.removeprefix(f'{MANIFESTS}/').removesuffix('.yaml')}-{name}"
        for name, node in look.baseline.nodes.items()
        for path in node.files
        if path.startswith(f"{MANIFESTS}/")
    }
    missing = sorted(wanted - listed)
    expected = f"{len(wanted)} static pods listed by kubectl"
    if missing:
        return Outcome.failed(f"not listed: {', '.join(missing)}", expected)
    return Outcome.passed(expected)


def _system_pods(look: Round, _: Parameters) -> Outcome:
    """Check that CoreDNS, CNI and kube-proxy are Ready and pass a dry run, and that kube-proxy returns."""
    masked = look.masked_by_api()
    if masked:
        return masked
    expected = "CoreDNS, the CNI and kube-proxy Ready on every node where they belong, and able to be recreated"
    workloads = _system_workloads(look)
    gone = [workload.name for workload in SYSTEM_WORKLOADS if workload.name not in workloads]
    if gone:
        return Outcome.failed(f"missing: {', '.join(gone)}", expected)
    refused = [said for name in workloads if (said := _refusals(look).get(f"{CANARY}-{name}"))]
    if refused:
        return Outcome.failed(refused[0], expected)
    pods = look.objects("Pod", "kube-system")
    unready = [said for workload in workloads.values() if (said := _unready(workload, pods))]
    if unready:
        dns_only = all(said.startswith("coredns") for said in unready)
        masked = look.masked_by_forwarding() if dns_only else None
        return masked or Outcome.failed("; ".join(unready), expected)
    if look.last and not _kube_proxy_returns(look):
        return Outcome.failed("a kube-proxy pod that was deleted did not come back", expected)
    return Outcome.passed("all Ready, and a dry run admits them again")


def _system_workloads(look: Round) -> dict[str, Json]:
    found = [*look.objects("Deployment", "kube-system"), *look.objects("DaemonSet", "kube-system")]
    names = {workload.name for workload in SYSTEM_WORKLOADS}
    return {item["metadata"]["name"]: item for item in found if item["metadata"]["name"] in names}


def _unready(workload: Json, pods: Iterable[Json]) -> str:
    """Return the problem, or an empty string.

    It counts pods itself, since a busy controller's status may be outdated.
    """
    spec, name = workload["spec"], workload["metadata"]["name"]
    daemons = workload["kind"] == "DaemonSet"
    wanted = workload.get("status", {}).get("desiredNumberScheduled", 0) if daemons else spec.get("replicas", 1)
    labels = spec["selector"]["matchLabels"].items()
    ready = sum(api.is_ready(pod) for pod in pods if labels <= pod["metadata"].get("labels", {}).items())
    return "" if wanted and ready >= wanted else f"{name}: {ready} of {wanted} Ready"


def _refusals(look: Round) -> dict[str, str]:
    """Return canary's name -> the reason why a server-side dry run refuses it, for all canaries in one request.

    Raises:
        UnreadableError: the server answered neither yes nor no.

    """

    def read() -> dict[str, str]:
        template = {name: item["spec"]["template"] for name, item in _system_workloads(look).items()}
        pods = [
            _canary(name, "kube-system", t["spec"], t["metadata"].get("labels")) for name, t in template.items()
        ]
        there = {item["metadata"]["name"] for item in look.objects("Namespace")}
        for namespace in sorted(there & _guarded(look)):
            pods += [
                _canary(f"privileged-{namespace}", namespace, _PRIVILEGED),
                _canary(f"restricted-{namespace}", namespace, _RESTRICTED),
            ]
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": pods})
        create = ["create", "--dry-run=server", "--validate=false", "-o", "name", "-f", "-"]
        result = api.kubectl(look.node, *create, stdin=text, timeout=10)
        refused = dict(re.findall(r'pods "(\S+?)" is forbidden: (.*)', result.stderr))
        accepted = re.findall(r"^pod/(\S+)", result.stdout, re.MULTILINE)
        silent = [pod["metadata"]["name"] for pod in pods if pod["metadata"]["name"] not in {*refused, *accepted}]
        if silent:
            raise UnreadableError(f"A dry run of {', '.join(silent)} gave no answer.", result.stderr)
        return refused

    return look.once("refusals", read)


def _guarded(look: Round) -> set[str]:
    """Return the namespaces that must refuse privileged pods."""
    return {
        namespace
        for check in look.scenario.checks
        if check.kind == "privileged-refused"
        for namespace in _Namespaces.model_validate(check.parameters).namespaces
    }


class _Namespaces(Parameters):
    namespaces: list[str]


def _canary(name: str, namespace: str, spec: Json, labels: Json | None = None) -> Json:
    metadata = {"name": f"{CANARY}-{name}", "namespace": namespace, "labels": labels or {}}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _kube_proxy_returns(look: Round) -> bool:
    """Delete one kube-proxy pod and wait until another is Ready.

    It uses the host's network, so forwarding stays as it is.
    """

    def pods() -> Iterable[Json]:
        selected = api.get(look.node, "-n", "kube-system", "pods", "-l", "k8s-app=kube-proxy")["items"]
        return [pod for pod in selected if not pod["metadata"].get("deletionTimestamp")]

    before = {pod["metadata"]["uid"]: pod["metadata"]["name"] for pod in pods()}
    if not before:
        return False
    name = next(iter(before.values()))
    api.kubectl(look.node, "-n", "kube-system", "delete", "pod", name, "--wait=false").check()

    def returned() -> bool:
        return sum(pod["metadata"]["uid"] not in before and api.is_ready(pod) for pod in pods()) > 0

    return bool(poll(returned, timeout=60, time=look.node.time))


def _privileged_refused(look: Round, parameters: _Namespaces) -> Outcome:
    """Check that each namespace refuses a dry run of a privileged pod and accepts one of a restricted pod."""
    masked = look.masked_by_api()
    if masked:
        return masked
    refused = _refusals(look)
    expected = (
        f"a privileged pod is refused and a restricted one accepted in {' and '.join(parameters.namespaces)}"
    )
    wrong = [
        f"{namespace} is missing, or would admit a privileged pod"
        for namespace in parameters.namespaces
        if f"{CANARY}-privileged-{namespace}" not in refused
    ] + [
        f"a restricted pod would be refused in {namespace}: {said}"
        for namespace in parameters.namespaces
        if (said := refused.get(f"{CANARY}-restricted-{namespace}"))
    ]
    return Outcome.failed("; ".join(wrong), expected) if wrong else Outcome.passed(expected)


KINDS = {
    "mirror-pods": CheckKind(_mirror_pods),
    "system-pods": CheckKind(_system_pods, last=True),
    "privileged-refused": CheckKind(_privileged_refused, _Namespaces),
}
