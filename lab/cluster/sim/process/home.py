"""The home of a simulated cluster: one process at a time, and a file in the lab's folder in between."""

import atexit
import contextlib
import gc
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from lab.cluster.base import ClusterGoneError, Role
from lab.cluster.sim.commands.registry import NODE_COMMANDS
from lab.cluster.sim.process.noticing import noticer
from lab.cluster.sim.process.services import launcher
from lab.cluster.sim.process.snapshot import Snapshot, load, read
from lab.cluster.sim.process.wire import CHANGES, SNAPSHOT
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.timing.turns import on_loop
from lab.cluster.sim.world.bootstrap import BOOT_SECONDS, boot
from lab.cluster.sim.world.world import World
from lab.errors import ExitCode, LabError

__all__ = ["Home", "ended", "leave_all"]

#: Seconds that a command waits for another process to release the cluster.
_PATIENCE = 15.0
#: Seconds between two saves: after somebody's changes; while somebody's program runs and changes nothing; after
#: the cluster's own changes; and without changes.
_SAVE_EVERY = 1.0
_SAVE_WAITED_EVERY = 5.0
_SAVE_LIFE_EVERY = 20.0
_SAVE_TIME_EVERY = 60.0
#: The share of the time that saving may take.
_SHARE = 0.1
_homes: dict[Path, "Home"] = {}
_homes_lock = threading.Lock()


class _Saver:
    """Saves the clusters of this process every second; with many clusters, saving takes a tenth of the time."""

    def __init__(self) -> None:
        self._homes: set[Home] = set()
        self._changed = threading.Condition()
        self._runs = False

    def keep(self, home: "Home") -> None:
        """Save `home` from now on."""
        with self._changed:
            self._homes.add(home)
            if not self._runs:
                self._runs = True
                threading.Thread(target=self._run, name="saver", daemon=True).start()

    def leave(self, home: "Home") -> None:
        """Stop saving `home`."""
        with self._changed:
            self._homes.discard(home)
            self._changed.notify_all()

    def _run(self) -> None:
        while True:
            begun = time.monotonic()
            for home in self._now():
                before = time.monotonic()
                try:
                    home.save_changes()
                except OSError:
                    pass  # no space, for example: the next save may work
                except Exception:  # noqa: BLE001 -- other clusters are kept all the same
                    traceback.print_exc()
                time.sleep((time.monotonic() - before) * (1 / _SHARE - 1))
            with self._changed:
                self._changed.wait_for(lambda: not self._homes, max(0.0, begun + _SAVE_EVERY - time.monotonic()))
                if not self._homes:
                    self._runs = False
                    return

    def _now(self) -> "list[Home]":
        with self._changed:
            return list(self._homes)


_saver = _Saver()


