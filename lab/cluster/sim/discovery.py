"""Paths of the API that are no objects: health, version, discovery."""

from typing import TYPE_CHECKING

from lab.cluster.sim.errors import ApiError
from lab.cluster.sim.kinds import KINDS

if TYPE_CHECKING:
    from lab.cluster.sim.apiserver import ApiServer

__all__ = ["HEALTH_CHECKS", "VERSION", "answer_other"]

VERSION = "v1.34.4"
HEALTH_CHECKS = (
    "ping", "log", "etcd", "etcd-readiness", "informer-sync",
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/priority-and-fairness-config-consumer",
    "poststarthook/priority-and-fairness-filter",
    "poststarthook/storage-object-count-tracker-hook",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/start-kube-apiserver-identity-lease-controller",
    "poststarthook/start-kube-apiserver-identity-lease-garbage-collector",
    "poststarthook/start-legacy-token-tracking-controller",
    "poststarthook/start-service-ip-repair-controllers",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/priority-and-fairness-config-producer",
    "poststarthook/bootstrap-controller",
    "poststarthook/start-kubernetes-service-cidr-controller",
    "poststarthook/aggregator-reload-proxy-client-cert",
    "poststarthook/start-kube-aggregator-informers",
    "poststarthook/apiservice-status-local-available-controller",
    "poststarthook/apiservice-status-remote-available-controller",
    "poststarthook/apiservice-registration-controller",
    "poststarthook/apiservice-discovery-controller",
    "poststarthook/kube-apiserver-autoregistration",
    "autoregister-completion",
    "poststarthook/apiservice-openapi-controller",
    "poststarthook/apiservice-openapiv3-controller",
)  # fmt: skip


def answer_other(path: str, server: "ApiServer") -> object:
    """Answer a request for a path that is no object's; text, or an object."""
    path, _, query = path.partition("?")
    path = path.rstrip("/") or "/"
    first = path.split("/")[1]
    if first in {"healthz", "livez", "readyz"}:
        return _health(first, verbose="verbose" in query)
    if path == "/version":
        return _version()
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
    if path == "/apis":
        groups = sorted({kind.group for kind in KINDS if kind.group})
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [{"name": group} for group in groups]}
    found = [kind for kind in KINDS if kind.root == path]
    if found:
        resources = [
            {
                "name": kind.plural,
                "singularName": kind.singular,
                "namespaced": kind.namespaced,
                "kind": kind.kind,
                "verbs": kind.verbs.split(","),
                "shortNames": list(kind.short),
            }
            for kind in found
        ]
        return {"kind": "APIResourceList", "groupVersion": found[0].api_version, "resources": resources}
    del server
    raise ApiError(404, "NotFound", "the server could not find the requested resource")


def _health(which: str, *, verbose: bool) -> str:
    if not verbose:
        return "ok"
    checks = [
        check for check in HEALTH_CHECKS if which == "readyz" or check not in {"etcd-readiness", "informer-sync"}
    ]
    checks += ["shutdown"] if which == "readyz" else []
    return "".join(f"[+]{check} ok\n" for check in checks) + f"{which} check passed\n"


def _version() -> dict[str, str]:
    return {
        "major": "1",
        "minor": "34",
        "emulationMajor": "1",
        "emulationMinor": "34",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "33",
        "gitVersion": VERSION,
        "gitCommit": "2b0a9c2a5ecd2bff8ef9ad0e4d3d4d2a7d0b7a5e",
        "gitTreeState": "clean",
        "buildDate": "2026-02-10T12:53:15Z",
        "goVersion": "go1.24.12",
        "compiler": "gc",
        "platform": "linux/amd64",
    }
