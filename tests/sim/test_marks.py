"""A simulated shell marks its commands, as one on a real node does."""

import time

from lab.cluster.sim.process.cluster import SimCluster
from lab.tui.terminal.marks import CommandEnded, Marks


def ended(cluster: SimCluster, typed: bytes, interrupt: bytes = b"") -> CommandEnded:
    shell = cluster.control_plane.shell(24, 80)
    marks = Marks()
    shell.write(typed)
    limit = time.monotonic() + 30
    try:
        while time.monotonic() < limit:
            found = marks.feed(shell.read(1) or b"")
            if marks.running and interrupt:
                shell.write(interrupt)
                interrupt = b""
            for mark in found:
                if isinstance(mark, CommandEnded):
                    return mark
    finally:
        shell.close()
    raise AssertionError("it never ended")


def test_a_command_with_its_exit_code(fresh: SimCluster) -> None:
    mark = ended(fresh, b"echo 'a;b' \\\\; false\r")

    assert (mark.text, mark.exit_code, mark.printed_anything) == ("echo 'a;b' \\\\; false", 1, True)


def test_one_that_was_interrupted(fresh: SimCluster) -> None:
    mark = ended(fresh, b"sleep 1000\r", b"\x03")

    assert (mark.text, mark.exit_code, mark.cut_off) == ("sleep 1000", 130, True)
