"""kubectl describe."""

from collections.abc import Callable, Iterable
from datetime import datetime

from lab.cluster.sim.api.kinds import KIND, Kind
from lab.cluster.sim.api.objects import Object, dig, labels, meta, name_of, namespace_of
from lab.cluster.sim.api.tables import node_roles, selector_text
from lab.cluster.sim.bash.running.call import Call, NotSimulated
from lab.cluster.sim.commands.kubectl.change import chosen
from lab.cluster.sim.commands.kubectl.client import Client
from lab.cluster.sim.commands.kubectl.describe_more import MORE, node_pods
from lab.cluster.sim.commands.kubectl.describe_pods import pod_lines, template_lines
from lab.cluster.sim.commands.kubectl.describing import Lines, date, event_lines, fields, heading, mapping
from lab.cluster.sim.commands.kubectl.get import DEPRECATED
from lab.cluster.sim.commands.kubectl.resources import targets
from lab.cluster.sim.text.tabwriter import aligned

__all__ = ["describe"]


async def describe(call: Call, client: Client) -> int:
    """Print all details of objects."""
    if client.flags.given("filename") or client.flags.given("kustomize"):
        found = await chosen(call, client, [])
        for kind, item in found:
            if kind.kind not in _TELLERS:
                raise NotSimulated(f"kubectl describe {kind.singular}")
            await call.out(("\n\n" if item is not found[0][1] else "") + _described(call, kind, item))
        return 0
    wanted = targets(client.flags.words)
    kind = wanted[0][0]
    teller = _TELLERS.get(kind.kind)
    if teller is None:
        raise NotSimulated(f"kubectl describe {kind.singular}")
    if wanted[0][1] or client.flags.given("selector"):
        items = [item for _, item in await chosen(call, client, client.flags.words)]
    else:
        namespace = "" if client.flags.on("all-namespaces") or not kind.namespaced else client.namespace
        items = await client.list(kind, namespace)
    if not items:
        everywhere = client.flags.on("all-namespaces") or not kind.namespaced
        where = "" if everywhere else f" in {client.namespace} namespace"
        await call.err(f"No resources found{where}{'.' if where else ''}\n")
        return 0
    await call.out("\n\n".join(_described(call, kind, item) for item in items))
    if kind.kind in DEPRECATED:
        await call.err(f"Warning: {DEPRECATED[kind.kind]}\n")
    return 0


def _described(call: Call, kind: Kind, item: Object) -> str:
    return aligned("\n".join(_TELLERS[kind.kind](call, item))) + "\n"


def _deployment(call: Call, item: Object) -> Lines:
    spec, status = item["spec"], item.get("status") or {}
    sets = call.plane.store.owned(KIND["ReplicaSet"], item)
    new = max(
        sets,
        key=lambda one: int(meta(one)["annotations"].get("deployment.kubernetes.io/revision", 0)),
        default=None,
    )
    old = [one for one in sets if one is not new]
    rolling = dig(spec, "strategy", "rollingUpdate", default={})
    yield from fields(
        {
            "Name": name_of(item),
            "Namespace": namespace_of(item),
            "CreationTimestamp": date(meta(item)["creationTimestamp"]),
            "Labels": mapping(labels(item)),
            "Annotations": mapping(meta(item).get("annotations"), ": "),
            "Selector": selector_text(spec["selector"]),
            "Replicas": f"{spec['replicas']} desired | {status.get('updatedReplicas', 0)} updated | {status.get('replicas', 0)} total"  # noqa: E501 -- as it is printed
            f" | {status.get('availableReplicas', 0)} available | {status.get('unavailableReplicas', 0)} unavailable",  # noqa: E501 -- as it is printed
            "StrategyType": dig(spec, "strategy", "type"),
            "MinReadySeconds": spec.get("minReadySeconds", 0),
            **(
                {
                    "RollingUpdateStrategy": f"{rolling['maxUnavailable']} max unavailable, {rolling['maxSurge']} max surge"  # noqa: E501 -- as it is printed
                }
                if rolling
                else {}
            ),
        }
    )
    yield from template_lines(spec["template"])
    yield "Conditions:"
    yield "  Type\tStatus\tReason"
    yield "  ----\t------\t------"
    for condition in status.get("conditions") or []:
        yield f"  {condition['type']}\t{condition['status']}\t{condition.get('reason', '')}"
    yield f"OldReplicaSets:\t{_sets(old) or '<none>'}"
    yield f"NewReplicaSet:\t{_sets([new]) if new else '<none>'}"
    yield from event_lines(call, item)


