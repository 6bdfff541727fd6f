"""Defaults that the API server adds to an object."""

import re

from lab.cluster.sim.api.objects import Object, dig, labels, meta

__all__ = ["apply_defaults", "pod_defaults"]

#: The name of an image. Of others, the tag is not known.
_IMAGE = re.compile(
    r"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]*)?\Z"
)


def apply_defaults(item: Object) -> None:
    """Add the defaults of the object's kind, in place."""
    filler = _FILLERS.get(item["kind"])
    if filler:
        filler(item)


def _fill(item: Object, **values: object) -> None:
    """Set fields that are missing or empty: Go can't tell an empty text or number from a missing one."""
    for key, value in values.items():
        item[key] = item.get(key) or value


def _point(item: Object, **values: object) -> None:
    """Set fields that are missing: Go stores these behind pointers, so that zero counts as set."""
    for key, value in values.items():
        if item.get(key) is None:
            item[key] = value


def pod_defaults(spec: Object) -> None:
    """Add the defaults of a pod's own spec."""
    _spec(spec)
    _point(spec, enableServiceLinks=True)
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind) or []:
            _requests(container["resources"])
            for port in (container.get("ports") or []) if spec.get("hostNetwork") else ():
                _fill(port, hostPort=port.get("containerPort") or 0)


def _spec(spec: Object) -> None:
    """Add the defaults of a pod's spec, its own or a template's."""
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(kind) or []:
            _container(container)
    for volume in spec.get("volumes") or []:
        _volume(volume)
    _fill(spec, dnsPolicy="ClusterFirst", restartPolicy="Always", schedulerName="default-scheduler")
    _point(spec, securityContext={}, terminationGracePeriodSeconds=30)
    if spec.get("serviceAccountName"):
        spec["serviceAccount"] = spec["serviceAccountName"]
    elif spec.get("serviceAccount"):
        spec["serviceAccountName"] = spec["serviceAccount"]


def _container(container: Object) -> None:
    image = str(container.get("image") or "")
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    latest = tag in {"", "latest"} and "@" not in image and (not image or bool(_IMAGE.match(image)))
    _fill(container, imagePullPolicy="Always" if latest else "IfNotPresent")
    _fill(container, terminationMessagePath="/dev/termination-log", terminationMessagePolicy="File")
    _point(container, resources={})
    for port in container.get("ports") or []:
        _fill(port, protocol="TCP")
    handlers = [(container.get("lifecycle") or {}).get(name) for name in ("postStart", "preStop")]
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe is not None:
            _fill(probe, failureThreshold=3, periodSeconds=10, successThreshold=1, timeoutSeconds=1)
            if probe.get("grpc") is not None:
                _point(probe["grpc"], service="")
            handlers.append(probe)
    for handler in handlers:
        if handler is not None and handler.get("httpGet") is not None:
            _fill(handler["httpGet"], path="/", scheme="HTTP")
    for entry in container.get("env") or []:
        if field := dig(entry, "valueFrom", "fieldRef"):
            _fill(field, apiVersion="v1")


#: What a volume's source gets: fields behind pointers, and fields that Go can't tell from empty ones.
_POINTED: dict[str, Object] = {
    "azureDisk": {"cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4", "readOnly": False},
    "hostPath": {"type": ""},
    **{kind: {"defaultMode": 420} for kind in ("configMap", "secret", "projected", "downwardAPI")},
}
_FILLED: dict[str, Object] = {
    "iscsi": {"iscsiInterface": "default"},
    "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
    "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
}


def _volume(volume: Object) -> None:
    if all(value is None for key, value in volume.items() if key != "name"):
        volume["emptyDir"] = {}
    for table, add in ((_POINTED, _point), (_FILLED, _fill)):
        for kind, values in table.items():
            if volume.get(kind) is not None:
                add(volume[kind], **values)
    files = list(dig(volume, "downwardAPI", "items", default=[]))
    for source in dig(volume, "projected", "sources", default=[]):
        files += dig(source, "downwardAPI", "items", default=[])
        if source.get("serviceAccountToken") is not None:
            _point(source["serviceAccountToken"], expirationSeconds=3600)
    for file in files:
        if file.get("fieldRef") is not None:
            _fill(file["fieldRef"], apiVersion="v1")
    if (claim := dig(volume, "ephemeral", "volumeClaimTemplate")) is not None:
        _point(claim, spec={})
        _point(claim["spec"], volumeMode="Filesystem")


