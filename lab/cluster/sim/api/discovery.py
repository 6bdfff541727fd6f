"""Paths of the API without objects: health, version, discovery."""

import functools
import json
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.metrics import RequestCounts, health_metrics, metrics
from lab.cluster.sim.api.objects import dig
from lab.cluster.sim.api.store import Store

__all__ = ["HEALTH_CHECKS", "VERSION", "answer_other", "published", "version_info"]

VERSION = "v1.34.4"
BUILD_DATE = "1970-01-01T00:00:00Z"
_HEALTH = ("healthz", "livez", "readyz")
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


def answer_other(path: str, store: Store, requests: RequestCounts) -> object:
    """Answer a request for a path without objects, with a text or an object."""
    path, _, query = path.partition("?")
    path = path.rstrip("/") or "/"
    first, _, rest = path[1:].partition("/")
    if first in _HEALTH:
        return _health(first, rest, parse_qs(query, keep_blank_values=True))
    found = published()
    texts = {
        "/": lambda: _pretty({"paths": found["paths"]}),
        "/version": lambda: _pretty(version_info()),
        "/metrics": lambda: metrics(store, requests),
        "/metrics/slis": lambda: health_metrics({which: health_checks(which) for which in _HEALTH}),
    }
    if path in texts:
        return texts[path]()
    if path == "/api":
        where = {"clientCIDR": "0.0.0.0/0", "serverAddress": _own_address(store)}
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [where]}
    if path == "/apis":
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found["groups"]}
    group_version = path.removeprefix("/apis/").removeprefix("/api/")
    if path.startswith("/api") and group_version in found["resources"]:
        listed = {"groupVersion": group_version, "resources": found["resources"][group_version]}
        return {"kind": "APIResourceList", **({"apiVersion": "v1"} if "/" in group_version else {}), **listed}
    group = next((group for group in found["groups"] if path == f"/apis/{group['name']}"), None)
    if group is not None:
        return {"kind": "APIGroup", "apiVersion": "v1", **group}
    raise ApiError(404, "NotFound", "the server could not find the requested resource")


@functools.cache
def published() -> dict[str, Any]:
    """Return what a real API server publishes: its paths, its groups, and the resources of each version."""
    text = files("lab.cluster.sim.data").joinpath("discovery.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def _pretty(item: object) -> str:
    return json.dumps(item, indent=2)


def _own_address(store: Store) -> str:
    found = store.get(KIND["Endpoints"], "default", "kubernetes")
    return f"{dig(found, 'subsets', 0, 'addresses', 0, 'ip', default='')}:6443"


def health_checks(which: str) -> list[str]:
    """Return the names of the checks behind `healthz`, `livez` or `readyz`."""
    found = [
        check for check in HEALTH_CHECKS if which == "readyz" or check not in {"etcd-readiness", "informer-sync"}
    ]
    return found + (["shutdown"] if which == "readyz" else [])


def _health(which: str, check: str, query: dict[str, list[str]]) -> str:
    checks = health_checks(which)
    if check:
        if check not in checks:
            raise ApiError(404, "NotFound", "the server could not find the requested resource")
        return "ok"
    if "verbose" not in query:
        return "ok"
    without = query.get("exclude", [])
    told = "".join(f"[+]{name} excluded: ok\n" if name in without else f"[+]{name} ok\n" for name in checks)
    if unknown := [name for name in without if name not in checks]:
        names = ", ".join(f'"{name}"' for name in unknown)
        told += f"warn: some health checks cannot be excluded: no matches for {names}\n"
    return f"{told}{which} check passed\n"


def version_info() -> dict[str, str]:
    """Return the API server's build information, as in the lab's node image."""
    return {
        "major": "1",
        "minor": "34",
        "emulationMajor": "1",
        "emulationMinor": "34",
        "minCompatibilityMajor": "1",
        "minCompatibilityMinor": "33",
        "gitVersion": VERSION,
        "gitCommit": "",
        "gitTreeState": "archive",
        "buildDate": BUILD_DATE,
        "goVersion": "go1.26.8",
        "compiler": "gc",
        "platform": "linux/amd64",
    }
