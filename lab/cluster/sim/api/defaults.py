"""Defaults that the API server adds to an object."""

from lab.cluster.sim.api.objects import Object, dig, labels, meta

__all__ = ["apply_defaults", "pod_defaults"]


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
    latest = tag in {"", "latest"} and "@" not in image
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


def _replica_set(item: Object) -> None:
    item.setdefault("spec", {}).setdefault("replicas", 1)
    _template(item)


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


def _service(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("type", "ClusterIP")
    spec.setdefault("sessionAffinity", "None")
    if spec["type"] != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
    for port in spec.get("ports") or []:
        port.setdefault("protocol", "TCP")
        port.setdefault("targetPort", port.get("port"))
    item.setdefault("status", {"loadBalancer": {}})


def _namespace(item: Object) -> None:
    meta(item).setdefault("labels", labels(item))["kubernetes.io/metadata.name"] = meta(item)["name"]
    item.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
    item.setdefault("status", {}).setdefault("phase", "Active")


def _network_policy(item: Object) -> None:
    spec = item.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if "egress" in spec else ["Ingress"]
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
    "StatefulSet": _replica_set,
    "Service": _service,
    "Namespace": _namespace,
    "NetworkPolicy": _network_policy,
    "Node": _node,
}
