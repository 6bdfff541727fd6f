"""Server-side Tables: the columns that `kubectl get` prints for each kind."""

from collections.abc import Callable
from typing import Any

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.kinds import Kind, find
from lab.cluster.sim.api.objects import Object, dig, labels, meta, name_of, parse_time
from lab.cluster.sim.timing.durations import human

__all__ = ["component_statuses", "pod_status", "table"]

#: A column: its header, whether only `-o wide` shows it, and its value.
_Column = tuple[str, bool, Callable[[Object, float], Any]]


def table(kind: Kind, items: list[Object], now: float) -> Object:
    """Return the objects as a Table."""
    columns: list[_Column] = [("Name", False, _name), *_COLUMNS.get(kind.kind, _ONLY_AGE)]
    if kind.kind == "Event":
        columns = _COLUMNS["Event"]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {},
        "columnDefinitions": [{"name": name, "priority": int(wide)} for name, wide, _ in columns],
        "rows": [
            {"cells": [value(item, now) for _, _, value in columns], "object": item}
            for item in items
        ],
    }  # fmt: skip


def _name(item: Object, _now: float) -> str:
    default = dig(item, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") == "true"
    return f"{name_of(item)} (default)" if default else name_of(item)


def component_statuses(name: str, *, table: bool) -> Object:
    """Return the old component statuses, which are always healthy while the API server answers."""
    kind = find("componentstatuses")
    names = ["controller-manager", "scheduler", "etcd-0"]
    if kind is None or (name and name not in names):
        raise ApiError(404, "NotFound", f'componentstatuses "{name}" not found')
    items: list[Object] = [
        {
            "apiVersion": "v1",
            "kind": "ComponentStatus",
            "metadata": {"name": one},
            "conditions": [{"type": "Healthy", "status": "True", "message": "ok"}],
        }
        for one in names
        if name in {"", one}
    ]
    if not table:
        return (
            items[0]
            if name
            else {"apiVersion": "v1", "kind": "ComponentStatusList", "metadata": {}, "items": items}
        )
    headers = ["Name", "Status", "Message", "Error"]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "columnDefinitions": [{"name": header, "priority": 0} for header in headers],
        "rows": [{"cells": [name_of(item), "Healthy", "ok", ""], "object": item} for item in items],
    }


def _at(*path: str | int, default: Any = "<none>") -> Callable[[Object, float], Any]:  # noqa: ANN401 -- JSON
    return lambda item, _now: dig(item, *path, default=default)


def _age(item: Object, now: float) -> str:
    created = dig(item, "metadata", "creationTimestamp")
    return human(now - parse_time(created)) if created else "<unknown>"


def _joined(mapping: Any) -> str:  # noqa: ANN401 -- JSON
    return ",".join(f"{key}={value}" for key, value in sorted((mapping or {}).items())) or "<none>"


def selector_text(selector: Object | None) -> str:
    """Return a label selector in its printed form."""
    parts = [f"{key}={value}" for key, value in sorted((dig(selector, "matchLabels") or {}).items())]
    for expression in dig(selector, "matchExpressions", default=[]):
        key, values = expression["key"], ",".join(expression.get("values") or [])
        operator = expression["operator"]
        shown = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key}
        parts.append(shown.get(operator, f"!{key}"))
    return ",".join(parts) or "<none>"


def _containers(item: Object, field: str) -> str:
    return ",".join(str(c.get(field)) for c in dig(item, "spec", "template", "spec", "containers", default=[]))


# Pods


def pod_status(item: Object) -> str:
    """Return the STATUS column: the phase, or a more important reason."""
    reason = dig(item, "status", "reason") or dig(item, "status", "phase", default="Unknown")
    statuses = dig(item, "status", "containerStatuses", default=[])
    for status in reversed(statuses):
        state = status.get("state") or {}
        if dig(state, "waiting", "reason"):
            reason = state["waiting"]["reason"]
        elif "terminated" in state:
            ended = state["terminated"]
            reason = ended.get("reason") or f"ExitCode:{ended.get('exitCode')}"
    if "deletionTimestamp" in meta(item):
        return "Terminating"
    if reason == "Completed" and any(status.get("ready") for status in statuses):
        return "Running"
    return str(reason)