class Home:
    """The single place of a cluster in this process."""

    def __init__(self, name: str, folder: Path, roles: Sequence[Role], clock: Clock) -> None:
        self.name = name
        self.folder = folder
        self.file = folder / SNAPSHOT
        self.roles = tuple(roles)
        self.clock = clock
        self._turned = clock.turned
        self._world: World | None = None
        self._snapshot: Snapshot | None = None
        self._saved = float("-inf")
        #: The count of changes at the last save, and at the last note to other processes.
        self._saved_count = self._told_count = -1
        #: Whether the model has ended or could not be loaded. The next caller gets a new home.
        self.over = False
        self._lock = threading.RLock()
        #: Locked while this process runs the cluster, in any thread: only one model of it may exist.
        self._owner = FileLock(folder / f"{SNAPSHOT}.lock", thread_local=False)

    @classmethod
    def of(cls, name: str, folder: Path, key: Path, roles: Sequence[Role], clock: Clock | None) -> "Home":
        """Return the home of the cluster in `folder`, whose path without links is `key`.

        Callers in this process share it.

        This includes a home that is still loading: two threads that ask at once must get the same one.
        """
        with _homes_lock:
            found = _homes.get(key)
            if found is None or found.over or (not found.running and clock not in {None, found.clock}):
                found = _homes[key] = cls(name, folder, roles, clock or Clock())
            return found

    @property
    def running(self) -> bool:
        """Whether the model runs in this process."""
        return self._world is not None

    @property
    def owned(self) -> bool:
        """Whether this process may run the cluster."""
        return self._owner.is_locked

    def exists(self) -> bool:
        """Whether the cluster exists."""
        return self.running or self.file.is_file()

    def world(self) -> World:
        """Return the model, loaded from its file if need be; raise `ClusterGoneError` if there is none."""
        # No lock if the model runs: a save holds the lock and waits for the loop, on which this may be called.
        if (world := self._world) is not None:
            return world
        with self._lock:
            if self._world is None:
                try:
                    self._world = self._load()
                except BaseException:
                    self.over = True
                    if self.owned:
                        self._disown()
                    raise
            return self._world

    def create(self) -> None:
        """Create the cluster."""
        with self._lock:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.own()
            # The boot runs on a turned clock; then the clock follows the host's.
            on_loop(_rewound(self.clock, 0 if self._turned else BOOT_SECONDS))
            world = World(self.name, self.roles, self.clock, NODE_COMMANDS)
            on_loop(_booted(world))
            self.clock.turned = self._turned
            on_loop(_begun(world))
            self._world = world
            self._snapshot = Snapshot(world, self.file)
            if not self._turned:
                self.save()
                _settle()

    def delete(self) -> None:
        """Remove the cluster and its file."""
        with self._lock:
            if self.folder.is_dir():
                self.own()
            self._end()
            self.file.unlink(missing_ok=True)
            self._disown()

    @contextlib.contextmanager
    def hurried(self) -> Iterator[None]:
        """Turn the cluster's clock while the body runs, so that waiting takes no real time."""
        self.world()
        if self.clock.turned:
            yield
            return
        on_loop(_called(self.clock.turn))
        try:
            yield
        finally:
            on_loop(_called(self.clock.let_go))

    def hold(self) -> None:
        """Stop the cluster's clock until `release`, in any process that runs the cluster."""
        self.world()
        if not self.clock.held:
            on_loop(_called(self.clock.hold))
            self.save()

    def release(self) -> None:
        """Let the cluster's clock go on."""
        self.world()
        if self.clock.held:
            on_loop(_called(self.clock.release))
            self.save()

    def save(self) -> None:
        """Write the cluster to its file."""
        with self._lock:
            if self._world is None or self._snapshot is None:
                return
            self._saved_count = self._world.changes.count
            self._snapshot.write(on_loop(_rendered(self._world, self._snapshot)))
            self._saved = time.monotonic()

    def save_changes(self) -> None:
        """Save the cluster if somebody changed it since the last save, or if it ran for a while."""
        world = self._world
        if world is None:
            return
        changed = world.changes.count != self._saved_count
        watched = self.clock.waited_for
        # Files that services write are not counted as changes.
        pause = _SAVE_LIFE_EVERY if changed else _SAVE_TIME_EVERY
        if watched:
            # A user's program runs: its actions count as changes, except for data that it has just written.
            pause = 0.0 if changed else _SAVE_WAITED_EVERY
        lived = (world.stirred or self.clock.used) and time.monotonic() > self._saved + pause
        if world.handled or lived or not self.file.is_file():
            self.save()

    def note_changes(self) -> None:
        """Tell other processes if the cluster has changed since they were last told."""
        world = self._world
        if world is None:
            return
        if world.changes.touched or self.clock.waited_for:
            world.changes.note_files()
        if world.changes.count != self._told_count:
            self._told_count = world.changes.count
            with contextlib.suppress(OSError):
                (self.folder / CHANGES).touch()

    def close(self) -> None:
        """Save the cluster and stop the model. The next use continues from the file."""
        with self._lock:
            if not self.running:
                return
            if self.folder.is_dir():
                self.save()
            self._end()
            self._disown()

    def leave(self) -> None:
        """Save the cluster and release it; the process ends at once.

        The model is not stopped and freed: with 25 clusters in a process, that takes 20 s.
        """
        with self._lock:
            if not self.running:
                return
            try:
                if self.folder.is_dir():
                    self.save()
            finally:
                self._disown()

    def _end(self) -> None:
        self.over = True
        world, self._world = self._world, None
        self._snapshot = None
        if world is not None:
            on_loop(ended(world))
            del world
            if not self._turned:
                gc.unfreeze()
                # Without a collection, the next `gc.freeze` would keep this cluster's shells and files for good.
                gc.collect()

    def _load(self) -> World:
        if not self.file.is_file():
            raise ClusterGoneError(
                f"The simulated cluster '{self.name}' does not exist.", remedy="Make one with: kluster create"
            )
        self.own()
        data = read(self.name, self.file)
        world = World(self.name, self.roles, self.clock, NODE_COMMANDS)
        on_loop(_loaded(world, self.file, data))
        self._snapshot = Snapshot(world, self.file)
        on_loop(_begun(world))
        if not self._turned:
            _settle()
        return world

    def own(self) -> None:
        """Become the process that runs this cluster, and save it when the process ends."""
        if self._owner.is_locked:
            return
        try:
            self._owner.acquire(timeout=_PATIENCE)
        except Timeout:
            raise LabError(
                f"The simulated cluster '{self.name}' is in use by another process.",
                remedy="End that process (a play screen, a shell), or wait until its command has ended.",
                code=ExitCode.BUSY,
            ) from None
        if not self._turned:
            atexit.register(self.close)
            _saver.keep(self)
            noticer.follow(self)

    def _disown(self) -> None:
        atexit.unregister(self.close)
        _saver.leave(self)
        noticer.leave(self)
        self._owner.release()
        with contextlib.suppress(OSError):
            Path(self._owner.lock_file).unlink(missing_ok=True)


def _settle() -> None:
    """Leave all present objects out of garbage collections: a cluster is large and lives long.

    With many clusters one collection stops everything for 0.2 s. The end of a cluster includes all objects again.
    """
    gc.freeze()


def leave_all() -> None:
    """Save and release every cluster of this process, which ends at once.

    Raises:
        OSError: a cluster can't be saved. The others are saved.

    """
    problem: OSError | None = None
    for home in list(_homes.values()):
        try:
            home.leave()
        except OSError as error:
            problem = error
    if problem:
        raise problem


async def _called(change: Callable[[], None]) -> None:
    change()


async def _rewound(clock: Clock, seconds: float) -> None:
    clock.rewind(seconds)


async def _booted(world: World) -> None:
    boot(world)
    world.clock.advance(BOOT_SECONDS)


async def _begun(world: World) -> None:
    for node in world.nodes.values():
        node.systemd.launch = launcher(world, node)
        node.systemd.resume()
    world.changes.heard = noticer.hear
    world.clock.start()


async def ended(world: World) -> None:
    """Stop a model."""
    for node in world.nodes.values():
        node.systemd.end_all()
    await world.clock.count.end_all()
    world.clock.stop()


async def _rendered(world: World, snapshot: Snapshot) -> str:
    world.stirred = world.handled = False
    return snapshot.render()


async def _loaded(world: World, file: Path, data: dict[str, Any]) -> None:
    load(world, file, data)