def _sets(sets: Iterable[Object]) -> str:
    return ", ".join(
        f"{name_of(one)} ({dig(one, 'status', 'replicas', default=0)}/{one['spec']['replicas']} replicas created)"
        for one in sets
    )


def _pod_counts(call: Call, item: Object) -> str:
    phases = [dig(pod, "status", "phase") for pod in call.plane.store.owned(KIND["Pod"], item)]
    names = ("Running", "Waiting", "Succeeded", "Failed")
    counts = {"Running": "Running", "Waiting": "Pending", "Succeeded": "Succeeded", "Failed": "Failed"}
    return " / ".join(f"{phases.count(counts[name])} {name}" for name in names)


def _replica_set(call: Call, item: Object) -> Lines:
    owner = dig(item, "metadata", "ownerReferences", 0)
    yield from fields({
        "Name": name_of(item),
        "Namespace": namespace_of(item),
        "Selector": selector_text(item["spec"]["selector"]),
        "Labels": mapping(labels(item)),
        "Annotations": mapping(meta(item).get("annotations"), ": "),
        **({"Controlled By": f"{owner['kind']}/{owner['name']}"} if owner else {}),
        "Replicas": f"{dig(item, 'status', 'replicas', default=0)} current / {item['spec']['replicas']} desired",
        "Pods Status": _pod_counts(call, item),
    })  # fmt: skip
    yield from template_lines(item["spec"]["template"])
    conditions = dig(item, "status", "conditions", default=[])
    if conditions:
        yield "Conditions:"
        yield "  Type\tStatus\tReason"
        yield "  ----\t------\t------"
        for condition in conditions:
            yield f"  {condition['type']}\t{condition['status']}\t{condition.get('reason', '')}"
    yield from event_lines(call, item)


def _daemon_set(call: Call, item: Object) -> Lines:
    status = item.get("status") or {}
    yield from fields({
        "Name": name_of(item),
        "Namespace": namespace_of(item),
        "Selector": selector_text(item["spec"]["selector"]),
        "Node-Selector": mapping(dig(item, "spec", "template", "spec", "nodeSelector")),
        "Labels": mapping(labels(item)),
        "Annotations": mapping(meta(item).get("annotations"), ": "),
    })  # fmt: skip
    for title, counted in (
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ):
        yield f"{title}: {status.get(counted, 0)}"
    yield f"Pods Status:\t{_pod_counts(call, item)}"
    yield from template_lines(item["spec"]["template"])
    yield from event_lines(call, item)


def _namespace(call: Call, item: Object) -> Lines:
    yield from heading(item, namespaced=False)
    yield from fields({"Status": dig(item, "status", "phase")})
    del call
    yield ""
    yield "No resource quota."
    yield ""
    yield "No LimitRange resource."


def _service(call: Call, item: Object) -> Lines:
    spec = item["spec"]
    endpoints = call.plane.store.get(KIND["Endpoints"], namespace_of(item), name_of(item)) or {}
    found = {
        "Name": name_of(item),
        "Namespace": namespace_of(item),
        "Labels": mapping(labels(item)),
        "Annotations": mapping(meta(item).get("annotations"), ": "),
        "Selector": ",".join(f"{k}={v}" for k, v in sorted((spec.get("selector") or {}).items())) or "<none>",
        "Type": spec["type"],
        "IP Family Policy": spec.get("ipFamilyPolicy", "SingleStack"),
        "IP Families": ",".join(spec.get("ipFamilies", ["IPv4"])),
        "IP": spec.get("clusterIP"),
        "IPs": ",".join(spec.get("clusterIPs") or []),
    }
    yield from fields(found)
    for port in spec.get("ports") or []:
        addresses = [
            f"{a['ip']}:{p['port']}"
            for subset in endpoints.get("subsets") or []
            for p in subset.get("ports") or []
            if p.get("name", "") == port.get("name", "")
            for a in subset.get("addresses") or []
        ]
        yield from fields(
            {
                "Port": f"{port.get('name') or '<unset>'}  {port['port']}/{port['protocol']}",
                "TargetPort": f"{port['targetPort']}/{port['protocol']}",
                "Endpoints": ",".join(addresses[:3])
                + (f" + {len(addresses) - 3} more..." if len(addresses) > 3 else ""),
            }
        )
    yield from fields({"Session Affinity": spec["sessionAffinity"], "Internal Traffic Policy": "Cluster"})
    yield from event_lines(call, item)


def _config_map(call: Call, item: Object) -> Lines:
    yield from heading(item)
    yield ""
    yield "Data"
    yield "===="
    for key, value in sorted((item.get("data") or {}).items()):
        yield f"{key}:\n----\n{value}\n"
    yield ""
    yield "BinaryData\n===="
    yield ""
    yield from event_lines(call, item)


