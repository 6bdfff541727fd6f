"""The janitor's half-finished policy: it denies, and allows nothing that the cluster needs."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from lab.cluster.tools import api
from lab.faults.base import NAME, Evidence, Fault, NotSeenError, Parameters, Site, Stage, StaticPodEdit, Step, Undo
from lab.flows import API_URL, WORKLOAD, Flow, FlowResult, probes, run_flows
from lab.patience import poll
from lab.progress import Progress

__all__ = ["Policy"]


class _Parameters(Parameters):
    namespaces: list[Annotated[str, Field(pattern=NAME)]] = Field(min_length=1)
    #: A workload of the app with a pod on each node, and a Service that these pods may no longer reach.
    client: Annotated[str, Field(pattern=WORKLOAD)]
    service: Annotated[str, Field(pattern=WORKLOAD)]
    policy: Annotated[str, Field(pattern=NAME)] = "deny-wip"
    #: Namespaces whose egress is denied as well.
    egress: list[str] = Field(default=[])
    #: Before or after the static pods are changed.
    when: Literal["early", "late"] = "early"
    #: A label, such as `role=trusted`: pods with it are allowed in. No pod has it. Empty: nobody is allowed in.
    admits: Annotated[str, Field(pattern=r"^([a-z]+=[a-z]+)?$")] = ""


#: When the policy comes -> the stage in which it is applied, and the one after which it shows. It comes before the
#: system's pods are deleted: without those of the pod network, no new policy is enforced.
_STAGES = {
    "early": (Stage.OBJECTS, Stage.STATIC_PODS),
    "late": (Stage.LATE_OBJECTS, Stage.LATE_OBJECTS),
}


class Policy(Fault):
    """A NetworkPolicy in some namespaces, of the same name in each."""

    kind = "policy"
    parameter_model = _Parameters

    def __init__(self, site: Site, parameters: _Parameters) -> None:
        super().__init__(site, parameters)
        self.namespaces = parameters.namespaces
        self.client, self.service = parameters.client, parameters.service
        self.name = parameters.policy
        self.egress = parameters.egress
        self.admits = parameters.admits
        self.stage, self.seen_after = _STAGES[parameters.when]

    def verify_baseline(self) -> None:
        """Check that no policy of that name exists."""
        there = api.get(self.node, "networkpolicies", "-A")["items"]
        if self.name in api.names(there):
            raise NotSeenError(
                f"There is a NetworkPolicy {self.name} already.", remedy="Undo it with: kluster reset"
            )

    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Apply the policies."""
        yield Step(self.stage, "deny all and allow nothing, to be finished some day", self._apply)

    def observe(self) -> Evidence:
        """Observe that the client reaches neither the Service nor, by name, the API server.

        Each node enforces policies by itself.
        """
        targets = []
        if self.service.partition("/")[0] in self.namespaces:
            targets.append(f"http://{self.baseline.services[self.service]}/")
        if "kube-system" in self.namespaces:
            targets.append(API_URL)

        def refused() -> list[FlowResult] | None:
            sources = probes(self.cluster, self.client)
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
                f"The policy denies nothing: {self.client} still gets answers.",
                remedy="See whether the pod network enforces NetworkPolicies: kluster doctor",
            )
        answered = "; ".join(f"{result} ({result.flow.url})" for result in results)
        return Evidence("curl from each client", answered)

    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        """Delete every policy that the baseline did not have (the baseline has none)."""
        yield Step(Undo.OBJECTS, "remove the policies", self._remove)

    def _apply(self, _: Progress) -> None:
        key, _equals, value = self.admits.partition("=")
        label = f"{{{key}: {value}}}"
        admitted = f"  ingress: [{{from: [{{podSelector: {{matchLabels: {label}}}}}]}}]\n" if key else ""
        documents = [
            f"apiVersion: networking.k8s.io/v1\n"
            f"kind: NetworkPolicy\n"
            f"metadata:\n"
            f"  name: {self.name}\n"
            f"  namespace: {namespace}\n"
            f"  annotations: {{janitor/note: 'WIP: deny first, allow later'}}\n"
            f"spec:\n"
            f"  podSelector: {{}}\n"
            f"  policyTypes: [{'Ingress, Egress' if namespace in self.egress else 'Ingress'}]\n{admitted}"
            for namespace in self.namespaces
        ]
        api.apply(self.node, "---\n".join(documents))

    def _remove(self, _: Progress) -> None:
        api.kubectl(self.node, "delete", "networkpolicies", "-A", "--all", "--ignore-not-found").check()
