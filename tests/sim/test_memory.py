"""Which shell ends if a lab's owner takes too much memory."""

import gc
import json
import sys
import threading

import psutil
import pytest

from lab.cluster.sim.bash.running import memory_guard
from lab.cluster.sim.process.cluster import SimCluster
from tests.sim.driving import Driver

MIB = 1024**2


class Shell:
    """A shell that notes when it is killed."""

    def __init__(self, origin: "Shell | None" = None) -> None:
        self.origin: Shell = origin or self
        self.killed = threading.Event()

    def kill(self) -> None:
        self.killed.set()


class Process:
    """A process whose memory a test sets; it counts how often it was asked."""

    def __init__(self) -> None:
        self.held = 60 * MIB
        self.looks = 0
        self._looked = threading.Condition()

    def __call__(self) -> int:
        with self._looked:
            self.looks += 1
            self._looked.notify_all()
        return self.held

    def holds(self, mib: int) -> None:
        """Set the memory, and wait until the watch has seen it."""
        with self._looked:
            self.held = mib * MIB
            seen = self.looks + 2
            assert self._looked.wait_for(lambda: self.looks >= seen, 10)


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Process:
    made = Process()
    monkeypatch.setattr(memory_guard, "_held", made)
    watch = memory_guard._Watch()
    watch.start(lambda: None)
    monkeypatch.setattr(memory_guard, "_watch", watch)
    return made


def test_what_the_lab_holds_already_is_not_a_shells(process: Process) -> None:
    process.held = 300 * MIB
    shell = Shell()
    with memory_guard.bounded(shell):
        process.holds(400)
        assert not shell.killed.is_set()
        process.held = 470 * MIB
        assert shell.killed.wait(5)


def test_shells_in_shells_have_the_room_of_the_outermost(process: Process) -> None:
    outer = Shell()
    inner = Shell(outer)
    with memory_guard.bounded(outer):
        process.holds(180)
        with memory_guard.bounded(inner):
            process.held = 230 * MIB
            assert inner.killed.wait(5)
    assert not outer.killed.is_set()


def test_nobody_holds_deleted_objects(fresh: SimCluster) -> None:
    driver = Driver(fresh)
    fresh.control_plane.write_file("/root/large", "x" * 500000)
    driver.out("kubectl create configmap large --from-file=a=/root/large")
    assert large_objects()
    driver.out("kubectl delete configmap large")
    revision = json.loads(driver.etcd("endpoint status -w json").check().stdout)[0]["Status"]["header"]["revision"]
    driver.etcd(f"compact {revision}").check()
    gc.collect()
    assert not large_objects()


def large_objects() -> list[object]:
    # A collector does not track a dict of only texts: it tracks the holder.
    data = [each.get("data") for each in gc.get_objects() if isinstance(each, dict)]
    return [each for each in data if isinstance(each, dict) and len(str(each.get("a", ""))) == 500000]


def test_memory_is_read_alike_on_all_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    assert psutil.Process().is_running()  # loaded as on this system
    here = memory_guard._held()
    for system in ("darwin", "win32"):
        monkeypatch.setattr(sys, "platform", system)
        assert memory_guard._held() == pytest.approx(here, rel=0.2)
