"""A round's facts about a node, parsed from a node's output."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from lab.baseline import NodeBaseline
from lab.checks.node_view import read_view
from lab.cluster.base import Node, Result
from lab.errors import UnreadableError

BEFORE = NodeBaseline(
    role="worker",
    sysctls={"net.ipv4.ip_forward": "1"},
    files={},
    tools={},
    units=["kubelet.service"],
    images={},
)
CONTAINERS = '{"containers": []}'


class Printing:
    """A node that always prints one text."""

    name = "worker"

    def __init__(self, text: str) -> None:
        self.text = text

    def run(self, argv: Sequence[str], **_: Any) -> Result:
        return Result(tuple(argv), 0, self.text, "", 0.1, self.name)


def node(**parts: str) -> Node:
    text = "".join(f"\036{name}\n{said}\n" for name, said in {"containers": CONTAINERS, **parts}.items())
    return cast("Node", Printing(text))


@pytest.mark.parametrize(
    ("files", "value"),
    [
        ("net.ipv4.ip_forward = 0\n", "0"),
        ("net.ipv4.ip_forward=0\n\nnet.ipv4.ip_forward=1\n", "1"),
        ("net/ipv4/ip_forward = 0\n", "0"),
        ("-net.ipv4.ip_forward = 0\n", "0"),
        ("# net.ipv4.ip_forward = 0\n; net.ipv4.ip_forward = 0\n", None),
        ("kernel.pid_max = 4194304\n", None),
    ],
)
def test_what_a_boot_would_set_is_what_the_last_file_says(files: str, value: str | None) -> None:
    assert read_view(node(boot=files), BEFORE).boot.get("net.ipv4.ip_forward") == value


def test_units_of_the_baseline_are_not_news() -> None:
    view = read_view(node(units="kubelet.service\naudit-0427.timer"), BEFORE)
    assert view.new_units == ["audit-0427.timer"]


@pytest.mark.parametrize(
    ("said", "forwards"), [("net.ipv4.ip_forward = 1", True), ("net.ipv4.ip_forward = 0", False)]
)
def test_whether_a_node_forwards(said: str, forwards: bool) -> None:  # noqa: FBT001 -- a case
    assert read_view(node(now=said), BEFORE).forwards is forwards


def test_a_runtime_that_does_not_answer_is_no_empty_node() -> None:
    with pytest.raises(UnreadableError, match="container runtime of worker"):
        read_view(node(containers=""), BEFORE)
