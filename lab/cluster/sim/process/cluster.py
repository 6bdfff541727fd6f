"""The simulated cluster behind the lab's door: clusters, nodes, shells."""

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

from lab.cluster.base import TIMED_OUT, CommandError, NodeState, Result, Role, Shell
from lab.cluster.sim.bash.running.open_files import OpenFile, Sink, StringInput
from lab.cluster.sim.bash.running.outside import ended, started
from lab.cluster.sim.bash.running.outside_input import Feed
from lab.cluster.sim.commands.places import node_place
from lab.cluster.sim.names import node_names
from lab.cluster.sim.process.copying import copy_of
from lab.cluster.sim.process.home import Home
from lab.cluster.sim.process.input_stream import chunks
from lab.cluster.sim.process.snapshot import Snapshot
from lab.cluster.sim.timing.background_loop import background_loop
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.timing.turns import TurnTakers, on_loop, result_of
from lab.cluster.sim.world.node import NodeModel
from lab.cluster.sim.world.world import World
from lab.errors import LabError
from lab.patience import Time
from lab.progress import Progress, step

__all__ = ["SimCluster", "SimCopy", "SimNode"]

T = TypeVar("T")
#: Seconds that a command takes on a turned clock, so that callers that poll make progress.
_CALL_SECONDS = 0.5
_MOST_OUTPUT = 64 * 1024**2
#: Takes what a command prints, as it comes.
Output = Callable[[bytes], Awaitable[None]]


class SimCluster:
    """A simulated cluster, saved in the lab's folder between processes."""

    backend = "sim"

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        nodes: Sequence[Role] = ("control-plane", "worker"),
        clock: Clock | None = None,
    ) -> None:
        self._name = name
        self._folder = folder
        self._roles = tuple(nodes)
        self._clock = clock
        #: The folder without links, once somebody asked for the home.
        self._key: Path | None = None
        self._nodes = [SimNode(self, *each) for each in node_names(name, nodes)]

    @property
    def name(self) -> str:
        """The lab's name, which is the cluster's too."""
        return self._name

    @property
    def nodes(self) -> Sequence["SimNode"]:
        """All nodes, the control plane first."""
        return self._nodes

    @property
    def control_plane(self) -> "SimNode":
        """The node that etcd and the API server run on."""
        return self._nodes[0]

    @property
    def home(self) -> Home:
        """The home of the cluster."""
        if self._key is None:
            self._key = self._folder.resolve()
        return Home.of(self._name, self._folder, self._key, self._roles, self._clock)

    @property
    def world(self) -> World:
        """The model, loaded from the lab's folder if need be; raise `ClusterGoneError` if there is none."""
        return self.home.world()

    def create(self, progress: Progress) -> None:
        """Create the cluster; it is up when this returns."""
        if self.exists():
            raise LabError(f"There is a simulated cluster '{self._name}' already.", remedy="Delete it first.")
        with step(progress, "Start the simulated nodes"):
            self.home.create()

    def delete(self) -> None:
        """Remove the cluster and its file."""
        self.home.delete()

    def exists(self) -> bool:
        """Whether the cluster is there."""
        return self.home.exists()

    def identity(self) -> Mapping[str, str]:
        """Return node name -> the id from its creation."""
        return dict(self.world.identity)

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

    @property
    def clock(self) -> Clock:
        """The cluster's clock."""
        return self.home.clock

    def changes(self) -> int:
        """Return the number of changes that a look may see."""
        return self.world.changes.count

    @contextlib.contextmanager
    def snapshot(self) -> Iterator["SimCluster"]:
        """Yield a copy of the present cluster; on a turned clock, yield the cluster itself."""
        with contextlib.nullcontext(self) if self.clock.turned else self.copy() as cluster:
            yield cluster

    @contextlib.contextmanager
    def copy(self) -> Iterator["SimCopy"]:
        """Yield a copy of the present cluster on a turned clock."""
        with copy_of(self.world) as copy:
            yield SimCopy(self._name, self._folder, self._roles, copy, self.world)

    def hurried(self) -> contextlib.AbstractContextManager[None]:
        """Turn the clock while the body runs, so that waiting takes no real time."""
        return self.home.hurried()

    def hold(self) -> bool:
        """Stop the cluster's clock, and keep that in the cluster's file."""
        self.home.hold()
        return True

    def release(self) -> None:
        """Let the cluster's clock go on."""
        self.home.release()

    def client_config(self) -> str:
        """Refuse: only the owner of a lab listens for clients."""
        raise LabError("Clients can't connect to a cluster without a process of its own.")

    def advance(self, seconds: float) -> None:
        """Turn a turned clock forward."""
        on_loop(_advance(self.world.clock, seconds))

    def save(self) -> None:
        """Write the cluster to the lab's folder."""
        self.home.save()

    def close(self) -> None:
        """Stop the model. Its file stays, and the next use continues from it."""
        self.home.close()


