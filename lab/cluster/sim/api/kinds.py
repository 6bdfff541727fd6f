"""The kinds of objects that the API server knows."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["KIND", "KINDS", "Kind", "find", "kind_of", "skeleton"]

_CRUD = "create,delete,deletecollection,get,list,patch,update,watch"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: its names, its group and version, and whether it is namespaced."""

    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    short: tuple[str, ...] = ()
    namespaced: bool = True
    verbs: str = _CRUD
    categories: tuple[str, ...] = ()

    @property
    def singular(self) -> str:
        """The singular name, as typed and as printed in `pod/x`."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """`v1`, or group and version."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def root(self) -> str:
        """The path of requests for this kind."""
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"

    @property
    def full(self) -> str:
        """The plural name with the group, such as `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def printed(self) -> str:
        """The prefix of an object's printed name, such as `deployment.apps`."""
        return f"{self.singular}.{self.group}" if self.group else self.singular


def _table() -> Iterator[Kind]:
    everywhere = ("all",)
    yield Kind("bindings", "Binding", verbs="create")
    yield Kind("componentstatuses", "ComponentStatus", short=("cs",), namespaced=False, verbs="get,list")
    yield Kind("configmaps", "ConfigMap", short=("cm",))
    yield Kind("endpoints", "Endpoints", short=("ep",))
    yield Kind("events", "Event", short=("ev",))
    yield Kind("limitranges", "LimitRange", short=("limits",))
    yield Kind("namespaces", "Namespace", short=("ns",), namespaced=False, verbs=_CRUD.replace("collection", ""))
    yield Kind("nodes", "Node", short=("no",), namespaced=False)
    yield Kind("persistentvolumeclaims", "PersistentVolumeClaim", short=("pvc",))
    yield Kind("persistentvolumes", "PersistentVolume", short=("pv",), namespaced=False)
    yield Kind("pods", "Pod", short=("po",), categories=everywhere)
    yield Kind("podtemplates", "PodTemplate")
    yield Kind("replicationcontrollers", "ReplicationController", short=("rc",), categories=everywhere)
    yield Kind("resourcequotas", "ResourceQuota", short=("quota",))
    yield Kind("secrets", "Secret")
    yield Kind("serviceaccounts", "ServiceAccount", short=("sa",))
    yield Kind("services", "Service", short=("svc",), categories=everywhere)
    registration = "admissionregistration.k8s.io"
    yield Kind("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", registration, namespaced=False)
    yield Kind("validatingadmissionpolicies", "ValidatingAdmissionPolicy", registration, namespaced=False)
    yield Kind(
        "validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", registration, namespaced=False
    )
    yield Kind("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", registration, namespaced=False)
    yield Kind(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        "apiextensions.k8s.io",
        short=("crd", "crds"),
        namespaced=False,
    )
    yield Kind("apiservices", "APIService", "apiregistration.k8s.io", namespaced=False)
    yield Kind("controllerrevisions", "ControllerRevision", "apps")
    yield Kind("daemonsets", "DaemonSet", "apps", short=("ds",), categories=everywhere)
    yield Kind("deployments", "Deployment", "apps", short=("deploy",), categories=everywhere)
    yield Kind("replicasets", "ReplicaSet", "apps", short=("rs",), categories=everywhere)
    yield Kind("statefulsets", "StatefulSet", "apps", short=("sts",), categories=everywhere)
    yield from _reviews()
    yield Kind("horizontalpodautoscalers", "HorizontalPodAutoscaler", "autoscaling", "v2", ("hpa",),
               categories=everywhere)  # fmt: skip
    yield Kind("cronjobs", "CronJob", "batch", short=("cj",), categories=everywhere)
    yield Kind("jobs", "Job", "batch", categories=everywhere)
    yield Kind("certificatesigningrequests", "CertificateSigningRequest", "certificates.k8s.io", short=("csr",),
               namespaced=False)  # fmt: skip
    yield Kind("leases", "Lease", "coordination.k8s.io")
    yield Kind("endpointslices", "EndpointSlice", "discovery.k8s.io")
    yield Kind("events", "Event", "events.k8s.io", short=("ev",))
    control = "flowcontrol.apiserver.k8s.io"
    yield Kind("flowschemas", "FlowSchema", control, namespaced=False)
    yield Kind("prioritylevelconfigurations", "PriorityLevelConfiguration", control, namespaced=False)
    yield from _others()


