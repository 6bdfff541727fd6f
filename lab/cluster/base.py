"""The only interface to a cluster: everything that the lab does to it or asks of it is a command on a node."""

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
#: The state of a node. Commands run only on a `running` node.
NodeState = Literal["running", "stopped", "paused", "gone"]

#: The exit code of `timeout` on a node when it ended the command (coreutils' manual).
TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a command on a node.

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
        """Whether the command was ended at its time limit."""
        return self.rc == TIMED_OUT

    def check(self) -> Self:
        """Return this result, or raise `CommandError` unless the command exited with 0."""
        if not self.ok:
            raise CommandError(self)
        return self


class CommandError(LabError):
    """A command on a node failed although it had to succeed; `result` has its output."""

    def __init__(self, result: Result) -> None:
        shown = " ".join(result.argv)
        if len(shown) > 300:
            shown = shown[:297] + "..."
        how = "took too long" if result.timed_out else f"exited with {result.rc}"
        said = (result.stderr.strip() or result.stdout.strip() or "(nothing was printed)")[-2000:]
        super().__init__(f"A command on {result.node} {how} after {result.seconds:.1f} s.", f"$ {shown}\n{said}")
        self.result = result


class ClusterGoneError(LabError):
    """The cluster or one of its nodes no longer exists."""


class NodeDownError(LabError):
    """A node exists but does not run."""


@runtime_checkable
class Shell(Protocol):
    """A trainee's terminal on a node: bytes in, bytes out."""

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return the shell's output: `None` if nothing came within `timeout` s, `b""` once it has ended."""

    def write(self, data: bytes) -> None:
        """Send `data` as typed."""

    def resize(self, rows: int, cols: int) -> None:
        """Set the size of the shell's window, in characters."""

    def close(self) -> None:
        """End the shell. It is safe to call this again."""


@runtime_checkable
class Node(Protocol):
    """One node of a cluster."""

    @property
    def name(self) -> str:
        """The node's name in the cluster, such as `kluster005-control-plane`."""

    @property
    def role(self) -> Role:
        """The node's role."""

    @property
    def time(self) -> Time:
        """The cluster's time, for everybody who waits in it."""

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
    """One result of `doctor`."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    #: A finding that does not stop the lab; it is only reported.
    advisory: bool = False


@runtime_checkable
class Cluster(Protocol):
    """A cluster created by this lab."""

    @property
    def name(self) -> str:
        """The lab's name, which is also the cluster's."""

    @property
    def backend(self) -> str:
        """`kind` or `sim`."""

    @property
    def nodes(self) -> Sequence[Node]:
        """All nodes, the control plane first."""

    @property
    def control_plane(self) -> Node:
        """The node with etcd and the API server."""

    def create(self, progress: Progress) -> None:
        """Create the cluster and wait until its nodes are Ready, or leave nothing behind and raise `LabError`."""

    def delete(self) -> None:
        """Remove everything that `create` made.

        It is safe to call this again, and after an interrupted `create`.
        """

    def exists(self) -> bool:
        """Whether any part of the cluster exists."""

    def identity(self) -> Mapping[str, str]:
        """Return the cluster's identity: node name -> an id (a container's).

        A recreated cluster of the same name has another identity.
        """

    def verify_ownership(self, expected: Mapping[str, str]) -> None:
        """Raise `LabError` unless every node belongs to this lab and matches the identity `expected`."""

    def node_states(self, expected: Mapping[str, str]) -> Mapping[str, NodeState]:
        """Return the state of each node of the identity `expected`, without asking the nodes themselves."""

    def start_stopped_nodes(self) -> Iterable[str]:
        """Start nodes that do not run, for example after a trainee's reboot; return their names."""

    def hurried(self) -> AbstractContextManager[None]:
        """Let a simulated cluster's time pass as fast as it can while the body runs and nobody plays."""

    def hold(self) -> bool:
        """Stop the cluster's time until `release`, even after the end of this process; shells wait.

        Return whether the cluster is stopped; a real one keeps running. Repeated calls change nothing.
        """

    def release(self) -> None:
        """Resume the cluster's time from where it stopped. Repeated calls change nothing."""

    def client_config(self) -> str:
        """Return a kubeconfig for clients on this machine; raise `LabError` if they can't connect."""

    def changes(self) -> int | None:
        """Return a number that changes with each change that a look may see; None if the cluster can't tell.

        Fast: it may be called several times a second.
        """

    def snapshot(self) -> AbstractContextManager["Cluster"]:
        """Yield the cluster in its present state for a look, while the body runs.

        A simulated cluster yields a copy of itself, in which waiting costs nothing; a real one yields itself.
        """

    def close(self) -> None:
        """Release this process's resources of the cluster. The cluster stays, and can be used again."""


def node_named(cluster: Cluster, name: str) -> Node:
    """Return the node called `name`, with or without the lab's name in front.

    Raises:
        LabError: there is no such node; the remedy lists those that exist.

    """
    for node in cluster.nodes:
        if name in {node.name, node.name.removeprefix(f"{cluster.name}-")}:
            return node
    known = ", ".join(node.name.removeprefix(f"{cluster.name}-") for node in cluster.nodes)
    raise UsageProblem(f"There is no node '{name}'.", remedy=f"The nodes are: {known}.")
