"""Commands that must not remain on a node, and nodes that stop."""

import contextlib
import threading
import time
from typing import BinaryIO, cast

import pytest

from lab.cluster.base import CommandError, NodeDownError, node_named
from lab.cluster.kind.cluster import KindCluster
from lab.cluster.kind.node import KindNode
from lab.tui.terminal.marks import CommandEnded, Marks
from tests.kind.docker import docker
from tests.kind.stopping import pause

PATIENCE = 60


def runs(cluster: KindCluster, what: str) -> bool:
    """Whether a command with exactly these words is running on the worker."""
    script = (
        'for file in /proc/[0-9]*/cmdline; do { mapfile -d "" -t words <"$file"; } 2>/dev/null; '
        '[ "${words[*]}" != "$0" ] || exit 0; done; exit 1'
    )
    return cluster.nodes[-1].run(["bash", "-c", script, what]).ok


def wait_until_gone(cluster: KindCluster, what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while runs(cluster, what):
        assert time.monotonic() < deadline, f"{what} still runs"


def test_a_command_past_its_limit_is_ended_on_the_node(lab_cluster: KindCluster) -> None:
    assert lab_cluster.nodes[-1].run(["bash", "-c", "sleep 90001; true"], timeout=0.5).timed_out

    wait_until_gone(lab_cluster, "sleep 90001")


def test_a_command_that_ignores_sigterm_is_ended_too(lab_cluster: KindCluster) -> None:
    stubborn = "trap '' TERM; while :; do sleep 90.002; done"

    assert lab_cluster.nodes[-1].run(["bash", "-c", stubborn], timeout=0.5).timed_out

    wait_until_gone(lab_cluster, "sleep 90.002")


class Closed:
    """A pipe whose reader has gone."""

    def write(self, _data: bytes) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise BrokenPipeError


def test_a_stream_whose_reader_has_gone_is_ended_on_the_node(lab_cluster: KindCluster) -> None:
    with pytest.raises(BrokenPipeError):
        lab_cluster.nodes[-1].stream(
            ["bash", "-c", "echo; sleep 90003; true"],
            stdin=None,
            stdout=cast("BinaryIO", Closed()),
            stderr=cast("BinaryIO", Closed()),
        )

    wait_until_gone(lab_cluster, "sleep 90003")


def test_a_closed_shell_takes_its_commands_along(lab_cluster: KindCluster) -> None:
    shell = lab_cluster.nodes[-1].shell(24, 80)
    shell.write(b"sleep 90004\r")
    deadline = time.monotonic() + PATIENCE
    while not runs(lab_cluster, "sleep 90004"):
        assert time.monotonic() < deadline
    reader: list[bytes | None] = []
    waiting = threading.Thread(target=lambda: reader.extend(iter(lambda: shell.read(None), b"")))
    waiting.start()

    shell.close()

    waiting.join(PATIENCE)
    assert not waiting.is_alive()
    wait_until_gone(lab_cluster, "sleep 90004")


# --- nodes that stop


def wait_until_back(cluster: KindCluster, name: str) -> None:
    """The API server shows a node as Ready for a while after its end: ask the node's container runtime first."""
    for pod in ("kube-proxy", "kindnet"):
        started = f"until crictl ps -q --name '^{pod}' | grep -q .; do sleep 0.2; done"
        node_named(cluster, name).run(["bash", "-c", started], timeout=90).check()
    ready = ["kubectl", "wait", "--for=condition=Ready", f"node/{name}", "--timeout=90s"]
    cluster.control_plane.run(ready, timeout=95).check()


def test_a_node_that_was_stopped_is_started_again(lab_cluster: KindCluster) -> None:
    worker = lab_cluster.nodes[-1]
    before = lab_cluster.identity()
    worker.write_file("/etc/sysctl.d/99-kept.conf", "# kept\n")
    docker("stop", "-t", "2", worker.name)
    try:
        with pytest.raises(NodeDownError) as problem:
            worker.run(["true"])
        assert worker.name in problem.value.title
        assert problem.value.remedy
        assert lab_cluster.node_states(before)[worker.name] == "stopped"
    finally:
        started = lab_cluster.start_stopped_nodes()

    assert list(started) == [worker.name]
    assert lab_cluster.identity() == before
    lab_cluster.verify_ownership(before)
    assert worker.read_file("/etc/sysctl.d/99-kept.conf") == "# kept\n"
    wait_until_back(lab_cluster, worker.name)
    worker.run(["rm", "/etc/sysctl.d/99-kept.conf"]).check()


def test_a_paused_node_is_resumed(lab_cluster: KindCluster) -> None:
    worker = lab_cluster.nodes[-1]
    pause(worker.name)
    try:
        states = lab_cluster.node_states({**lab_cluster.identity(), "another": "0" * 64})
        assert states == {lab_cluster.control_plane.name: "running", worker.name: "paused", "another": "gone"}
        with pytest.raises(NodeDownError):
            worker.run(["true"])
    finally:
        started = lab_cluster.start_stopped_nodes()

    assert list(started) == [worker.name]
    assert worker.run(["true"]).ok


def boot_of(node: KindNode) -> str:
    """The start of the node's first process, in the host's clock ticks; nothing while the node is down."""
    with contextlib.suppress(NodeDownError, CommandError):
        return node.run(["cut", "-d ", "-f22", "/proc/1/stat"]).check().stdout.strip()
    return ""


def test_a_reboot_from_within(lab_cluster: KindCluster) -> None:
    """Docker restarts the node by itself only the first time; afterwards the lab restarts it."""
    worker = lab_cluster.nodes[-1]
    shell = worker.shell(24, 80)
    before = boot_of(worker)
    shell.write(b"reboot\r")
    deadline = time.monotonic() + PATIENCE
    while shell.read(1) != b"":
        assert time.monotonic() < deadline, "the shell lives on"
    shell.close()

    while boot_of(worker) in {"", before}:
        assert time.monotonic() < deadline
        lab_cluster.start_stopped_nodes()
    wait_until_back(lab_cluster, worker.name)


def test_a_shell_marks_its_commands(lab_cluster: KindCluster) -> None:
    shell = lab_cluster.nodes[-1].shell(24, 80)
    marks = Marks()
    ended: list[CommandEnded] = []
    shell.write(b"(exit 3)\r")
    deadline = time.monotonic() + PATIENCE
    while not ended:
        assert time.monotonic() < deadline
        ended = [mark for mark in marks.feed(shell.read(1) or b"") if isinstance(mark, CommandEnded)]
    shell.close()

    assert (ended[0].text, ended[0].exit_code, ended[0].printed_anything) == ("(exit 3)", 3, False)
