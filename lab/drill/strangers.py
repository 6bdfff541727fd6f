"""Step *strangers*: new pods, unknown to any rule, try the board's allowed and forbidden connections."""

import json
from collections.abc import Iterable
from typing import Any

from lab.checks.flows import FORBIDDEN
from lab.cluster.base import Node
from lab.cluster.tools import api
from lab.cluster.tools.containers import containers
from lab.core.drill import Found
from lab.drill.base import Ground, Kind, Shown, manifest, restricted_pod
from lab.flows import API_URL, Flow, FlowResult, Probe, run_flows
from lab.patience import poll

__all__ = ["KIND"]

_READY_LIMIT = 60.0
_KINDS = ("flows-denied", "names-and-api", "flows-allowed")


def _strangers(ground: Ground) -> Shown:
    """Start the pods; return the pods that they reach."""
    if skipped := ground.skips("no allowed connection works, so the new pods' connections prove nothing", *_KINDS):
        return skipped
    items = _pods(ground)
    made = api.kubectl(
        ground.node, "create", "--validate=false", "-f", "-", stdin=json.dumps(manifest(*items)), timeout=30
    )
    wanted = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in items if item["kind"] == "Pod"}
    sources = poll(lambda: _running(ground, wanted), timeout=_READY_LIMIT, every=1.0, time=ground.node.time)
    if not made.ok or sources is None:
        said = made.stderr.strip().splitlines()
        why = said[0] if said else "not all of them run"
        found = f"new pods that satisfy restricted could not be started: {why}"
        return Shown(found, [Found("system-pods", ok=False, found=found, expected="new pods run on each node")])
    denied = dict.fromkeys(to for _source, to in _pairs(ground, "flows-denied"))
    forbidden = [Flow(source, url, limit=2, address=_address(ground, url)) for source in sources for url in denied]
    asked = [Flow(source, API_URL, limit=8) for source in sources]
    results = {result.flow: result for result in run_flows([*forbidden, *asked])}
    through = [results[flow] for flow in forbidden if results[flow].connected]
    lost = [results[flow] for flow in asked if results[flow].status != FORBIDDEN]
    return _judged(ground, len(sources), through, lost)


def _judged(ground: Ground, count: int, through: list[FlowResult], lost: list[FlowResult]) -> Shown:
    keys = " and ".join(_names(source for source, _to in _keys(ground)))
    doors = " or ".join(_names(_service(to) for _source, to in _pairs(ground, "flows-denied")))
    got = "; ".join(f"{result} ({result.flow.url})" for result in through[:3])
    unanswered = "; ".join(f"{result} ({result.flow.url})" for result in lost[:3])
    found = [
        Found(
            "flows-denied",
            ok=not through,
            found=f"a new pod got in: {got}",
            expected=f"only {keys} reaches {doors}",
        ),
        Found(
            "names-and-api",
            ok=not lost,
            found=f"a new pod got no answer: {unanswered}",
            expected=f"HTTP {FORBIDDEN} from {API_URL} in every new pod",
        ),
    ]
    wrong = [each.found for each in found if not each.ok]
    return Shown(
        "; ".join(wrong) or f"{count} new pods: none reaches {doors}, all reach DNS and the API server", found
    )


def _pairs(ground: Ground, kind: str) -> list[tuple[str, str]]:
    """Return the source and the URL of each connection in the checks of `kind`."""
    return [(flow["from"], flow["to"]) for each in ground.parameters(kind) for flow in each["flows"]]


def _keys(ground: Ground) -> list[tuple[str, str]]:
    """Return the allowed connections to where others are denied: the labels of their sources open it."""
    closed = {to for _source, to in _pairs(ground, "flows-denied")}
    return [(source, to) for source, to in _pairs(ground, "flows-allowed") if to in closed]


def _service(url: str) -> str:
    """Return namespace/name of the Service that `url` names."""
    name, namespace = url.split("://", 1)[1].split(":", maxsplit=1)[0].split(".")[:2]
    return f"{namespace}/{name}"


def _address(ground: Ground, url: str) -> str:
    return ground.baseline.services[_service(url)]


def _names(workloads: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(workload.partition("/")[2] for workload in workloads))


def _borrowed(ground: Ground, namespace: str) -> list[str]:
    """Return labels of the app's own pods that a stranger in `namespace` gets, where they select none of these.

    Everywhere it gets those that open a door. In the two namespaces of a denied connection it gets those of the
    other side, which a rule may let in or out without a look at the namespace.
    """
    keys = [source for source, _to in _keys(ground)]
    across = [
        other
        for source, to in _pairs(ground, "flows-denied")
        for here, other in ((source, _service(to)), (_service(to), source))
        if here.startswith(f"{namespace}/")
    ]
    return _names(name for name in (*keys, *across) if not name.startswith(f"{namespace}/"))


def _pods(ground: Ground) -> list[dict[str, Any]]:
    """Return the strangers: one without labels in each namespace on each node, and some with the app's labels."""
    items: list[dict[str, Any]] = []
    nodes = ground.cluster.nodes
    for place, namespace in enumerate(ground.namespaces()):
        account = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": ground.space, "namespace": namespace},
        }
        items.append(account)
        for number, node in enumerate(nodes):
            items.append(_pod(ground, f"{ground.space}-{number}", namespace, node, {}))
        home = nodes[place % len(nodes)]
        items.extend(
            _pod(ground, f"{ground.space}-{app}", namespace, home, {"app": app})
            for app in _borrowed(ground, namespace)
        )
    return items


def _pod(ground: Ground, name: str, namespace: str, node: Node, labels: dict[str, str]) -> dict[str, Any]:
    spec = restricted_pod(nodeName=node.name, serviceAccountName=ground.space)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": spec,
    }


def _running(ground: Ground, wanted: set[tuple[str, str]]) -> list[Probe] | None:
    """Return the strangers as sources of flows, once all are running."""
    nodes = ground.cluster.nodes
    with ground.node.time.side_by_side(len(nodes)) as pool:
        found = list(zip(nodes, pool.map(containers, nodes), strict=True))
    probes = {
        (c.namespace, c.pod): Probe(node, c.id, f"{c.namespace}/{c.pod}", c.image, c.pod_uid, c.sandbox)
        for node, listed in found
        for c in listed
        if (c.namespace, c.pod) in wanted
    }
    return list(probes.values()) if probes.keys() == wanted else None


KIND = Kind(
    _strangers, "Start new pods in every namespace, and see whom they reach", ("flows-denied", "names-and-api")
)
