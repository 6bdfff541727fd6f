"""The janitor's half-finished policy: it denies all ingress and allows nothing."""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from lab.cluster.tools import api
from lab.faults.base import Evidence, Fault, NotSeenError, Parameters, Site, Stage, StaticPodEdit, Step, Undo
from lab.flows import API_URL, Flow, FlowResult, probes, run_flows
from lab.patience import poll
from lab.progress import Progress

__all__ = ["Policy"]

NAME = "deny-wip"


class _Parameters(Parameters):
    namespaces: list[str] = Field(default=["default", "kube-system", "shop"], min_length=1)
    direction: Literal["ingress", "egress"] = "ingress"


class Policy(Fault):
    """A NetworkPolicy `deny-wip` in some namespaces."""

    kind = "policy"
    parameter_model = _Parameters
    seen_after = Stage.STATIC_PODS

    def __init__(self, site: Site, parameters: _Parameters) -> None:
        super().__init__(site, parameters)
        self.namespaces = parameters.namespaces
        self.direction = parameters.direction

    def verify_baseline(self) -> None:
        """Check that no policy of that name exists."""
        there = api.get(self.node, "networkpolicies", "-A")["items"]
        if NAME in api.names(there):
            raise NotSeenError(f"There is a NetworkPolicy {NAME} already.", remedy="Undo it with: kluster reset")

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Apply the policies."""
        yield Step(Stage.OBJECTS, "deny all and allow nothing, to be finished some day", self._apply)

    def observe(self) -> Evidence:
        """Observe that client reaches neither web nor, by name, the API server.

        Each node enforces policies by itself.
        """
        targets = []
        if "shop" in self.namespaces:
            targets.append(f"http://{self.baseline.services['shop/web']}/")
        if "kube-system" in self.namespaces:
            targets.append(API_URL)

        def refused() -> list[FlowResult] | None:
            sources = probes(self.cluster, "shop", "client")
            results = run_flows([Flow(source, url, limit=2) for source in sources for url in targets])
            return results if not any(result.connected for result in results) else None

        results = poll(refused, timeout=45, time=self.node.time)
        if results is None:
            # After many resets in a row, a pod network's watch was seen to hang. A new pod starts with a fresh
            # watch.
            anew = ["-n", "kube-system", "delete", "pods", "-l", "k8s-app=kindnet", "--wait=false"]
            api.kubectl(self.node, *anew).check()
            results = poll(refused, timeout=90, time=self.node.time)
        if results is None:
            raise NotSeenError(
                "The policy denies nothing: client still gets answers.",
                remedy="See whether the pod network enforces NetworkPolicies: kluster doctor",
            )
        answered = "; ".join(f"{result} ({result.flow.url})" for result in results)
        return Evidence("curl from each client", answered)

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        """Delete every policy that the baseline did not have (the baseline has none)."""
        yield Step(Undo.OBJECTS, "remove the policies", self._remove)

    def _apply(self, _: Progress) -> None:
        kind = self.direction.capitalize()
        documents = [
            f"apiVersion: networking.k8s.io/v1\n"
            f"kind: NetworkPolicy\n"
            f"metadata:\n"
            f"  name: {NAME}\n"
            f"  namespace: {namespace}\n"
            f"  annotations: {{janitor/note: 'WIP: deny first, allow later'}}\n"
            f"spec:\n"
            f"  podSelector: {{}}\n"
            f"  policyTypes: [{kind}]\n"
            for namespace in self.namespaces
        ]
        api.apply(self.node, "---\n".join(documents))

    def _remove(self, _: Progress) -> None:
        api.kubectl(self.node, "delete", "networkpolicies", "-A", "--all", "--ignore-not-found").check()