def _node(call: Call, item: Object) -> Lines:
    taints = [f"{t['key']}{'=' + t['value'] if t.get('value') else ''}:{t['effect']}"
              for t in dig(item, "spec", "taints", default=[])]  # fmt: skip
    yield from fields({
        "Name": name_of(item),
        "Roles": node_roles(item),
        "Labels": mapping(labels(item)),
        "Annotations": mapping(meta(item).get("annotations"), ": "),
        "CreationTimestamp": date(meta(item)["creationTimestamp"]),
        "Taints": taints or "<none>",
        "Unschedulable": str(bool(dig(item, "spec", "unschedulable"))).lower(),
    })  # fmt: skip
    lease = call.plane.store.get(KIND["Lease"], "kube-node-lease", name_of(item))
    yield "Lease:"
    yield f"  HolderIdentity:\t{dig(lease, 'spec', 'holderIdentity', default='<unset>')}"
    yield "  AcquireTime:\t<unset>"
    yield f"  RenewTime:\t{date(dig(lease, 'spec', 'renewTime'))}"
    yield "Conditions:"
    yield "  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage"
    yield "  ----\t------\t-----------------\t------------------\t------\t-------"
    for c in dig(item, "status", "conditions", default=[]):
        at = date(c["lastTransitionTime"])
        reason, message = c.get("reason", ""), c.get("message", "")
        yield f"  {c['type']} \t{c['status']} \t{at} \t{at} \t{reason} \t{message}"
    yield "Addresses:"
    for address in dig(item, "status", "addresses", default=[]):
        yield f"  {address['type']}:\t{address['address']}"
    for part in ("capacity", "allocatable"):
        yield f"{part.capitalize()}:"
        for key, value in dig(item, "status", part, default={}).items():
            yield f"  {key}:\t{value}"
    yield from node_pods(call, item)
    yield from event_lines(call, item)


def _network_policy(call: Call, item: Object) -> Lines:
    del call
    spec = item["spec"]
    created = datetime.fromisoformat(meta(item)["creationTimestamp"])
    yield f"Name:\t{name_of(item)}"
    yield f"Namespace:\t{namespace_of(item)}"
    yield f"Created on:\t{created:%Y-%m-%d %H:%M:%S} +0000 UTC"
    yield f"Labels:\t{mapping(labels(item))}"
    yield from fields({"Annotations": mapping(meta(item).get("annotations"), ": ")})
    yield "Spec:"
    selector = selector_text(spec.get("podSelector"))
    everything = " (Allowing the specific traffic to all pods in this namespace)" if selector == "<none>" else ""
    yield f"  PodSelector:     {selector}{everything}"
    for direction, side, verb in (("Ingress", "From", "ingress"), ("Egress", "To", "egress")):
        if direction not in spec["policyTypes"]:
            yield f"  Not affecting {verb} traffic"
            continue
        yield f"  Allowing {verb} traffic:"
        rules = spec.get(verb) or []
        if not rules:
            yield f"    <none> (Selected pods are isolated for {verb} connectivity)"
        for number, rule in enumerate(rules):
            if number:
                yield "    ----------"
            yield from _rule(rule, side)
    yield f"  Policy Types: {', '.join(spec['policyTypes'])}"


def _rule(rule: Object, side: str) -> Lines:
    ports = rule.get("ports") or []
    if not ports:
        yield "    To Port: <any> (traffic allowed to all ports)"
    for port in ports:
        yield f"    To Port: {port.get('port', '<any>')}/{port.get('protocol', 'TCP')}"
    peers = rule.get(side.lower()) or []
    if not peers:
        yield f"    {side}: <any> (traffic not restricted by {'source' if side == 'From' else 'destination'})"
    for peer in peers:
        yield f"    {side}:"
        if "ipBlock" in peer:
            yield "      IPBlock:"
            yield f"        CIDR: {peer['ipBlock']['cidr']}"
            yield f"        Except: {', '.join(peer['ipBlock'].get('except') or [])}"
        if "namespaceSelector" in peer:
            yield f"      NamespaceSelector: {selector_text(peer['namespaceSelector'])}"
        if "podSelector" in peer:
            yield f"      PodSelector: {selector_text(peer['podSelector'])}"


_TELLERS: dict[str, Callable[[Call, Object], Lines]] = {
    "Pod": pod_lines,
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "DaemonSet": _daemon_set,
    "Namespace": _namespace,
    "Service": _service,
    "ConfigMap": _config_map,
    "Node": _node,
    "NetworkPolicy": _network_policy,
    **MORE,
}
