"""Flows: curl from a probe's container, entered by crictl on its node, since kubectl exec fails without the API.

Root on a node is exempt from policies, so a flow always starts in a pod. All flows of a container run in parallel
in one `crictl exec`, and all flows of a node in one command.
"""

import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.cluster.base import Cluster, Node
from lab.cluster.tools.containers import containers
from lab.errors import UnreadableError

__all__ = ["API_URL", "WORKLOAD", "Flow", "FlowResult", "Probe", "probes", "run_flows"]

#: The user's request, from any pod.
API_URL = "https://kubernetes.default.svc/api"
#: namespace/name of a workload or Service.
WORKLOAD = r"^[a-z0-9][-a-z0-9]*/[a-z0-9][-a-z0-9]*$"

#: The two exit codes of curl for a name that was not resolved (see its manual).
_NOT_RESOLVED = {5, 6}
#: How long crictl waits for the runtime, and how often a container is entered that could not be.
_CONNECT, _TRIES = "6s", 3


@dataclass(frozen=True, slots=True)
class Probe:
    """A running container in which flows start."""

    node: Node
    container: str
    name: str
    image: str
    pod_uid: str
    sandbox: str

    def __str__(self) -> str:
        return f"{self.name} on {self.node.name}"


@dataclass(frozen=True, slots=True)
class Flow:
    """One request: `source` asks for `url` within `limit` s.

    `address` replaces the resolution of the URL's host. `ca` is a PEM text that the server's certificate must
    verify against; without it any certificate is accepted.
    """

    source: Probe
    url: str
    limit: float = 5.0
    address: str = ""
    ca: str = ""


@dataclass(frozen=True, slots=True)
class FlowResult:
    """The result of a flow: curl's exit code, the HTTP status (0: none) and the seconds it took."""

    flow: Flow
    rc: int
    status: int
    seconds: float

    @property
    def connected(self) -> bool:
        """Whether the other end answered."""
        return self.status > 0

    @property
    def resolved(self) -> bool:
        """Whether the name was resolved. A time-out (28) without an address counts as unresolved."""
        return self.rc not in _NOT_RESOLVED

    def __str__(self) -> str:
        if self.connected:
            came = f"HTTP {self.status}"
        else:
            came = {
                6: "could not resolve the host",
                7: "could not connect",
                28: "timed out",
                60: "the certificate does not verify",
            }.get(self.rc, f"curl exited with {self.rc}")
        return f"{self.flow.source}: {came} after {self.seconds:.1f} s"


def probes(cluster: Cluster, *workloads: str) -> list[Probe]:
    """Return the newest running container of each of `workloads` (namespace/name) on each node that has one.

    Raises:
        UnreadableError: a node's container runtime does not answer.

    """
    with cluster.control_plane.time.side_by_side(len(cluster.nodes)) as pool:
        running = dict(zip(cluster.nodes, pool.map(containers, cluster.nodes), strict=True))
    return [
        Probe(node, c.id, workload, c.image, c.pod_uid, c.sandbox)
        for workload in workloads
        for node, found in running.items()
        for c in [c for c in found if f"{c.namespace}/{c.name}" == workload][:1]
    ]


def run_flows(flows: Sequence[Flow]) -> list[FlowResult]:
    """Run all flows in parallel and return their results in the same order.

    Raises:
        UnreadableError: a container could not be entered.

    """
    by_node: dict[str, list[Flow]] = defaultdict(list)
    for flow in flows:
        by_node[flow.source.node.name].append(flow)
    if not by_node:
        return []
    with flows[0].source.node.time.side_by_side(len(by_node)) as pool:
        batches = list(pool.map(_run_at_node, by_node.values()))
    results = {result.flow: result for batch in batches for result in batch}
    return [results[flow] for flow in flows]


def _run_at_node(flows: Sequence[Flow]) -> list[FlowResult]:
    """Run `flows`, all from containers of one node, and those again whose container could not be entered.

    On a busy machine the runtime may take longer to answer than crictl waits.
    """
    found: dict[int, FlowResult] = {}
    left, said = dict(enumerate(flows)), ""
    for _try in range(_TRIES):
        said = _try_at_node(left, found)
        left = {number: flow for number, flow in left.items() if number not in found}
        if not left:
            return [found[number] for number in range(len(flows))]
    raise UnreadableError(f"{next(iter(left.values())).source} could not be asked.", said)


def _try_at_node(flows: Mapping[int, Flow], found: dict[int, FlowResult]) -> str:
    """Run numbered `flows` in one command with a `crictl exec` for each container; add their results to `found`.

    Return what the command said.
    """
    by_container: dict[str, list[str]] = defaultdict(list)
    for number, flow in flows.items():
        by_container[flow.source.container].append(f"{_curl(flow, number)} &")
    entered = [
        f"crictl --timeout={_CONNECT} exec {container} sh -c {shlex.quote(chr(10).join([*curls, 'wait']))} &"
        for container, curls in by_container.items()
    ]
    longest = max(flow.limit for flow in flows.values())
    node = next(iter(flows.values())).source.node
    result = node.run(["bash", "-c", "\n".join([*entered, "wait"])], timeout=longest + 10)
    said = dict(line.split(" ", 1) for line in result.stdout.splitlines() if " " in line)
    for number, flow in flows.items():
        if str(number) in said:
            rc, status, seconds = said[str(number)].split()
            found[number] = FlowResult(flow, int(rc), int(status), float(seconds))
    return result.stderr or result.stdout


def _curl(flow: Flow, number: int) -> str:
    argv = ["curl", "-s", "-o", "/dev/null", "-m", f"{flow.limit:g}", "-w", "%{http_code} %{time_total}"]
    if flow.address:
        scheme, rest = flow.url.split("://", 1)
        host, _, port = rest.split("/", 1)[0].partition(":")
        argv += ["--resolve", f"{host}:{port or ('443' if scheme == 'https' else '80')}:{flow.address}"]
    before = ""
    if flow.ca:
        argv += ["--cacert", "/dev/stdin"]
        before = f"printf %s {shlex.quote(flow.ca)} | "
    elif flow.url.startswith("https"):
        argv.append("-k")
    # One line per flow: its number, curl's exit code, the status, the seconds.
    return f'{{ said=$({before}{shlex.join([*argv, flow.url])}); echo "{number} $? $said"; }}'
