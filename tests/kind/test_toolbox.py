"""Tools that a node image lacks are installed on the node. If the image has them, the tests remove them first."""

import time
from collections.abc import Iterator

import pytest

from lab.cluster.base import Node, Shell
from lab.cluster.kind.cluster import KindCluster
from lab.cluster.kind.engine import Engine
from lab.cluster.kind.node import KindNode
from lab.cluster.tools import toolbox
from tests.kind.docker import docker

PATIENCE = 60
TOOLS = ("etcdctl", "etcdutl", "vi", "less")


@pytest.fixture
def bare(lab_cluster: KindCluster) -> Iterator[list[Node]]:
    """The nodes without the tools; the tools are restored afterwards."""
    hide = 'for tool; do path=$(command -v "$tool"); mv "$path" "$path.hidden"; echo "$path"; done'
    back = 'rm -f /usr/local/bin/{etcdctl,etcdutl,vi,less}; for path; do mv "$path.hidden" "$path"; done'
    nodes: list[Node] = list(lab_cluster.nodes)
    paths = {node.name: node.run(["bash", "-ec", hide, "hide", *TOOLS]).check().stdout.split() for node in nodes}
    yield nodes
    for node in nodes:
        node.run(["bash", "-ec", back, "back", *paths[node.name]]).check()


def screen_shows(shell: Shell, expected: bytes) -> None:
    seen, deadline = b"", time.monotonic() + PATIENCE
    while expected not in seen:
        assert time.monotonic() < deadline, f"no {expected!r} in {seen!r}"
        seen += shell.read(0.1) or b""


def test_missing_tools_come_from_images_on_the_node(bare: list[Node]) -> None:
    assert toolbox.install(bare) == []

    for node in bare:
        assert "etcdctl version" in node.run(["etcdctl", "version"]).check().stdout
        assert "etcdutl version" in node.run(["etcdutl", "version"]).check().stdout
        assert node.run(["less"], stdin="a page\n").check().stdout == "a page\n"
        assert node.run(["bash", "-c", "mount | grep -c /tmp/tmp"]).stdout == "0\n", "an image is still mounted"


def test_the_editor_edits(bare: list[Node]) -> None:
    toolbox.install(bare)
    node = bare[-1]
    shell = node.shell(24, 80)
    try:
        shell.write(b"vi /root/note\r")
        screen_shows(shell, b"100%")
        shell.write(b"ihello")
        screen_shows(shell, b"hello")
        shell.write(b"\x1b")
        screen_shows(shell, b"[Modified]")
        shell.write(b":wq\r")
        shell.write(b"echo writ''ten\r")
        screen_shows(shell, b"written")

        assert node.read_file("/root/note") == "hello\n"
    finally:
        shell.close()
        node.run(["rm", "-f", "/root/note"]).check()


def test_unavailable_tools_are_reported_and_do_no_harm(lab_cluster: KindCluster) -> None:
    """A container of the node image in which nothing runs: no container runtime, no images."""
    image = docker("inspect", "-f", "{{.Image}}", lab_cluster.control_plane.name)
    container = docker("run", "-d", "--entrypoint", "sleep", image, "infinity")
    engine = Engine()
    try:
        warnings = toolbox.install([KindNode(engine, "lonely", "worker", lambda _name: container)])
    finally:
        engine.close()
        docker("rm", "-f", container)

    assert warnings[0] == "lonely: etcdctl and etcdutl could not be taken from etcd's image."
    assert all(warning.startswith("lonely: ") for warning in warnings)
