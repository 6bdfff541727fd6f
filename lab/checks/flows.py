"""Checks of connections: DNS and the API server, the app's own flows, the denials, the user's curl."""

from collections.abc import Sequence

from pydantic import Field

from lab.checks.base import CheckKind, Parameters, WorkloadName
from lab.checks.round import Round
from lab.cluster.base import Cluster
from lab.core.grading import Outcome
from lab.core.scenario import CheckSpec
from lab.flows import API_URL, Flow, FlowResult, probes, run_flows

__all__ = ["KINDS", "asked_by_user"]

#: The API server's answer to an anonymous user who asks for /api (seen on the healthy cluster).
FORBIDDEN = 403


class _Names(Parameters):
    #: Workloads that have a pod on each node.
    sources: list[WorkloadName] = Field(alias="from", min_length=1)


class _Pair(Parameters):
    source: WorkloadName = Field(alias="from")
    target: str = Field(alias="to")


class _Flows(Parameters):
    flows: list[_Pair]


class _Curl(Parameters):
    source: WorkloadName = Field(alias="from")
    url: str
    status: int
    limit: float = 6.0
    #: Number of samples on submission, and the seconds that they are spread over.
    samples: int = 3
    seconds: float = 60.0


def _names_flows(look: Round, parameters: _Names) -> list[Flow]:
    sources = [source for name in parameters.sources for source in look.probes(name)]
    return [Flow(source, API_URL, limit=6) for source in sources]


def _names_and_api(look: Round, parameters: _Names) -> Outcome:
    """Check that each pod of the sources reaches the API server by its name."""
    names = " and ".join(name.partition("/")[2] for name in parameters.sources)
    expected = f"HTTP {FORBIDDEN} from {API_URL} in every {names}"
    flows, wanted = _names_flows(look, parameters), len(parameters.sources) * len(look.cluster.nodes)
    if len(flows) < wanted:
        return Outcome.failed(f"{len(flows)} of {wanted} pods run and can send requests", expected)
    masked = look.masked_by_api() or look.masked_by_cni() or look.masked_by_dns()
    if masked:
        return masked
    lost = [result for result in look.flows(flows) if result.status != FORBIDDEN]
    if not lost:
        return Outcome.passed(f"HTTP {FORBIDDEN} in all {wanted}")
    return look.masked_by_forwarding() or Outcome.failed(_told(lost), expected)


def _pair_flows(look: Round, parameters: _Flows) -> list[Flow]:
    """Return the flows with the Services' addresses of the baseline, so that they do not depend on DNS."""
    flows = []
    for pair in parameters.flows:
        service, namespace = pair.target.split("://", 1)[1].split(":")[0].split(".")[:2]
        address = look.baseline.services[f"{namespace}/{service}"]
        flows += [Flow(source, pair.target, limit=3, address=address) for source in look.probes(pair.source)]
    return flows


def _allowed(look: Round, parameters: _Flows) -> Outcome:
    """Check that each flow gets an answer, from every pod of its source."""
    masked = look.masked_by_cni()
    if masked:
        return masked
    results = look.flows(_pair_flows(look, parameters))
    lost = [result for result in results if not result.connected]
    if results and not lost:
        return Outcome.passed(f"all {len(results)} flows get through")
    return look.masked_by_forwarding() or Outcome.failed(_told(lost), "an answer to each request")


def _denied(look: Round, parameters: _Flows) -> Outcome:
    """Check that no flow gets an answer. Both a refusal and a time-out are a denial."""
    results = look.flows(_pair_flows(look, parameters))
    through = [result for result in results if result.connected]
    if results and not through:
        return Outcome.passed(f"none of {len(results)} flows gets through")
    return Outcome.failed(_told(through), "no answer to any of them")


def _curl_flows(look: Round, parameters: _Curl) -> list[Flow]:
    ca = look.baseline.ca
    return [Flow(s, parameters.url, limit=parameters.limit, ca=ca) for s in look.probes(parameters.source)]


def _users_curl(look: Round, parameters: _Curl) -> Outcome:
    """Check that the user's curl gets its answer on every node, verified with the baseline's CA."""
    expected = f"HTTP {parameters.status} from {parameters.url} on every node"
    flows, nodes = _curl_flows(look, parameters), len(look.cluster.nodes)
    if len(flows) < nodes:
        return Outcome.failed(f"{parameters.source} runs on {len(flows)} of {nodes} nodes", expected)
    samples = parameters.samples if look.last else 1
    results = look.flows(flows)
    for number in range(samples):
        if number:
            pause = parameters.seconds / (samples - 1)
            look.node.run(["sleep", f"{pause:g}"], timeout=pause + 10)
            results = run_flows(flows)
        lost = [result for result in results if result.status != parameters.status]
        if lost:
            return Outcome.failed(_told(lost), expected)
    return Outcome.passed(expected if samples == 1 else f"{expected}, {samples} times in {parameters.seconds:g} s")


def asked_by_user(cluster: Cluster, check: CheckSpec) -> list[FlowResult]:
    """Send the request of a `users-curl` check once from each node.

    The server is not verified, as in the user's curl.
    """
    if check.kind != "users-curl":
        return []
    parameters = _Curl.model_validate(check.parameters)
    sources = probes(cluster, parameters.source)
    return run_flows([Flow(source, parameters.url, limit=parameters.limit) for source in sources])


def _told(results: Sequence[FlowResult]) -> str:
    return "; ".join(f"{result} ({result.flow.url})" for result in results) or "no pod could send a request"


KINDS = {
    "names-and-api": CheckKind(_names_and_api, _Names, flows=_names_flows),
    "flows-allowed": CheckKind(_allowed, _Flows, flows=_pair_flows),
    "flows-denied": CheckKind(_denied, _Flows, flows=_pair_flows),
    "users-curl": CheckKind(_users_curl, _Curl, flows=_curl_flows),
}