class SimCopy(SimCluster):
    """A copy of a cluster, of which `original` is the model."""

    def __init__(self, name: str, folder: Path, roles: Sequence[Role], world: World, original: World) -> None:
        super().__init__(name, folder, nodes=roles)
        self._world = world
        self._original = original

    @property
    def world(self) -> World:
        """The copied model."""
        return self._world

    @property
    def clock(self) -> Clock:
        """The copy's own clock."""
        return self._world.clock

    def keep(self, file: Path) -> None:
        """Write the copy to `file`, which can be the `sim.json` of a cluster of the same name.

        Raises:
            OSError: it can't be written.

        """
        snapshot = Snapshot(self._world, file, like=self._original)
        file.parent.mkdir(parents=True, exist_ok=True)
        snapshot.write(on_loop(_rendered(snapshot)))


async def _rendered(snapshot: Snapshot) -> str:
    return snapshot.render()


async def _advance(clock: Clock, seconds: float) -> None:
    clock.advance(seconds)


class _ClusterTime:
    """The cluster's clock for callers outside of the cluster. Waiting on a turned clock turns it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        """Return the cluster's time."""
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        """Let the cluster's time pass, together with all others who wait."""
        on_loop(_slept(self._clock, seconds))

    def side_by_side(self, workers: int) -> concurrent.futures.Executor:
        """Return an executor whose threads take turns if all that happens to the cluster is to be repeatable."""
        return TurnTakers() if self._clock.in_turns else concurrent.futures.ThreadPoolExecutor(workers)

    def result_of(self, future: "concurrent.futures.Future[T]") -> T:
        """Wait for `future`; a thread that takes turns lets the others run meanwhile."""
        return result_of(future)


async def _slept(clock: Clock, seconds: float) -> None:
    with clock.user():
        await clock.sleep(seconds)