def _pod(item: Object) -> None:
    spec = item.setdefault("spec", {})
    pod_defaults(spec)
    item.setdefault("status", {}).setdefault("phase", "Pending")
    item["status"].setdefault("qosClass", _qos(spec))


def _requests(resources: Object) -> None:
    """Let a container request what it is limited to."""
    if resources.get("limits"):
        resources["requests"] = {**resources["limits"], **(resources.get("requests") or {})}


def _qos(spec: Object) -> str:
    wants = [
        dig(c, "resources", part, default={})
        for c in spec.get("containers") or []
        for part in ("requests", "limits")
    ]
    if not any(wants):
        return "BestEffort"
    equal = all(
        dig(c, "resources", "limits", default={}).keys() >= {"cpu", "memory"}
        and dig(c, "resources", "requests", default=dig(c, "resources", "limits")) == dig(c, "resources", "limits")
        for c in spec.get("containers") or []
    )
    return "Guaranteed" if equal else "Burstable"


def _template(item: Object) -> None:
    if item["spec"].get("template") is None:
        item["spec"]["template"] = {}
    template = item["spec"]["template"]
    _point(template, metadata={}, spec={})
    _spec(template["spec"])


def _deployment(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _template(item)
    _point(spec, replicas=1, progressDeadlineSeconds=600, revisionHistoryLimit=10, strategy={})
    strategy = spec["strategy"]
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _point(strategy, rollingUpdate={})
        _point(strategy["rollingUpdate"], maxSurge="25%", maxUnavailable="25%")
    item.setdefault("status", {})


def _replica_set(item: Object) -> None:
    _point(item.setdefault("spec", {}), replicas=1)
    _template(item)
    item.setdefault("status", {"replicas": 0})


def _stateful_set(item: Object) -> None:
    _replica_set(item)
    spec = item["spec"]
    _fill(spec, podManagementPolicy="OrderedReady")
    _point(spec, revisionHistoryLimit=10, persistentVolumeClaimRetentionPolicy={}, updateStrategy={})
    _fill(spec["persistentVolumeClaimRetentionPolicy"], whenDeleted="Retain", whenScaled="Retain")
    strategy = spec["updateStrategy"]
    if not strategy.get("type"):
        strategy["type"] = "RollingUpdate"
        _point(strategy, rollingUpdate={})
    if strategy["type"] == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
        _point(strategy["rollingUpdate"], partition=0)
    for claim in spec.get("volumeClaimTemplates") or []:
        _point(claim, spec={})
        _point(claim["spec"], volumeMode="Filesystem")
        _fill(claim, status={"phase": "Pending"}, kind="PersistentVolumeClaim", apiVersion="v1")
    item["status"].setdefault("availableReplicas", 0)


def _job(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _template(item)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    per_index = spec.get("backoffLimitPerIndex") is not None
    replacement = "Failed" if spec.get("podFailurePolicy") is not None else "TerminatingOrFailed"
    _point(spec, parallelism=1, backoffLimit=2147483647 if per_index else 6, completionMode="NonIndexed")
    _point(spec, suspend=False, podReplacementPolicy=replacement, manualSelector=False)
    for rule in dig(spec, "podFailurePolicy", "rules", default=[]):
        for pattern in rule.get("onPodConditions") or []:
            _fill(pattern, status="True")
    own = dig(spec, "template", "metadata", "labels")
    if own and not labels(item):
        meta(item)["labels"] = dict(own)
    item.setdefault("status", {})


def _cron_job(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _fill(spec, concurrencyPolicy="Allow")
    _point(spec, suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1, jobTemplate={})
    _point(spec["jobTemplate"], metadata={}, spec={})
    _template(spec["jobTemplate"])
    for rule in dig(spec, "jobTemplate", "spec", "podFailurePolicy", "rules", default=[]):
        for pattern in rule.get("onPodConditions") or []:
            _fill(pattern, status="True")
    item.setdefault("status", {})


def _limit_range(item: Object) -> None:
    for limit in (item.get("spec") or {}).get("limits") or []:
        if limit.get("type") == "Container":
            for part, source in (("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")):
                for name, amount in (limit.get(source) or {}).items():
                    limit.setdefault(part, {}).setdefault(name, amount)


def _disruption_budget(item: Object) -> None:
    counts = ("currentHealthy", "desiredHealthy", "disruptionsAllowed", "expectedPods")
    item.setdefault("status", dict.fromkeys(counts, 0))


def _quota(item: Object) -> None:
    item.setdefault("status", {})


def _scaler(item: Object) -> None:
    spec = item.setdefault("spec", {})
    target = {"averageUtilization": 80, "type": "Utilization"}
    _point(spec, minReplicas=1)
    _fill(spec, metrics=[{"resource": {"name": "cpu", "target": target}, "type": "Resource"}])
    if spec.get("behavior") is not None:
        policies = [
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15},
        ]
        for side, rules in (
            ("scaleUp", {"stabilizationWindowSeconds": 0, "policies": policies}),
            ("scaleDown", {"policies": policies[1:]}),
        ):
            own = {key: value for key, value in (spec["behavior"].get(side) or {}).items() if value is not None}
            spec["behavior"][side] = {"selectPolicy": "Max", **rules, **own}
            spec["behavior"][side].pop("tolerance", None)


def _binding(item: Object) -> None:
    group = "rbac.authorization.k8s.io"
    _point(item, roleRef={})
    _fill(item["roleRef"], apiGroup=group)
    for subject in item.get("subjects") or []:
        if subject.get("kind") in {"User", "Group"}:
            _fill(subject, apiGroup=group)


def _priority_class(item: Object) -> None:
    _point(item, preemptionPolicy="PreemptLowerPriority")
    _fill(item, value=0)


def _claim(item: Object) -> None:
    _point(item.setdefault("spec", {}), volumeMode="Filesystem")
    _same_source(item["spec"])
    item.setdefault("status", {"phase": "Pending"})


def _same_source(spec: Object) -> None:
    """Let a claim's two references to its source follow each other."""
    one, other = spec.get("dataSource"), spec.get("dataSourceRef")
    if one is not None and other is None:
        spec["dataSourceRef"] = dict(one)
    elif other is not None and one is None and not other.get("namespace"):
        spec["dataSource"] = dict(other)


def _secret(item: Object) -> None:
    _fill(item, type="Opaque")


def _ingress(item: Object) -> None:
    item.setdefault("status", {"loadBalancer": {}})


def _daemon_set(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _template(item)
    _point(spec, revisionHistoryLimit=10, updateStrategy={})
    strategy = spec["updateStrategy"]
    _fill(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _point(strategy, rollingUpdate={})
        _point(strategy["rollingUpdate"], maxSurge=0, maxUnavailable=1)
    counts = ("currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady")
    item.setdefault("status", dict.fromkeys(counts, 0))


def _service(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _fill(spec, type="ClusterIP", sessionAffinity="None")
    if spec["type"] in {"ClusterIP", "NodePort", "LoadBalancer"}:
        _point(spec, internalTrafficPolicy="Cluster")
    if spec["type"] in {"NodePort", "LoadBalancer"} or (spec["type"] == "ClusterIP" and spec.get("externalIPs")):
        _fill(spec, externalTrafficPolicy="Cluster")
    if spec["type"] == "LoadBalancer":
        _point(spec, allocateLoadBalancerNodePorts=True)
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif dig(spec, "sessionAffinityConfig", "clientIP", "timeoutSeconds") is None:
        spec["sessionAffinityConfig"] = {"clientIP": {"timeoutSeconds": 10800}}
    for port in spec.get("ports") or []:
        _fill(port, protocol="TCP", targetPort=port.get("port") or 0)
    item.setdefault("status", {"loadBalancer": {}})


def _namespace(item: Object) -> None:
    if meta(item).get("name"):
        meta(item)["labels"] = {**labels(item), "kubernetes.io/metadata.name": meta(item)["name"]}
    item.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    item.setdefault("status", {}).setdefault("phase", "Active")


def _network_policy(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _point(spec, podSelector={})
    _fill(spec, policyTypes=["Ingress", "Egress"] if spec.get("egress") else ["Ingress"])
    for rule in [*(spec.get("ingress") or []), *(spec.get("egress") or [])]:
        for port in rule.get("ports") or []:
            _point(port, protocol="TCP")


def _node(item: Object) -> None:
    item.setdefault("spec", {})
    item.setdefault("status", {})


_FILLERS = {
    "Pod": _pod,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "DaemonSet": _daemon_set,
    "StatefulSet": _stateful_set,
    "ClusterRoleBinding": _binding,
    "RoleBinding": _binding,
    "CronJob": _cron_job,
    "HorizontalPodAutoscaler": _scaler,
    "Job": _job,
    "LimitRange": _limit_range,
    "PodDisruptionBudget": _disruption_budget,
    "ResourceQuota": _quota,
    "PriorityClass": _priority_class,
    "PersistentVolumeClaim": _claim,
    "Ingress": _ingress,
    "Secret": _secret,
    "Service": _service,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "Node": _node,
}