def _pod_ready(item: Object, _now: float) -> str:
    statuses = dig(item, "status", "containerStatuses", default=[])
    return f"{sum(bool(s.get('ready')) for s in statuses)}/{len(dig(item, 'spec', 'containers', default=[]))}"


def _pod_restarts(item: Object, now: float) -> str:
    statuses = dig(item, "status", "containerStatuses", default=[])
    count = sum(int(status.get("restartCount", 0)) for status in statuses)
    ended = [parse_time(dig(s, "lastState", "terminated", "finishedAt")) for s in statuses]
    last = max([0.0, *ended])
    return f"{count} ({human(now - last)} ago)" if count and last else str(count)


# Nodes


def node_status(item: Object) -> str:
    """Return the STATUS column of a node."""
    ready = [c["status"] for c in dig(item, "status", "conditions", default=[]) if c["type"] == "Ready"]
    text = "Ready" if ready == ["True"] else "NotReady" if ready else "Unknown"
    return text + (",SchedulingDisabled" if dig(item, "spec", "unschedulable") else "")


def node_roles(item: Object) -> str:
    """Return the ROLES column of a node."""
    prefix = "node-role.kubernetes.io/"
    return ",".join(sorted(k.removeprefix(prefix) for k in labels(item) if k.startswith(prefix))) or "<none>"


def _node_address(item: Object, _now: float) -> str:
    found = [a["address"] for a in dig(item, "status", "addresses", default=[]) if a["type"] == "InternalIP"]
    return found[0] if found else "<none>"


# Services


def service_ports(item: Object) -> str:
    """Return the PORT(S) column of a service."""
    ports = [
        f"{port['port']}{':' + str(port['nodePort']) if port.get('nodePort') else ''}/{port['protocol']}"
        for port in dig(item, "spec", "ports", default=[])
    ]
    return ",".join(ports) or "<none>"


def endpoints_text(item: Object) -> str:
    """Return the ENDPOINTS column: the first three, and the number of others."""
    shown = [
        f"{address['ip']}:{port['port']}"
        for subset in item.get("subsets") or []
        for port in subset.get("ports") or [{"port": ""}]
        for address in subset.get("addresses") or []
    ]
    if not shown:
        return "<none>"
    more = f" + {len(shown) - 3} more..." if len(shown) > 3 else ""
    return ",".join(shown[:3]) + more


def _slice_addresses(item: Object, _now: float) -> str:
    found = [address for endpoint in item.get("endpoints") or [] for address in endpoint["addresses"]]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return (",".join(found[:3]) + more) or "<unset>"


def _slice_ports(item: Object, _now: float) -> str:
    return ",".join(str(port.get("port")) for port in item.get("ports") or []) or "<unset>"


# Events


def _event_age(item: Object, now: float) -> str:
    last = parse_time(item.get("lastTimestamp"))
    first = parse_time(item.get("firstTimestamp"))
    count = item.get("count", 1)
    if count > 1 and last != first:
        return f"{human(now - last)} (x{count} over {human(now - first)})"
    return human(now - (last or parse_time(item.get("eventTime")) or first))


def _event_object(item: Object, _now: float) -> str:
    involved = item.get("involvedObject") or {}
    return f"{str(involved.get('kind', '')).lower()}/{involved.get('name', '')}"


def _event_source(item: Object, _now: float) -> str:
    source = item.get("source") or {}
    return ", ".join(part for part in (source.get("component"), source.get("host")) if part)


def _subjects(item: Object, kind: str) -> str:
    found = [subject for subject in item.get("subjects") or [] if subject["kind"] == kind]
    return ", ".join(f"{s['namespace']}/{s['name']}" if "namespace" in s else s["name"] for s in found)


def _signing_condition(item: Object) -> str:
    told = [condition["type"] for condition in dig(item, "status", "conditions", default=[])]
    return ",".join([*told, *(["Issued"] if dig(item, "status", "certificate") else [])]) or "Pending"


