"""The only door to a cluster: everything the lab does to it or asks of it is a command on one of its nodes."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol, Self, runtime_checkable

from lab.errors import LabError, UsageProblem
from lab.patience import Time
from lab.progress import Progress

__all__ = [
    "Cluster",
    "ClusterGoneError",
    "CommandError",
    "Finding",
    "Node",
    "NodeDownError",
    "NodeState",
    "Result",
    "Role",
    "Shell",
    "node_named",
]

Role = Literal["control-plane", "worker"]
#: What can have become of a node; commands run on one that is `running` only.
NodeState = Literal["running", "stopped", "paused", "gone"]

#: What `timeout` on a node exits with when it had to end the command (coreutils' manual).
TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Result:
    """What a command on a node did.

    `stdout` and `stderr` are decoded as UTF-8 with replacement characters; `seconds` is wall time.
    """

    argv: tuple[str, ...]
    rc: int
    stdout: str
    stderr: str
    seconds: float
    node: str

    @property
    def ok(self) -> bool:
        """Whether the command exited with 0."""
        return self.rc == 0

    @property
    def timed_out(self) -> bool:
        """Whether the command was ended because its time was up."""
        return self.rc == TIMED_OUT

    def check(self) -> Self:
        """Return this result, or raise `CommandError` unless the command exited with 0."""
        if not self.ok:
            raise CommandError(self)
        return self


class CommandError(LabError):
    """A command on a node failed where it had to succeed; `result` has its answer."""

    def __init__(self, result: Result) -> None:
        shown = " ".join(result.argv)
        if len(shown) > 300:
            shown = shown[:297] + "..."
        how = "took too long" if result.timed_out else f"exited with {result.rc}"
        said = (result.stderr.strip() or result.stdout.strip() or "(nothing was printed)")[-2000:]
        super().__init__(f"A command on {result.node} {how} after {result.seconds:.1f} s.", f"$ {shown}\n{said}")
        self.result = result


class ClusterGoneError(LabError):
    """The cluster or one of its nodes does not exist any more."""


class NodeDownError(LabError):
    """A node exists but does not run."""


@runtime_checkable
class Shell(Protocol):
    """A trainee's terminal on a node: bytes in, bytes out."""

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return what the shell printed: `None` if nothing came within `timeout` s, `b""` once it has ended."""

    def write(self, data: bytes) -> None:
        """Send `data` as typed."""

    def resize(self, rows: int, cols: int) -> None:
        """Tell the shell its window's size, in characters."""

    def close(self) -> None:
        """End the shell. Safe to call again."""


@runtime_checkable
class Node(Protocol):
    """One node of a cluster."""

    @property
    def name(self) -> str:
        """The node's name in the cluster, such as `kluster005-control-plane`."""

    @property
    def role(self) -> Role:
        """What the node is for."""

    @property
    def time(self) -> Time:
        """The cluster's time: whoever waits for the cluster goes by it."""

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        timeout: float = 30.0,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run `argv` as root and wait for its end, at most `timeout` s; the limit ends it on the node too.

        A command that fails or runs out of time is a `Result` like any other (`rc` 124).

        Raises:
            NodeDownError: the node does not run.
            ClusterGoneError: the node does not exist.

        """

    def stream(
        self,
        argv: Sequence[str],
        *,
        stdin: BinaryIO | None,
        stdout: BinaryIO,
        stderr: BinaryIO,
    ) -> int:
        """Run `argv` with the three streams passed through untouched; return its exit code."""

    def read_file(self, path: str) -> str:
        """Return the text of `path`; raise `FileNotFoundError` if there is none."""

    def write_file(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write `text` to `path` in one step (a new file renamed over the old), with its folders made."""

    def shell(self, rows: int, cols: int) -> Shell:
        """Open a login shell on a terminal of that size."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that `doctor` looked at."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    #: A finding that does not stop the lab: it is told, and nothing more.
    advisory: bool = False


@runtime_checkable
class Cluster(Protocol):
    """A cluster that this lab made."""

    @property
    def name(self) -> str:
        """The lab's name, which is the cluster's too."""

    @property
    def backend(self) -> str:
        """`kind` or `sim`."""

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes, the control plane first."""

    @property
    def control_plane(self) -> Node:
        """The node that etcd and the API server run on."""

    def create(self, progress: Progress) -> None:
        """Make the cluster and wait until its nodes are Ready, or leave nothing behind and raise `LabError`."""

    def delete(self) -> None:
        """Remove everything that `create` made. Safe to call again, and after a `create` that was cut off."""

    def exists(self) -> bool:
        """Whether any part of the cluster is there."""

    def identity(self) -> Mapping[str, str]:
        """What tells this cluster from one made anew under its name: node name -> an id (a container's)."""

    def verify_ownership(self, expected: Mapping[str, str]) -> None:
        """Raise `LabError` unless every node is this lab's, and the very one of the identity `expected`."""

    def node_states(self, expected: Mapping[str, str]) -> Mapping[str, NodeState]:
        """Return what became of the nodes of the identity `expected`; nothing is asked of the nodes themselves."""

    def start_stopped_nodes(self) -> Iterable[str]:
        """Start nodes that do not run (a trainee rebooted them); return their names."""

    def hurried(self) -> AbstractContextManager[None]:
        """While the body runs nobody plays: a simulated cluster's time passes as fast as it can."""

    def close(self) -> None:
        """Let go of what this process holds of the cluster; the cluster stays, and can be used again."""


def node_named(cluster: Cluster, name: str) -> Node:
    """Return the node called `name`, in full or without the lab's name in front.

    Raises:
        LabError: there is none; the remedy lists those that exist.

    """
    for node in cluster.nodes:
        if name in {node.name, node.name.removeprefix(f"{cluster.name}-")}:
            return node
    known = ", ".join(node.name.removeprefix(f"{cluster.name}-") for node in cluster.nodes)
    raise UsageProblem(f"There is no node '{name}'.", remedy=f"The nodes are: {known}.")
