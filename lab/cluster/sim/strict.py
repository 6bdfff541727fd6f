"""Fields that kinds have: what a strict API server knows when it reads an object."""

from collections.abc import Iterator

from lab.cluster.sim.errors import ApiError
from lab.cluster.sim.kinds import Kind
from lab.cluster.sim.objects import Object

__all__ = ["require_known"]

#: Fields of a thing; what is in them is looked at where a name of another thing stands behind the colon.
_THINGS = {
    "metadata": (
        "name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp "
        "deletionGracePeriodSeconds labels annotations ownerReferences finalizers managedFields"
    ),
    "NetworkPolicy": "podSelector policyTypes ingress:ingress egress:egress",
    "ingress": "from:peer ports:policyport",
    "egress": "to:peer ports:policyport",
    "peer": "podSelector namespaceSelector ipBlock",
    "policyport": "port endPort protocol",
    "Pod": (
        "activeDeadlineSeconds affinity automountServiceAccountToken containers:container dnsConfig dnsPolicy "
        "enableServiceLinks ephemeralContainers hostAliases hostIPC hostNetwork hostPID hostUsers hostname "
        "hostnameOverride imagePullSecrets initContainers:container nodeName nodeSelector os overhead "
        "preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy "
        "runtimeClassName schedulerName schedulingGates securityContext serviceAccount serviceAccountName "
        "setHostnameAsFQDN shareProcessNamespace subdomain terminationGracePeriodSeconds tolerations "
        "topologySpreadConstraints volumes"
    ),
    "container": (
        "args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports readinessProbe "
        "resizePolicy resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce "
        "terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir"
    ),
    "template": "metadata:metadata spec:Pod",
    "Deployment": (
        "minReadySeconds paused progressDeadlineSeconds replicas revisionHistoryLimit selector strategy "
        "template:template"
    ),
    "DaemonSet": "minReadySeconds revisionHistoryLimit selector template:template updateStrategy",
    "ReplicaSet": "minReadySeconds replicas selector template:template",
    "Service": (
        "allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName externalTrafficPolicy "
        "healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass loadBalancerIP "
        "loadBalancerSourceRanges ports publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig "
        "trafficDistribution type"
    ),
}
_SPECIFIED = {"NetworkPolicy", "Pod", "Deployment", "DaemonSet", "ReplicaSet", "Service"}


def require_known(kind: Kind, item: Object) -> None:
    """Raise `ApiError` if the object has fields that its kind does not have, as far as they are known here."""
    unknown = list(_unknown(item.get("metadata"), "metadata", "metadata"))
    if kind.kind in _SPECIFIED:
        known = {"apiVersion", "kind", "metadata", "spec", "status"}
        unknown += [key for key in item if key not in known]
        unknown += _unknown(item.get("spec"), kind.kind, "spec")
    if unknown:
        told = ", ".join(f'unknown field "{path}"' for path in sorted(unknown))
        read = f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}'
        raise ApiError.bad_request(f"{read}: strict decoding error: {told}")


def _unknown(found: object, thing: str, path: str) -> Iterator[str]:
    if not isinstance(found, dict):
        return
    fields = dict(word.partition(":")[::2] for word in _THINGS[thing].split())
    for key, value in found.items():
        below = f"{path}.{key}"
        if key not in fields:
            yield below
        elif fields[key]:
            if isinstance(value, list):
                for index, part in enumerate(value):
                    yield from _unknown(part, fields[key], f"{below}[{index}]")
            else:
                yield from _unknown(value, fields[key], below)