class SimNode:
    """A node of a simulated cluster."""

    def __init__(self, cluster: SimCluster, name: str, role: Role) -> None:
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
        """The cluster's time."""
        return _ClusterTime(self._cluster.clock)

    @property
    def model(self) -> NodeModel:
        """The node's model."""
        return self._cluster.world.nodes[self._name]

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
        future = self.begin(argv, stdin=data, timeout=timeout, env=env or {})
        try:
            return result_of(future)
        except (KeyboardInterrupt, concurrent.futures.CancelledError):
            future.cancel()
            raise

    def begin(
        self, argv: Sequence[str], *, stdin: bytes | None, timeout: float, env: Mapping[str, str]
    ) -> "concurrent.futures.Future[Result]":
        """Start the command that `run` waits for. Cancelling the future ends it."""
        work = _run(self._cluster.world, self._name, list(argv), stdin, timeout, env)
        return asyncio.run_coroutine_threadsafe(work, background_loop())

    def stream(self, argv: Sequence[str], *, stdin: BinaryIO | None, stdout: BinaryIO, stderr: BinaryIO) -> int:
        """Run `argv` with its output passed on as it comes."""

        async def to_out(chunk: bytes) -> None:
            stdout.write(chunk)
            stdout.flush()

        async def to_err(chunk: bytes) -> None:
            stderr.write(chunk)
            stderr.flush()

        feed = Feed(background_loop())
        future = self.start(argv, feed, to_out, to_err)
        reader = threading.Thread(target=_read_into, args=(chunks(stdin), feed), name="stdin", daemon=True)
        reader.start()
        try:
            return future.result()
        except (KeyboardInterrupt, concurrent.futures.CancelledError):
            future.cancel()
            raise
        finally:
            feed.close()

    def start(
        self, argv: Sequence[str], source: OpenFile, out: Output, err: Output
    ) -> "concurrent.futures.Future[int]":
        """Start `argv` on the loop, with its input as it comes; its exit code is the future's."""

        async def run() -> int:
            world = self._cluster.world
            world.clock.catch_up()
            with world.clock.user():
                place = node_place(world, self.model)
                process = started(place, argv, Sink(out), Sink(err), source=source, folder="/root")
                code = await ended(process)
            return 0 if code is None else code

        return asyncio.run_coroutine_threadsafe(run(), background_loop())

    def read_file(self, path: str) -> str:
        """Return the text of `path`."""
        return on_loop(_read(self.model, path))

    def write_file(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write `text` to `path` in one step."""
        on_loop(_write(self._cluster.world, self.model, path, text, mode))

    def shell(self, rows: int, cols: int) -> Shell:
        """Open a login shell on a terminal of that size."""
        from lab.cluster.sim.login.terminal import SimShell  # noqa: PLC0415 -- the line editor is loaded for players only

        return SimShell(self._cluster.world, self.model, rows, cols)


def _read_into(stdin: Iterator[bytes], feed: Feed) -> None:
    """Push data from `stdin` into `feed` until its end, or until nobody reads the feed."""
    for data in stdin:
        if not feed.push(data):
            return
    feed.push(b"")


async def _read(model: NodeModel, path: str) -> str:
    if model.files.exists(path) and not model.files.is_file(path):
        said = f"cat: {path}: Is a directory\n"
        raise CommandError(Result(("cat", path), 1, "", said, 0.0, model.name))
    return model.files.read(path)


async def _write(world: World, model: NodeModel, path: str, text: str, mode: int) -> None:
    model.files.replace(path, text, mode)
    world.handled = True
    world.poke()


async def _run(  # noqa: PLR0917 -- the parts of one call
    world: World, name: str, argv: list[str], data: bytes | None, timeout: float, env: Mapping[str, str]  # noqa: ASYNC109 -- a limit on the model's clock
) -> Result:  # fmt: skip
    model = world.nodes[name]
    out, err = bytearray(), bytearray()
    began = world.now()
    wall = time.monotonic()

    # What nobody could read is dropped: an endless output must not fill the memory.
    def to_out(chunk: bytes) -> None:
        out.extend(chunk[: _MOST_OUTPUT - len(out)])

    def to_err(chunk: bytes) -> None:
        err.extend(chunk[: _MOST_OUTPUT - len(err)])

    with world.clock.user():
        if world.clock.turned:
            await world.clock.sleep(_CALL_SECONDS)
        else:
            world.clock.catch_up()
        place, source = node_place(world, model), StringInput(data or b"")
        process = started(
            place, argv, Sink(to_out), Sink(to_err), source=source, environment=env, folder="/root"
        )  # fmt: skip
        code = await ended(process, limit=timeout)
        world.clock.catch_up()
    rc = TIMED_OUT if code is None else code
    seconds = world.now() - began if world.clock.turned else time.monotonic() - wall
    return Result(
        tuple(argv), rc, out.decode(errors="replace"), err.decode(errors="replace"), round(seconds, 3), name
    )
