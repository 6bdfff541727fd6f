"""The home of a simulated cluster."""

import base64
import errno
import gc
import io
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.process.home import leave_all
from lab.cluster.sim.timing.clock import Clock
from lab.patience import poll
from lab.progress import Silent

if TYPE_CHECKING:
    from lab.cluster.sim.world.world import World


def test_threads_that_ask_at_once_get_the_same_cluster(tmp_path: Path) -> None:
    made = SimCluster("k5", tmp_path)
    made.create(Silent())
    made.close()
    barrier = threading.Barrier(4)
    worlds: list[World] = []

    def ask() -> None:
        cluster = SimCluster("k5", tmp_path)
        barrier.wait()
        worlds.append(cluster.world)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    SimCluster("k5", tmp_path).delete()

    assert len(worlds) == 4
    assert len(set(map(id, worlds))) == 1


@pytest.mark.parametrize("end", [SimCluster.close, SimCluster.delete])
def test_the_model_of_a_cluster_that_has_ended_is_let_go(
    tmp_path: Path, end: Callable[[SimCluster], None]
) -> None:
    """The files of its nodes hold descriptors, and a process may have only so many."""
    cluster = SimCluster("k5", tmp_path)
    cluster.create(Silent())
    cluster.control_plane.run(["kubectl", "get", "nodes"]).check()
    world = weakref.ref(cluster.world)
    end(cluster)

    def gone() -> bool:
        gc.collect()
        return world() is None

    # First everything that is still running on the loop ends.
    assert poll(gone, timeout=20, every=0.05)
    cluster.delete()


def test_clusters_that_have_ended_do_not_pile_up(tmp_path: Path) -> None:
    """No garbage collector runs; each end must free its cluster."""
    worlds = []
    gc.disable()
    try:
        for number in range(6):
            cluster = SimCluster("k5", tmp_path / str(number))
            cluster.create(Silent())
            cluster.control_plane.run(["kubectl", "get", "nodes"]).check()
            worlds.append(weakref.ref(cluster.world))
            cluster.delete()
        del cluster
    finally:
        gc.enable()

    # The last cluster, and one whose end the loop was still busy with.
    assert sum(world() is not None for world in worlds) <= 2


@pytest.mark.timeout(20)
def test_a_command_is_started_while_the_cluster_is_written_down(tmp_path: Path) -> None:
    cluster = SimCluster("k5", tmp_path)
    cluster.create(Silent())
    out = io.BytesIO()
    with cluster.home._lock:  # writing it down waits for the loop
        code = cluster.control_plane.stream(["echo", "on"], stdin=None, stdout=out, stderr=io.BytesIO())
    cluster.delete()

    assert (code, out.getvalue()) == (0, b"on\n")


def test_a_cluster_is_written_down_again_once_something_may_have_happened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = SimCluster("k5", tmp_path, clock=Clock(turned=True))
    cluster.create(Silent())
    home = cluster.home
    home.save()

    def written() -> bool:
        before = home.file.stat().st_ino
        home.save_changes()
        return home.file.stat().st_ino != before

    idle = written()
    cluster.control_plane.run(["touch", "/root/here"]).check()
    after_a_command = written()
    again = written()
    cluster.advance(20)
    what_it_did_by_itself = written()
    monkeypatch.setattr("lab.cluster.sim.process.home._SAVE_LIFE_EVERY", 0.0)
    after_a_while_without_a_change = written()
    cluster.world.control_plane.sysctls.set("net.ipv4.ip_forward", "0")
    cluster.advance(20)
    after_a_change_by_itself = written()
    monkeypatch.setattr("lab.cluster.sim.process.home._SAVE_TIME_EVERY", 0.0)
    cluster.advance(20)
    after_a_long_while = written()
    cluster.delete()

    assert (idle, after_a_command, again) == (False, True, False)
    assert (what_it_did_by_itself, after_a_while_without_a_change) == (False, False)
    assert (after_a_change_by_itself, after_a_long_while) == (True, True)


def test_a_process_that_ends_saves_and_releases_its_clusters_without_freeing_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With many clusters, each one's garbage collection takes so long that a server would give its workers up."""
    made = [SimCluster(f"k{number}", tmp_path / str(number)) for number in range(3)]
    for cluster in made:
        cluster.create(Silent())
    for cluster in made:
        cluster.control_plane.write_file("/root/last", f"words of {cluster.name}\n")
    full = made[1].home

    def no_space() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(gc, "collect", lambda *_: pytest.fail("it frees what ends with the process"))
        patch.setattr(full, "save", no_space)
        with pytest.raises(OSError, match="No space"):
            leave_all()

    for cluster in made:
        with FileLock(cluster.home.folder / "sim.json.lock", timeout=0):
            saved = (cluster.home.folder / "sim.json").read_text(encoding="utf-8")
        words = base64.b64encode(f"words of {cluster.name}\n".encode()).decode()
        assert (words in saved) is (cluster.home is not full)
    for cluster in made:
        cluster.delete()


def test_a_clock_that_goes_on_is_not_saved_for_being_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that comes back releases each of its clusters."""
    cluster = SimCluster("k5", tmp_path, clock=Clock(turned=True))
    cluster.create(Silent())
    saved: list[bool] = []
    monkeypatch.setattr(cluster.home, "save", lambda: saved.append(cluster.clock.held))

    cluster.release()
    assert saved == []
    cluster.hold()
    cluster.hold()
    cluster.release()
    assert saved == [True, False]
    monkeypatch.undo()
    cluster.delete()
