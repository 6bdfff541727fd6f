"""A simulated cluster that runs in another process, used through a local socket."""

import base64
import contextlib
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from lab.cluster.base import ClusterGoneError, NodeState, Result, Role, Shell
from lab.cluster.sim.names import node_names
from lab.cluster.sim.process import requests, spare, wire
from lab.cluster.sim.process.attached_shell import AttachedShell
from lab.cluster.sim.process.input_stream import chunks
from lab.cluster.sim.process.line import Line
from lab.cluster.sim.process.requests import Request
from lab.errors import ExitCode, LabError
from lab.patience import Threads, Time
from lab.progress import Progress, step

__all__ = ["AttachedCluster"]

#: Seconds that the start of an owner may take.
_START = 60.0
#: Seconds between two tries to reach an owner while the last one ends.
_PAUSE = 0.02
#: Seconds after which an unused owner ends; the variable overrides them.
_IDLE = 600.0
_IDLE_VARIABLE = "KLUSTER_SIM_IDLE"


class _EndedError(LabError):
    """The owner ended before it answered."""


class AttachedCluster:
    """The cluster in `folder`. Its owner is a process of its own, which is started on first use."""

    backend = "sim"

    def __init__(
        self, name: str, folder: Path, *, nodes: Sequence[Role] = ("control-plane", "worker"), idle: float = 0.0
    ) -> None:
        self._name = name
        self._folder = folder
        self._roles = tuple(nodes)
        self._idle = idle or float(os.environ.get(_IDLE_VARIABLE, _IDLE))
        self._nodes = [AttachedNode(self, *each) for each in node_names(name, nodes)]
        #: Data that is added to every request.
        self._about: Mapping[str, str] = {}

    @property
    def name(self) -> str:
        """The lab's name, which is the cluster's too."""
        return self._name

    @property
    def folder(self) -> Path:
        """The folder that the cluster is kept in."""
        return self._folder

    @property
    def roles(self) -> tuple[Role, ...]:
        """The role of each node."""
        return self._roles

    @property
    def nodes(self) -> Sequence["AttachedNode"]:
        """All nodes, the control plane first."""
        return self._nodes

    @property
    def control_plane(self) -> "AttachedNode":
        """The node that etcd and the API server run on."""
        return self._nodes[0]

    def create(self, progress: Progress) -> None:
        """Create the cluster; it is up when this returns."""
        if self.exists():
            raise LabError(f"There is a simulated cluster '{self._name}' already.", remedy="Delete it first.")
        with step(progress, "Start the simulated nodes"):
            self._folder.mkdir(parents=True, exist_ok=True)
            self.ask(requests.Create())

    def delete(self) -> None:
        """Remove the cluster, and end its owner."""
        deadline = time.monotonic() + _START
        while self._folder.is_dir() and (self.exists() or self._address()):
            try:
                self._ask_to_end(requests.Delete())
            except ClusterGoneError:
                return
            except _EndedError:
                # That owner was about to end by itself; the next one deletes.
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE)

    def exists(self) -> bool:
        """Whether the cluster exists."""
        return (self._folder / wire.SNAPSHOT).is_file()

    def identity(self) -> Mapping[str, str]:
        """Return node name -> the id from its creation."""
        found: dict[str, str] = self.ask(requests.Identity())
        return found

    def verify_ownership(self, expected: Mapping[str, str]) -> None:
        """Raise `LabError` unless the nodes are those of the identity `expected`."""
        if dict(expected) != self.identity():
            raise LabError(
                f"The simulated cluster '{self._name}' is not the one that this lab made.",
                remedy="`kluster delete` removes it; `kluster create` creates a new one.",
            )

    def node_states(self, expected: Mapping[str, str]) -> Mapping[str, NodeState]:
        """Return `running` for all nodes, or `gone` if the cluster's file is gone."""
        state: NodeState = "running" if self.exists() else "gone"
        return dict.fromkeys(expected, state)

    def start_stopped_nodes(self) -> Iterable[str]:
        """Simulated nodes never stay down."""
        return ()

    @contextlib.contextmanager
    def hurried(self) -> Iterator[None]:
        """While the body runs, and this process lives, waiting costs nothing."""
        with self.converse(requests.Hurry()) as connection:
            begun = connection.recv_bytes()
            if begun[:1] == wire.ANSWER:
                wire.answer_of(json.loads(begun[1:]))
            yield
            connection.send_bytes(wire.CLOSE)
            self.answer(connection)

    def hold(self) -> bool:
        """Stop the cluster's clock, in the owner and in the cluster's file."""
        return bool(self.ask(requests.Hold()))

    def release(self) -> None:
        """Let the cluster's clock go on."""
        self.ask(requests.Release())

    def client_config(self) -> str:
        """Return a kubeconfig for clients on this machine, for as long as the owner runs."""
        return str(self.ask(requests.Kubeconfig()))

    def changes(self) -> int:
        """Return a number that changes when a look may find something new. It does not start the owner."""
        try:
            return (self._folder / wire.CHANGES).stat().st_mtime_ns
        except OSError:
            return 0

    @contextlib.contextmanager
    def snapshot(self) -> Iterator["AttachedCluster"]:
        """Yield a copy of the present cluster; it exists while the body runs and this process lives."""
        with self.converse(requests.Snapshot()) as connection:
            begun = connection.recv_bytes()
            if begun[:1] == wire.ANSWER:
                wire.answer_of(json.loads(begun[1:]))
            yield _Snapshot(self, begun[1:].decode())
            connection.send_bytes(wire.CLOSE)
            self.answer(connection)

    def close(self) -> None:
        """Do nothing: each conversation has its own connection."""

    def end(self) -> None:
        """End the owner if one runs; the cluster stays in its file."""
        if self._address() is not None:
            with contextlib.suppress(OSError, EOFError, LabError):
                self._ask_to_end(requests.End())

    def ask(self, request: Request) -> Any:  # noqa: ANN401 -- what comes back is JSON
        """Send a request to the owner and return the answer."""
        with self.converse(request) as connection:
            return self.answer(connection)

    def _ask_to_end(self, request: Request) -> None:
        """Send a request that ends an owner of any version, and wait for its end."""
        with self._say(request) as connection:
            self.answer(connection)
            with contextlib.suppress(OSError, EOFError):
                connection.recv_bytes()

    def converse(self, request: Request) -> Line:
        """Open a conversation with the owner, which has accepted the request when this returns."""
        deadline = time.monotonic() + _START
        while True:
            connection = self._say(request)
            try:
                first = connection.recv_bytes()
            except (OSError, EOFError):
                # That owner ended before it accepted the request; the next one will accept it.
                connection.close()
                if time.monotonic() > deadline:
                    raise self._trouble("it ends each time before it takes a request") from None
                time.sleep(_PAUSE)
                continue
            if first[:1] == wire.ANSWER:
                connection.close()
                wire.answer_of(json.loads(first[1:]))
            return connection

    def _say(self, request: Request) -> Line:
        """Connect to the owner and send a request."""
        connection = self._connect(requests.name_of(request))
        asked = {"protocol": wire.PROTOCOL, **self._about, **requests.packed(request)}
        with contextlib.suppress(OSError):
            # If this fails, the owner has ended; the reader of the answer finds that, too.
            connection.send_bytes(json.dumps(asked).encode())
        return connection

    def answer(self, connection: Line, output: Mapping[bytes, BinaryIO] | None = None) -> Any:  # noqa: ANN401
        """Return the answer; write output to `output` (frame -> stream) as it comes."""
        try:
            while (frame := connection.recv_bytes())[:1] != wire.ANSWER:
                if output is not None and frame[:1] in output:
                    output[frame[:1]].write(frame[1:])
                    output[frame[:1]].flush()
        except (OSError, EOFError):
            raise _EndedError(
                f"The simulator of lab {self._name} has ended in the middle of a command.",
                remedy="Try again: it continues from its last snapshot, which is at most a second old.",
            ) from None
        return wire.answer_of(json.loads(frame[1:]))

    def _address(self) -> wire.Address | None:
        return wire.Address.read(self._folder)

    def _connect(self, what: str) -> Line:
        connection = self._knock(what)
        if connection is not None:
            return connection
        if what == "end" or not self._folder.is_dir():
            raise ClusterGoneError(
                f"The simulated cluster '{self._name}' does not exist.", remedy="Make one with: kluster create"
            )
        try:
            with FileLock(self._folder / "sim.start.lock", timeout=_START):
                connection = self._knock(what)
                if connection is None:
                    self._start()
                    connection = self._knock(what)
        except Timeout:
            raise self._trouble("another process has been starting it for a minute") from None
        if connection is None:
            raise self._trouble("it started, but does not answer")
        return connection

    def _knock(self, what: str) -> Line | None:
        address = self._address()
        if address is None:
            return None
        try:
            connection = address.connect()
        except (OSError, EOFError):  # it was killed, or ends just now
            return None
        if what not in wire.ENDINGS:
            try:
                address.require_protocol(self._name)
            except LabError:
                connection.close()
                raise
        return connection

    def _start(self) -> None:
        answer, noise = spare.take().own(
            {"folder": str(self._folder), "name": self._name, "roles": self._roles, "idle": self._idle}
        )
        if answer is None:
            log = self._folder / wire.LOG
            said = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
            raise self._trouble((said + noise)[-2000:] or "it printed nothing")
        wire.answer_of(answer)

    def _trouble(self, detail: str) -> LabError:
        return LabError(f"The simulator of lab {self._name} can't be reached.", detail, code=ExitCode.BUSY)


