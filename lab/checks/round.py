"""One round of checks. It reads shared facts once, in few commands."""

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar, cast

from lab.baseline import Baseline
from lab.checks.node_view import NodeView, read_view
from lab.cluster.base import Cluster, Node
from lab.cluster.tools import api, etcd
from lab.cluster.tools.containers import Container
from lab.core.grading import Outcome
from lab.core.scenario import Scenario
from lab.errors import LabError, UnreadableError
from lab.flows import Flow, FlowResult, Probe, run_flows

__all__ = ["Round"]

T = TypeVar("T")
Json = Mapping[str, Any]

#: Containers of kube-system that provide a node's pod network, the enforcement of policies, and DNS.
CNI_CONTAINER = "kindnet-cni"
DNS_CONTAINER = "coredns"
_READ = "namespaces,pods,deployments,replicasets,daemonsets,services"


@dataclass
class Round:
    """One look at the cluster.

    A `thorough` look belongs to a submission: its samples are longer. If no drill follows, it deletes one pod at
    the end.
    """

    cluster: Cluster
    baseline: Baseline
    scenario: Scenario
    injected: Collection[str]
    thorough: bool = False
    #: Returns all flows that the checks of this round need, so that they run together.
    plan: Callable[["Round"], Sequence[Flow]] = lambda _: ()
    #: The workloads whose pods' addresses the checks of this round need.
    addressed: Sequence[str] = ()
    _answers: dict[str, "Future[Any]"] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def last(self) -> bool:
        """Whether this round is the last look: it samples for a minute, and deletes a pod."""
        return self.thorough and not self.scenario.drill

    @property
    def node(self) -> Node:
        """The control-plane node."""
        return self.cluster.control_plane

    def objects(self, kind: str, namespace: str | None = None) -> list[Json]:
        """Return the API's objects of `kind` (such as `Pod`), or raise `UnreadableError`."""

        def read() -> list[Json]:
            return list(api.get(self.node, _READ, "-A", timeout=5)["items"])

        return [
            item
            for item in self.once("objects", read)
            if item["kind"] == kind and namespace in {None, item["metadata"].get("namespace")}
        ]

    def views(self) -> Mapping[str, NodeView]:
        """Return node name -> the node's present state, or raise `UnreadableError`."""
        nodes = self.cluster.nodes

        def read() -> dict[str, NodeView]:
            with self.node.time.side_by_side(len(nodes)) as pool:
                found = pool.map(
                    lambda node: read_view(node, self.baseline.nodes[node.name], self.addressed), nodes
                )
                return dict(zip((node.name for node in nodes), found, strict=True))

        return self.once("views", read)

    def etcd_status(self) -> etcd.EtcdStatus:
        """Return etcd's status, or raise `UnreadableError`."""
        return self.once("etcd", lambda: etcd.status(self.node))

    def probes(self, name: str) -> list[Probe]:
        """Return the newest running container of the workload `name` (namespace/name) on each node.

        The pod's controller and image must be the baseline's. A trainee's own pod is not a probe, whatever its
        name. While the API can't be read, only the image is compared.
        """
        views = self.views()
        owned: Collection[str] | None = None
        # Without its store the API server answers nothing, and to wait for that would double the time of a look.
        if self.thorough or views[self.node.name].runs("etcd", "kube-system"):
            with contextlib.suppress(UnreadableError):
                owned = self.owned_pods()
        return [
            Probe(node, found[0].id, name, found[0].image, found[0].pod_uid, found[0].sandbox)
            for node in self.cluster.nodes
            if (found := self._containers(name, node.name, views[node.name], owned))
        ]

    def _containers(
        self, name: str, node: str, view: NodeView, owned: Collection[str] | None
    ) -> Sequence[Container]:
        image = self.baseline.nodes[node].images.get(name)
        return [
            c
            for c in view.containers
            if f"{c.namespace}/{c.name}" == name
            and image in {None, c.image}
            and (owned is None or c.pod_uid in owned)
        ]

    def owned_pods(self) -> Collection[str]:
        """Return the UIDs of the pods whose controllers are the baseline's, or raise `UnreadableError`."""
        known = set(self.baseline.uids.values())
        known |= {s["metadata"]["uid"] for s in self.objects("ReplicaSet") if _controlled(s, known)}
        return {pod["metadata"]["uid"] for pod in self.objects("Pod") if _controlled(pod, known)}

    def flows(self, flows: Sequence[Flow]) -> list[FlowResult]:
        """Return the results of `flows`. The first call runs all flows of this round together."""
        results = self.once("flows", lambda: run_flows(list(dict.fromkeys(self.plan(self)))))
        by_flow = {result.flow: result for result in results}
        return [by_flow[flow] for flow in flows] if all(f in by_flow for f in flows) else run_flows(flows)

    def once(self, key: str, ask: Callable[[], T]) -> T:
        """Return the first result of `ask` in this round. If `ask` raised an error, raise it again."""
        with self._lock:
            answer = self._answers.get(key)
            first = answer is None
            answer = self._answers[key] = answer or Future()
        if first:
            try:
                answer.set_result(ask())
            except BaseException as error:
                answer.set_exception(error)
                raise
        return cast("T", self.node.time.result_of(answer))

    # Each of these masks another check: a fault of this attempt whose effect is visible now.

    def masked_by_api(self) -> Outcome | None:
        """Return *blocked by etcd* while the API can't be read."""
        try:
            self.objects("Namespace")
        except UnreadableError as error:
            return self.hidden("etcd-quota", "the API server gives no answer", error)
        return None

    def masked_by_cni(self) -> Outcome | None:
        """Return *blocked by admission* while some node has no CNI pod: policies may not be enforced there."""
        without = [name for name, view in self.views().items() if not view.runs(CNI_CONTAINER, "kube-system")]
        return (
            self.hidden("admission", f"no pod of the pod network runs on {', '.join(without)}")
            if without
            else None
        )

    def masked_by_dns(self) -> Outcome | None:
        """Return *blocked by admission* while no CoreDNS container runs anywhere."""
        there = any(view.runs(DNS_CONTAINER, "kube-system") for view in self.views().values())
        return None if there else self.hidden("admission", "no pod of the cluster's DNS runs")

    def masked_by_forwarding(self) -> Outcome | None:
        """Return *blocked by forwarding* while some node does not forward packets."""
        off = [name for name, view in self.views().items() if not view.forwards]
        return self.hidden("forwarding", f"packets are not passed on at {', '.join(off)}") if off else None

    def hidden(self, kind: str, found: str, error: LabError | None = None) -> Outcome:
        """Return *blocked by* the fault of `kind` if it was injected, otherwise *could not read*."""
        for fault in self.scenario.faults:
            if fault.kind == kind and fault.name in self.injected:
                return Outcome.blocked(fault.name, found)
        return Outcome.unreadable(f"{found} {error.detail if error else ''}".strip())


def _controlled(item: Json, by: Collection[str]) -> bool:
    owners = item["metadata"].get("ownerReferences", [])
    return any(owner["uid"] in by and owner.get("controller") for owner in owners)
