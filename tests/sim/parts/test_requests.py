"""A request to a lab's owner survives the socket unchanged."""

import json
from typing import get_args

import pytest

from lab.cluster.sim.process import requests
from lab.cluster.sim.process.requests import Request, packed, unpacked
from lab.cluster.sim.process.wire import ENDINGS

EACH: tuple[Request, ...] = (
    requests.Create(),
    requests.Delete(),
    requests.End(),
    requests.Identity(),
    requests.Kubeconfig(),
    requests.Now(),
    requests.Sleep(1.5),
    requests.Hurry(),
    requests.Hold(),
    requests.Release(),
    requests.Snapshot(),
    requests.Read("n", "/etc/hosts"),
    requests.Write("n", "/root/x", "text\n", 0o600),
    requests.Run("n", ["ls", "-l"], stdin=None, timeout=3.0, env={"A": "b"}),
    requests.Stream("n", ["cat"]),
    requests.Shell("n", 24, 80),
)


def test_each_request_is_here() -> None:
    assert [type(request) for request in EACH] == list(get_args(Request))


@pytest.mark.parametrize("request_", EACH, ids=requests.name_of)
def test_a_request_arrives_as_it_was_sent(request_: Request) -> None:
    sent = json.loads(json.dumps({"protocol": 7, "copy": "x", **packed(request_)}))
    assert unpacked(sent) == request_


@pytest.mark.parametrize("data", [{}, {"what": "fly"}, {"what": "read", "node": "n"}])
def test_anything_else_is_refused(data: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"request|needs"):
        unpacked(data)


def test_what_ends_an_owner_of_any_version_keeps_its_name() -> None:
    assert {requests.name_of(requests.End()), requests.name_of(requests.Delete())} == ENDINGS