class _Snapshot(AttachedCluster):
    """A copy of a cluster, which its owner keeps under a name."""

    def __init__(self, original: AttachedCluster, copy: str) -> None:
        super().__init__(original.name, original.folder, nodes=original.roles)
        self._about = {"copy": copy}


class _OwnersTime(Threads):
    """The clock of a cluster in another process."""

    def __init__(self, cluster: AttachedCluster) -> None:
        self._cluster = cluster

    def now(self) -> float:
        """Return the cluster's time."""
        return float(self._cluster.ask(requests.Now()))

    def sleep(self, seconds: float) -> None:
        """Let the cluster's time pass."""
        self._cluster.ask(requests.Sleep(seconds))


class AttachedNode:
    """A node of a cluster in another process."""

    def __init__(self, cluster: AttachedCluster, name: str, role: Role) -> None:
        self._cluster = cluster
        self._name = name
        self._role = role

    @property
    def name(self) -> str:
        """The node's name in the cluster."""
        return self._name

    @property
    def role(self) -> Role:
        """The node's role."""
        return self._role

    @property
    def time(self) -> Time:
        """The cluster's time, from its owner."""
        return _OwnersTime(self._cluster)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | bytes | None = None,
        timeout: float = 30.0,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run `argv` as root and wait for its end, at most `timeout` s."""
        data = stdin.encode() if isinstance(stdin, str) else stdin
        given = base64.b64encode(data).decode() if data is not None else None
        answer = self._cluster.ask(
            requests.Run(self._name, list(argv), stdin=given, timeout=timeout, env=dict(env or {}))
        )
        return wire.result_of(answer)

    def stream(self, argv: Sequence[str], *, stdin: BinaryIO | None, stdout: BinaryIO, stderr: BinaryIO) -> int:
        """Run `argv` with its input and output passed on as they come."""
        with self._cluster.converse(requests.Stream(self._name, list(argv))) as connection:
            threading.Thread(target=_send, args=(chunks(stdin), connection), daemon=True, name="stdin").start()
            return int(self._cluster.answer(connection, {wire.OUTPUT: stdout, wire.ERROR: stderr}))

    def read_file(self, path: str) -> str:
        """Return the text of `path`."""
        return str(self._cluster.ask(requests.Read(self._name, path)))

    def write_file(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write `text` to `path` in one step."""
        self._cluster.ask(requests.Write(self._name, path, text, mode))

    def shell(self, rows: int, cols: int) -> Shell:
        """Open a login shell on a terminal of that size."""
        return AttachedShell(self._cluster.converse(requests.Shell(self._name, rows, cols)))


def _send(stdin: Iterator[bytes], connection: Line) -> None:
    """Send the data of `stdin` as it comes, and its end."""
    with contextlib.suppress(OSError):
        for data in stdin:
            connection.send_bytes(wire.INPUT + data)
        connection.send_bytes(wire.INPUT)
