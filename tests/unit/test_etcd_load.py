"""etcd's write rate, computed from its node's output."""

from typing import Any, cast

import pytest

from lab.cluster.base import Node, Result
from lab.cluster.tools import etcd
from lab.errors import UnreadableError

SAMPLES = f"""\
now 100.0
etcd_server_quota_backend_bytes 2.147483648e+09
{etcd._PUT} 1000
now 110.0
etcd_server_quota_backend_bytes 2.147483648e+09
{etcd._PUT} 6000
"""


class Printing:
    """A node whose commands print `text`."""

    def __init__(self, text: str) -> None:
        self._text = text

    def run(self, argv: list[str], **_more: Any) -> Result:
        return Result(tuple(argv), 0, self._text, "", 0.1, "node")


def load(text: str) -> etcd.Load:
    return etcd.load(cast("Node", Printing(text)), 10)


def test_the_rate_is_that_between_two_samples() -> None:
    assert load(SAMPLES) == etcd.Load(2147483648, 500.0)


@pytest.mark.parametrize("line", ["OCI runtime exec failed: exec failed\n", "\n", "Terminated\n"])
def test_other_lines_among_them_are_passed_over(line: str) -> None:
    assert load(SAMPLES.replace("now 110.0\n", f"{line}now 110.0\n")).rate == 500.0


def test_no_samples_are_no_answer() -> None:
    with pytest.raises(UnreadableError):
        load("OCI runtime exec failed: exec failed\n")
