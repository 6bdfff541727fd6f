"""Descriptions of less common objects: roles, accounts, endpoints, and the pods of a node."""

import base64
from collections.abc import Callable

from lab.cluster.sim.api.kinds import KIND
from lab.cluster.sim.api.objects import Object, dig, meta, name_of, namespace_of, parse_time
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.kubectl.describing import Lines, event_lines, fields, heading
from lab.cluster.sim.timing.durations import human

__all__ = ["MORE", "node_pods"]

_INFO = {
    "Machine ID": "machineID",
    "System UUID": "systemUUID",
    "Boot ID": "bootID",
    "Kernel Version": "kernelVersion",
    "OS Image": "osImage",
    "Operating System": "operatingSystem",
    "Architecture": "architecture",
    "Container Runtime Version": "containerRuntimeVersion",
    "Kubelet Version": "kubeletVersion",
    "Kube-Proxy Version": "kubeProxyVersion",
}
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30}


def _account(call: Call, item: Object) -> Lines:
    yield from heading(item)
    pulls = [secret["name"] for secret in item.get("imagePullSecrets") or []]
    mounts = [secret["name"] for secret in item.get("secrets") or []]
    found = {"Image pull secrets": pulls, "Mountable secrets": mounts, "Tokens": []}
    yield from fields({title: names or "<none>" for title, names in found.items()})
    yield from event_lines(call, item)


def _role(_call: Call, item: Object) -> Lines:
    yield from heading(item, namespaced=False)
    yield "PolicyRule:"
    yield "  Resources\tNon-Resource URLs\tResource Names\tVerbs"
    yield "  ---------\t-----------------\t--------------\t-----"
    rows: dict[tuple[str, str, str, str], list[str]] = {}
    for rule in item.get("rules") or []:
        names, verbs = " ".join(rule.get("resourceNames") or []), rule["verbs"]
        for group in rule.get("apiGroups") or []:
            for resource in rule.get("resources") or []:
                rows.setdefault((group, resource, "[]", f"[{names}]"), []).extend(verbs)
        for url in rule.get("nonResourceURLs") or []:
            rows.setdefault(("", "", f"[{url}]", f"[{names}]"), []).extend(verbs)
    for (group, resource, url, names), verbs in sorted(rows.items()):
        yield f"  {resource}{'.' * bool(group)}{group}\t{url}\t{names}\t[{' '.join(dict.fromkeys(verbs))}]"


def _binding(_call: Call, item: Object) -> Lines:
    yield from heading(item, namespaced=False)
    yield "Role:"
    yield from fields({"Kind": dig(item, "roleRef", "kind"), "Name": dig(item, "roleRef", "name")}, "  ")
    yield "Subjects:"
    yield "  Kind\tName\tNamespace"
    yield "  ----\t----\t---------"
    for subject in item.get("subjects") or []:
        yield f"  {subject['kind']}\t{subject['name']}\t{subject.get('namespace', '')}"


def _endpoints(call: Call, item: Object) -> Lines:
    yield from heading(item)
    yield "Subsets:"
    for subset in item.get("subsets") or []:
        for title, part in (("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")):
            yield f"  {title}:\t{','.join(a['ip'] for a in subset.get(part) or []) or '<none>'}"
        yield "  Ports:"
        yield "    Name\tPort\tProtocol"
        yield "    ----\t----\t--------"
        for port in subset.get("ports") or []:
            yield f"    {port.get('name') or '<unset>'}\t{port['port']}\t{port['protocol']}"
        yield ""
    yield from event_lines(call, item)


def _slice(call: Call, item: Object) -> Lines:
    yield from heading(item)
    yield f"AddressType:\t{item['addressType']}"
    yield "Ports:" if item.get("ports") else "Ports: <unset>"
    if item.get("ports"):
        yield "  Name\tPort\tProtocol"
        yield "  ----\t----\t--------"
    for port in item.get("ports") or []:
        yield f"  {port.get('name') or '<unset>'}\t{port['port']}\t{port['protocol']}"
    yield "Endpoints:" if item.get("endpoints") else "Endpoints: <none>"
    for endpoint in item.get("endpoints") or []:
        yield f"  - Addresses:\t{','.join(endpoint['addresses'])}"
        yield "    Conditions:"
        yield f"      Ready:\t{str(dig(endpoint, 'conditions', 'ready')).lower()}"
        yield f"    Hostname:\t{endpoint.get('hostname', '<unset>')}"
        target = endpoint.get("targetRef")
        if target:
            yield f"    TargetRef:\t{target['kind']}/{target['name']}"
        yield f"    NodeName:\t{endpoint.get('nodeName', '<unset>')}"
        yield "    Zone:\t<unset>"
    yield from event_lines(call, item)


