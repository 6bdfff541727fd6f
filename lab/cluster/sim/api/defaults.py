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


def pod_defaults(spec: Object) -> None:
    """Add the defaults of a pod's spec (a pod's own, or a template's)."""
    host = bool(spec.get("hostNetwork"))
    for container in [*(spec.get("initContainers") or []), *(spec.get("containers") or [])]:
        _container(container, host=host)
    for volume in spec.get("volumes") or []:
        _volume(volume)
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("securityContext", {})
    spec.setdefault("terminationGracePeriodSeconds", 30)
    if spec.get("serviceAccountName"):
        spec.setdefault("serviceAccount", spec["serviceAccountName"])


def _container(container: Object, *, host: bool) -> None:
    image = str(container.get("image", ""))
    tag = image.rsplit("/", 1)[-1].partition(":")[2]
    latest = tag in {"", "latest"} and "@" not in image and (not image or bool(_IMAGE.match(image)))
    container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    container.setdefault("resources", {})
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    for port in container.get("ports") or []:
        port.setdefault("protocol", "TCP")
        if host:
            port.setdefault("hostPort", port["containerPort"])
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if probe:
            for key, value in {
                "failureThreshold": 3,
                "periodSeconds": 10,
                "successThreshold": 1,
                "timeoutSeconds": 1,
            }.items():
                probe.setdefault(key, value)
            if "httpGet" in probe:
                probe["httpGet"].setdefault("path", "/")
                probe["httpGet"].setdefault("scheme", "HTTP")
    for entry in container.get("env") or []:
        field = dig(entry, "valueFrom", "fieldRef")
        if field:
            field.setdefault("apiVersion", "v1")


def _volume(volume: Object) -> None:
    for kind in ("configMap", "secret", "projected", "downwardAPI"):
        if kind in volume:
            volume[kind].setdefault("defaultMode", 420)
    if "hostPath" in volume:
        volume["hostPath"].setdefault("type", "")


def _pod(item: Object) -> None:
    spec = item.setdefault("spec", {})
    pod_defaults(spec)
    spec.setdefault("enableServiceLinks", True)
    item.setdefault("status", {}).setdefault("phase", "Pending")
    item["status"].setdefault("qosClass", _qos(spec))


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
    template = item["spec"].setdefault("template", {})
    template.setdefault("metadata", {})
    pod_defaults(template.setdefault("spec", {}))


def _deployment(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _template(item)
    spec.setdefault("replicas", 1)
    spec.setdefault("progressDeadlineSeconds", 600)
    spec.setdefault("revisionHistoryLimit", 10)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", "25%")
        rolling.setdefault("maxUnavailable", "25%")
    item.setdefault("status", {})


def _replica_set(item: Object) -> None:
    item.setdefault("spec", {}).setdefault("replicas", 1)
    _template(item)
    item.setdefault("status", {"replicas": 0})


def _stateful_set(item: Object) -> None:
    _replica_set(item)
    spec = item["spec"]
    spec.setdefault("podManagementPolicy", "OrderedReady")
    spec.setdefault("revisionHistoryLimit", 10)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    for when in ("whenDeleted", "whenScaled"):
        retention.setdefault(when, "Retain")
    strategy = spec.setdefault("updateStrategy", {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    item["status"].setdefault("availableReplicas", 0)


def _cron_job(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    job = spec.setdefault("jobTemplate", {})
    job.setdefault("metadata", {})
    template = job.setdefault("spec", {}).setdefault("template", {})
    template.setdefault("metadata", {})
    pod_defaults(template.setdefault("spec", {}))
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
    spec.setdefault("minReplicas", 1)
    target = {"averageUtilization": 80, "type": "Utilization"}
    spec.setdefault("metrics", [{"resource": {"name": "cpu", "target": target}, "type": "Resource"}])


def _binding(item: Object) -> None:
    group = "rbac.authorization.k8s.io"
    reference = item.setdefault("roleRef", {})
    reference["apiGroup"] = reference.get("apiGroup") or group
    for subject in item.get("subjects") or []:
        if subject.get("kind") in {"User", "Group"}:
            subject["apiGroup"] = subject.get("apiGroup") or group


def _priority_class(item: Object) -> None:
    item.setdefault("preemptionPolicy", "PreemptLowerPriority")
    item.setdefault("value", 0)


def _claim(item: Object) -> None:
    item.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
    item.setdefault("status", {"phase": "Pending"})


def _ingress(item: Object) -> None:
    item.setdefault("status", {"loadBalancer": {}})


def _daemon_set(item: Object) -> None:
    spec = item.setdefault("spec", {})
    _template(item)
    spec.setdefault("revisionHistoryLimit", 10)
    strategy = spec.setdefault("updateStrategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxSurge", 0)
        rolling.setdefault("maxUnavailable", 1)
    counts = ("currentNumberScheduled", "desiredNumberScheduled", "numberMisscheduled", "numberReady")
    item.setdefault("status", dict.fromkeys(counts, 0))


def _service(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port["targetPort"] = port.get("targetPort") or port.get("port")
    item.setdefault("status", {"loadBalancer": {}})


def _namespace(item: Object) -> None:
    if meta(item).get("name"):
        meta(item)["labels"] = {**labels(item), "kubernetes.io/metadata.name": meta(item)["name"]}
    item.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    item.setdefault("status", {}).setdefault("phase", "Active")


def _network_policy(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in [*(spec.get("ingress") or []), *(spec.get("egress") or [])]:
        for port in rule.get("ports") or []:
            port.setdefault("protocol", "TCP")


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
    "LimitRange": _limit_range,
    "PodDisruptionBudget": _disruption_budget,
    "ResourceQuota": _quota,
    "PriorityClass": _priority_class,
    "PersistentVolumeClaim": _claim,
    "Ingress": _ingress,
    "Service": _service,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "Node": _node,
}
