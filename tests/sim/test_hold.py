"""A held simulated cluster: its clock stops, its shells wait, and both continue where they were."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from lab.cluster.base import Shell
from lab.cluster.sim.process.attached import AttachedCluster
from lab.cluster.sim.process.cluster import SimCluster
from lab.cluster.sim.timing import clock as clocks
from lab.cluster.sim.timing.clock import Clock
from lab.patience import poll
from tests.sim.test_owner import attached, gone, pid_of

__all__ = ["attached"]


class Host:
    """The host's time, turned by hand."""

    def __init__(self) -> None:
        self.passed = 0.0

    def time(self) -> float:
        return 1_000_000 + self.passed


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Host:
    found = Host()
    monkeypatch.setattr(time, "time", found.time)
    monkeypatch.setattr(clocks, "_elapsed", lambda: found.passed)
    return found


def test_a_held_clock_stops_and_continues_from_there(host: Host) -> None:
    clock = Clock()
    host.passed = 10
    clock.hold()
    clock.hold()
    host.passed = 500
    assert (clock.held, clock.now()) == (True, 1_000_010)
    clock.release()
    clock.release()
    host.passed = 507
    assert (clock.held, clock.now()) == (False, 1_000_017)


def test_it_stands_over_the_end_of_its_process_and_never_catches_up(host: Host) -> None:
    clock = Clock()
    host.passed = 10
    clock.hold()
    kept = clock.state()
    host.passed = 500
    second = Clock()
    second.restore(kept)
    assert (second.held, second.now()) == (True, 1_000_010)
    second.release()
    host.passed = 520
    assert second.now() == 1_000_030
    # In a later process, without a pause: it is as far behind the host as before.
    kept = second.state()
    host.passed = 600
    third = Clock()
    third.restore(kept)
    assert third.now() == 1_000_110


def test_a_file_of_before_there_were_pauses_is_read(host: Host) -> None:
    host.passed = 600
    clock = Clock()
    clock.restore(1_000_010.0)
    assert (clock.held, clock.now()) == (False, 1_000_600)


def test_who_waits_on_a_held_clock_waits_on(host: Host) -> None:
    async def waited() -> None:
        clock = Clock()
        clock.start()
        with clock.user():
            sleeping = asyncio.ensure_future(clock.sleep(5))
            going = asyncio.ensure_future(clock.going())
            await going
            clock.hold()
            host.passed = 100
            going = asyncio.ensure_future(clock.going())
            for _ in range(20):
                await asyncio.sleep(0)
            assert not sleeping.done()
            assert not going.done()
            clock.release()
            await going
            host.passed = 105
            clock.advance(0)
            await sleeping
        clock.stop()

    asyncio.run(waited())


def test_a_turned_cluster_can_be_held(fresh: SimCluster) -> None:
    before = fresh.control_plane.time.now()
    assert fresh.hold()
    assert fresh.clock.held
    assert fresh.control_plane.time.now() == before
    fresh.release()
    assert fresh.control_plane.run(["true"]).ok


def heard(shell: Shell, text: str) -> str:
    """Return the shell's output up to `text`."""
    said = bytearray()

    def more() -> bool:
        said.extend(shell.read(0.1) or b"")
        return text.encode() in said

    assert poll(more, timeout=60), bytes(said)
    return said.decode()


def test_shells_wait_and_the_owners_clock_does_not_move(attached: AttachedCluster) -> None:
    node = attached.control_plane
    busy, shell = node.shell(24, 80), node.shell(24, 80)
    busy.write(b"while sleep 0.05; do echo tick >> /root/ticks; done\r")
    heard(shell, ":~#")
    assert poll(lambda: node.run(["cat", "/root/ticks"]).stdout, timeout=60)

    assert attached.hold()
    before = node.time.now()
    ticks = node.read_file("/root/ticks")
    shell.write(b"echo now''typed > /root/typed\r")
    # A look has its own clock, which keeps running.
    with attached.snapshot() as seen:
        assert seen.control_plane.run(["sleep", "30"], timeout=60).ok
        assert "Ready" in seen.control_plane.run(["kubectl", "get", "nodes"]).stdout
    assert node.time.now() == before
    assert node.read_file("/root/ticks") == ticks
    with pytest.raises(FileNotFoundError):
        node.read_file("/root/typed")

    attached.release()
    assert poll(lambda: node.run(["cat", "/root/typed"]).stdout == "nowtyped\n", timeout=60)
    assert poll(lambda: node.read_file("/root/ticks") != ticks, timeout=60)
    busy.close()
    shell.close()


def test_a_shell_can_be_closed_while_it_waits(attached: AttachedCluster) -> None:
    shell = attached.control_plane.shell(24, 80)
    attached.hold()
    shell.write(b"echo x > /root/never\r")
    shell.close()
    attached.release()
    with pytest.raises(FileNotFoundError):
        attached.control_plane.read_file("/root/never")


def test_it_is_held_after_its_owner_was_killed(attached: AttachedCluster, tmp_path: Path) -> None:
    attached.control_plane.run(["touch", "/root/here"]).check()
    attached.hold()
    before = attached.control_plane.time.now()
    owner = pid_of(tmp_path)
    os.kill(owner, 9)
    assert poll(gone(owner), timeout=60)
    assert attached.control_plane.time.now() == before
    attached.release()
    assert attached.control_plane.run(["ls", "/root/here"]).ok