def _others() -> Iterator[Kind]:
    networking = "networking.k8s.io"
    yield Kind("ingressclasses", "IngressClass", networking, namespaced=False)
    yield Kind("ingresses", "Ingress", networking, short=("ing",))
    yield Kind("ipaddresses", "IPAddress", networking, short=("ip",), namespaced=False)
    yield Kind("networkpolicies", "NetworkPolicy", networking, short=("netpol",))
    yield Kind("servicecidrs", "ServiceCIDR", networking, namespaced=False)
    yield Kind("runtimeclasses", "RuntimeClass", "node.k8s.io", namespaced=False)
    yield Kind("poddisruptionbudgets", "PodDisruptionBudget", "policy", short=("pdb",))
    rbac = "rbac.authorization.k8s.io"
    yield Kind("clusterrolebindings", "ClusterRoleBinding", rbac, namespaced=False)
    yield Kind("clusterroles", "ClusterRole", rbac, namespaced=False)
    yield Kind("rolebindings", "RoleBinding", rbac)
    yield Kind("roles", "Role", rbac)
    resource = "resource.k8s.io"
    yield Kind("deviceclasses", "DeviceClass", resource, namespaced=False)
    yield Kind("resourceclaims", "ResourceClaim", resource)
    yield Kind("resourceclaimtemplates", "ResourceClaimTemplate", resource)
    yield Kind("resourceslices", "ResourceSlice", resource, namespaced=False)
    yield Kind("priorityclasses", "PriorityClass", "scheduling.k8s.io", short=("pc",), namespaced=False)
    yield Kind("csidrivers", "CSIDriver", "storage.k8s.io", namespaced=False)
    storage = "storage.k8s.io"
    yield Kind("csinodes", "CSINode", storage, namespaced=False)
    yield Kind("csistoragecapacities", "CSIStorageCapacity", storage)
    yield Kind("storageclasses", "StorageClass", storage, short=("sc",), namespaced=False)
    yield Kind("volumeattachments", "VolumeAttachment", storage, namespaced=False)
    yield Kind("volumeattributesclasses", "VolumeAttributesClass", storage, short=("vac",), namespaced=False)


def _reviews() -> Iterator[Kind]:
    """Kinds that are requests (reviews): they are answered and not stored."""
    for name in ("SelfSubjectReview", "TokenReview"):
        yield Kind(f"{name.lower()}s", name, "authentication.k8s.io", namespaced=False, verbs="create")
    yield Kind("localsubjectaccessreviews", "LocalSubjectAccessReview", "authorization.k8s.io", verbs="create")
    for name in ("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"):
        yield Kind(f"{name.lower()}s", name, "authorization.k8s.io", namespaced=False, verbs="create")


KINDS: tuple[Kind, ...] = tuple(_table())
_BY_NAME = {name: kind for kind in reversed(KINDS) for name in (kind.plural, kind.singular, *kind.short)}
#: The word behind `kind:` in a manifest -> the kind.
KIND: dict[str, Kind] = {kind.kind: kind for kind in reversed(KINDS)}


def find(name: str) -> Kind | None:
    """Return the kind that a typed `name` means: plural, singular, short, with or without its group."""
    name = name.lower()
    first, _, group = name.partition(".")
    kind = _BY_NAME.get(first)
    if kind is None or not group:
        return kind
    return kind if group in {kind.group, f"{kind.version}.{kind.group}"} else None


def kind_of(kind: str, api_version: str | None = None) -> Kind | None:
    """Return the kind called `kind` (as in `kind: Pod`) if its API version is served."""
    found = KIND.get(kind)
    if found is None or (api_version is not None and api_version != found.api_version):
        return None
    return found


def skeleton(kind: str, name: str) -> dict[str, Any]:
    """Return an object of `kind` with only a name."""
    return {"apiVersion": KIND[kind].api_version, "kind": kind, "metadata": {"name": name}}