_AGE: _Column = ("Age", False, _age)
_ONLY_AGE: list[_Column] = [_AGE]
_PODS_OF: list[_Column] = [
    ("Containers", True, lambda item, _: _containers(item, "name")),
    ("Images", True, lambda item, _: _containers(item, "image")),
    ("Selector", True, lambda item, _: selector_text(dig(item, "spec", "selector"))),
]
_SUBJECTS: list[_Column] = [
    ("Users", True, lambda item, _: _subjects(item, "User")),
    ("Groups", True, lambda item, _: _subjects(item, "Group")),
    ("ServiceAccounts", True, lambda item, _: _subjects(item, "ServiceAccount")),
]
_COLUMNS: dict[str, list[_Column]] = {
    "Scale": [
        ("Desired", False, _at("spec", "replicas", default=0)),
        ("Available", False, _at("status", "replicas", default=0)),
        _AGE,
    ],
    "Pod": [
        ("Ready", False, _pod_ready),
        ("Status", False, lambda item, _: pod_status(item)),
        ("Restarts", False, _pod_restarts),
        _AGE,
        ("IP", True, _at("status", "podIP")),
        ("Node", True, _at("spec", "nodeName")),
        ("Nominated Node", True, lambda _item, _now: "<none>"),
        ("Readiness Gates", True, lambda _item, _now: "<none>"),
    ],
    "Node": [
        ("Status", False, lambda item, _: node_status(item)),
        ("Roles", False, lambda item, _: node_roles(item)),
        _AGE,
        ("Version", False, _at("status", "nodeInfo", "kubeletVersion", default="")),
        ("Internal-IP", True, _node_address),
        ("External-IP", True, lambda _item, _now: "<none>"),
        ("OS-Image", True, _at("status", "nodeInfo", "osImage", default="<unknown>")),
        ("Kernel-Version", True, _at("status", "nodeInfo", "kernelVersion", default="<unknown>")),
        ("Container-Runtime", True, _at("status", "nodeInfo", "containerRuntimeVersion", default="<unknown>")),
    ],
    "Namespace": [("Status", False, _at("status", "phase")), _AGE],
    "Deployment": [
        (
            "Ready",
            False,
            lambda i, _: f"{dig(i, 'status', 'readyReplicas', default=0)}/{dig(i, 'spec', 'replicas', default=0)}",
        ),
        ("Up-to-date", False, _at("status", "updatedReplicas", default=0)),
        ("Available", False, _at("status", "availableReplicas", default=0)),
        _AGE,
        *_PODS_OF,
    ],
    "ReplicaSet": [
        ("Desired", False, _at("spec", "replicas", default=0)),
        ("Current", False, _at("status", "replicas", default=0)),
        ("Ready", False, _at("status", "readyReplicas", default=0)),
        _AGE,
        *_PODS_OF,
    ],
    "DaemonSet": [
        ("Desired", False, _at("status", "desiredNumberScheduled", default=0)),
        ("Current", False, _at("status", "currentNumberScheduled", default=0)),
        ("Ready", False, _at("status", "numberReady", default=0)),
        ("Up-to-date", False, _at("status", "updatedNumberScheduled", default=0)),
        ("Available", False, _at("status", "numberAvailable", default=0)),
        ("Node Selector", False, lambda i, _: _joined(dig(i, "spec", "template", "spec", "nodeSelector"))),
        _AGE,
        *_PODS_OF,
    ],
    "Service": [
        ("Type", False, _at("spec", "type")),
        ("Cluster-IP", False, _at("spec", "clusterIP")),
        ("External-IP", False, lambda _item, _now: "<none>"),
        ("Port(s)", False, lambda item, _: service_ports(item)),
        _AGE,
        ("Selector", True, lambda item, _: _joined(dig(item, "spec", "selector"))),
    ],
    "Endpoints": [("Endpoints", False, lambda item, _: endpoints_text(item)), _AGE],
    "EndpointSlice": [
        ("AddressType", False, _at("addressType")),
        ("Ports", False, _slice_ports),
        ("Endpoints", False, _slice_addresses),
        _AGE,
    ],
    "ConfigMap": [
        ("Data", False, lambda item, _: len(item.get("data") or {}) + len(item.get("binaryData") or {})),
        _AGE,
    ],
    "Secret": [
        ("Type", False, _at("type", default="Opaque")),
        ("Data", False, lambda item, _: len(item.get("data") or {})),
        _AGE,
    ],
    "ServiceAccount": [("Secrets", False, lambda item, _: len(item.get("secrets") or [])), _AGE],
    "NetworkPolicy": [
        ("Pod-Selector", False, lambda item, _: selector_text(dig(item, "spec", "podSelector"))),
        _AGE,
    ],
    "Lease": [("Holder", False, _at("spec", "holderIdentity", default="")), _AGE],
    "ControllerRevision": [
        (
            "Controller",
            False,
            lambda i, _: f"{dig(i, 'metadata', 'ownerReferences', 0, 'kind', default='').lower()}.apps/"
            f"{dig(i, 'metadata', 'ownerReferences', 0, 'name', default='')}",
        ),
        ("Revision", False, _at("revision", default=0)),
        _AGE,
    ],
    "ClusterRole": [("Created At", False, _at("metadata", "creationTimestamp"))],
    "Role": [("Created At", False, _at("metadata", "creationTimestamp"))],
    "ClusterRoleBinding": [
        ("Role", False, lambda i, _: f"{dig(i, 'roleRef', 'kind')}/{dig(i, 'roleRef', 'name')}"),
        _AGE,
        *_SUBJECTS,
    ],
    "RoleBinding": [
        ("Role", False, lambda i, _: f"{dig(i, 'roleRef', 'kind')}/{dig(i, 'roleRef', 'name')}"),
        _AGE,
        *_SUBJECTS,
    ],
    "CertificateSigningRequest": [
        _AGE,
        ("SignerName", False, _at("spec", "signerName")),
        ("Requestor", False, _at("spec", "username")),
        ("RequestedDuration", False, lambda _item, _now: "<none>"),
        ("Condition", False, lambda item, _: _signing_condition(item)),
    ],
    "APIService": [
        ("Service", False, lambda _item, _now: "Local"),
        ("Available", False, lambda _item, _now: "True"),
        _AGE,
    ],
    "StorageClass": [
        ("Provisioner", False, _at("provisioner", default="")),
        ("ReclaimPolicy", False, _at("reclaimPolicy", default="Delete")),
        ("VolumeBindingMode", False, _at("volumeBindingMode", default="Immediate")),
        ("AllowVolumeExpansion", False, lambda item, _: str(bool(item.get("allowVolumeExpansion"))).lower()),
        _AGE,
    ],
    "CSINode": [("Drivers", False, lambda item, _: str(len(dig(item, "spec", "drivers", default=[])))), _AGE],
    "FlowSchema": [
        ("PriorityLevel", False, _at("spec", "priorityLevelConfiguration", "name")),
        ("MatchingPrecedence", False, _at("spec", "matchingPrecedence")),
        ("DistinguisherMethod", False, _at("spec", "distinguisherMethod", "type", default="<none>")),
        _AGE,
        ("MissingPL", False, lambda _item, _now: "False"),
    ],
    "PriorityClass": [
        ("Value", False, _at("value", default=0)),
        ("Global-Default", False, lambda item, _: str(bool(item.get("globalDefault"))).lower()),
        _AGE,
        ("PreemptionPolicy", False, _at("preemptionPolicy", default="PreemptLowerPriority")),
    ],
    "Event": [
        ("Last Seen", False, _event_age),
        ("Type", False, _at("type", default="")),
        ("Reason", False, _at("reason", default="")),
        ("Object", False, _event_object),
        ("Subobject", True, _at("involvedObject", "fieldPath", default="")),
        ("Source", True, _event_source),
        ("Message", False, lambda item, _: str(item.get("message", "")).strip()),
        ("First Seen", True, lambda item, now: human(now - parse_time(item.get("firstTimestamp")))),
        ("Count", True, _at("count", default=1)),
        ("Name", True, lambda item, _: name_of(item)),
    ],
}  # fmt: skip
