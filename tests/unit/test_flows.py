"""Flows over a runtime that is slow to answer: what could not be entered is tried again, and nothing else."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

from lab.cluster.base import Result
from lab.errors import UnreadableError
from lab.flows import Flow, Probe, run_flows
from lab.patience import WALL


class BusyNode:
    """Answers with one prepared text after another, the last one again and again."""

    name = "busy"
    time = WALL

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def run(self, argv: Sequence[str], **_more: Any) -> Result:
        self.asked.append(argv[-1])
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Result(tuple(argv), 0, answer, "validate service connection: DeadlineExceeded\n", 0.0, self.name)


def flows(node: BusyNode) -> list[Flow]:
    return [
        Flow(Probe(cast("Any", node), container, f"shop/{container}", "", "", ""), "http://web", limit=2)
        for container in ("one", "two")
    ]


def test_only_what_could_not_be_entered_is_tried_again() -> None:
    node = BusyNode("0 0 200 0.1\n", "1 28 000 2.0\n")
    first, second = run_flows(flows(node))
    assert (first.status, second.rc) == (200, 28)
    assert [("exec one" in asked, "exec two" in asked) for asked in node.asked] == [(True, True), (False, True)]


def test_a_container_that_can_not_be_entered_is_named() -> None:
    node = BusyNode("0 0 200 0.1\n")
    with pytest.raises(UnreadableError, match="shop/two on busy could not be asked") as caught:
        run_flows(flows(node))
    assert "DeadlineExceeded" in caught.value.detail
    assert len(node.asked) == 3