def node_pods(call: Call, item: Object) -> Lines:
    """Describe a node's system, its pods and their requests."""
    yield "System Info:"
    yield from (
        f"  {title}:\t{dig(item, 'status', 'nodeInfo', field, default='')}" for title, field in _INFO.items()
    )
    yield f"PodCIDR:\t{dig(item, 'spec', 'podCIDR')}"
    yield f"PodCIDRs:\t{dig(item, 'spec', 'podCIDR')}"
    yield f"ProviderID:\t{dig(item, 'spec', 'providerID')}"
    pods = [p for p in call.plane.store.list(KIND["Pod"]) if dig(p, "spec", "nodeName") == name_of(item)]
    yield f"Non-terminated Pods:\t({len(pods)} in total)"
    yield "  Namespace\tName\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge"
    yield "  ---------\t----\t------------\t----------\t---------------\t-------------\t---"
    room = dig(item, "status", "allocatable")
    total = dict.fromkeys(_PARTS, 0.0)
    for pod in pods:
        asked = {part: sum(_asked(c, *part) for c in pod["spec"]["containers"]) for part in _PARTS}
        total = {part: total[part] + asked[part] for part in _PARTS}
        age = human(call.now() - parse_time(meta(pod)["creationTimestamp"]))
        shown = "\t".join(_shown(asked[part], part[0], room) for part in _PARTS)
        yield f"  {namespace_of(pod)}\t{name_of(pod)}\t{shown}\t{age}"
    yield "Allocated resources:"
    yield "  (Total limits may be over 100 percent, i.e., overcommitted.)"
    yield "  Resource\tRequests\tLimits"
    yield "  --------\t--------\t------"
    for resource in ("cpu", "memory"):
        both = [_shown(total[resource, part], resource, room) for part in ("requests", "limits")]
        yield f"  {resource}\t{both[0]}\t{both[1]}"
    yield from (f"  {name}\t0 (0%)\t0 (0%)" for name in ("ephemeral-storage", "hugepages-1Gi", "hugepages-2Mi"))


_PARTS = (("cpu", "requests"), ("cpu", "limits"), ("memory", "requests"), ("memory", "limits"))


def _asked(container: Object, resource: str, part: str) -> float:
    """Return a container's requests: processors, or bytes."""
    return _number(str(dig(container, "resources", part, resource, default="0")))


def _number(text: str) -> float:
    if text.endswith("m"):
        return float(text[:-1]) / 1000
    unit = _UNITS.get(text[-2:], 0)
    return float(text[:-2]) * unit if unit else float(text)


def _shown(number: float, resource: str, room: Object) -> str:
    share = int(100 * number / _number(str(room[resource])))
    text = f"{round(number * 1000)}m" if resource == "cpu" else f"{number / 2**20:.0f}Mi"
    return f"{text if number else '0'} ({share}%)"


def _secret(_call: Call, item: Object) -> Lines:
    yield from heading(item)
    yield ""
    yield f"Type:\t{item.get('type', 'Opaque')}"
    yield ""
    yield "Data"
    yield "===="
    for key, value in sorted((item.get("data") or {}).items()):
        yield f"{key}:\t{len(base64.b64decode(value))} bytes"


MORE: dict[str, Callable[[Call, Object], Lines]] = {
    "ServiceAccount": _account,
    "ClusterRole": _role,
    "Role": _role,
    "ClusterRoleBinding": _binding,
    "RoleBinding": _binding,
    "Endpoints": _endpoints,
    "EndpointSlice": _slice,
    "Secret": _secret,
}
