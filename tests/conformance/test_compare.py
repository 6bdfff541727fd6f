"""Which answers count as equal, and which do not."""

import pytest

from tests.conformance.compare import compare, figures
from tests.conformance.model import Answer, Recording
from tests.conformance.normalize import normalize
from tests.conformance.report import cause_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("web-7ff5bb485c-5phsj   1/1   Running   0   30s", "web-b84c96cc9-2s8g7 1/1 Running 0 2m10s"),
        ("10.244.1.2   conf-worker", "10.244.0.17 conf-worker"),
        ("service/web ClusterIP 10.96.221.145", "service/web ClusterIP 10.96.7.9"),
        ("uid: 1bcac401-51cc-42d8-986a-74b691238cad", "uid: 00000000-51cc-42d8-986a-74b691238cff"),
        ('creationTimestamp: "2026-11-23T15:15:20Z"', 'creationTimestamp: "2025-01-02T03:04:05Z"'),
        ('resourceVersion: "70"', 'resourceVersion: "123456"'),
        ("8f923f77c83cc 53dd86cd1960c About a minute ago", "123e5678901ab 00dd86cd1960c 3 minutes ago"),
        ("E1123 15:16:22.297125    5312 memcache.go:265] x", "E0101 00:00:00.000001      12 memcache.go:265] x"),
        ("curl: (28) Connection timed out after 3002 ms", "curl: (28) Connection timed out after 2999 ms"),
    ],
)
def test_what_must_differ_does_not_count(one: str, other: str) -> None:
    assert normalize([one]) == normalize([other])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("web-7ff5bb485c-5phsj 1/1 Running 0 30s", "web-7ff5bb485c-5phsj 0/1 Running 0 30s"),
        ("web-7ff5bb485c-5phsj 1/1 Running 0 30s", "web-7ff5bb485c-5phsj 1/1 Running 2 30s"),
        ("10.96.0.1", "10.96.0.10"),
        ("conf-worker", "conf-control-plane"),
        ("    image: x", "  image: x"),
        ("error: at least one taint update is required", "Error: at least one taint update is required"),
        ("coredns-66bc5c9577-c82rx", "coredns"),
        ("HTTP 403", "HTTP 401"),
        ("--timeout=5s", "--timeout=6s"),
        ("net.ipv4.ip_forward = 1", "net.ipv4.ip_forward = 0"),
    ],
)
def test_what_must_not_differ_counts(one: str, other: str) -> None:
    assert normalize([one]) != normalize([other])


def test_orders_of_chance_do_not_count_and_others_do() -> None:
    head = "NAME STATUS"
    near, far = "client-bxkvc conf-worker", "client-r86xj conf-control-plane"
    assert normalize([head, near, far]) == normalize([head, far, near])
    assert normalize([head, "a 1", "b 2"]) != normalize([head, "b 2", "a 1"])
    containers = "CONTAINER IMAGE CREATED"
    assert normalize([containers, "a 1", "b 2", ""]) == normalize([containers, "b 2", "a 1", ""])


def test_etcds_measured_columns_go_and_its_quota_stays() -> None:
    status = (
        "127.0.0.1:2379, dad0c90c0d0a2ed6, 3.6.16, 3.6.0, {0} MB, 1.4 MB, 3%, {1}, true, false, 2, 7, 7, , , false"
    )
    assert normalize([status.format(1, "50 MB")]) == normalize([status.format(9, "50 MB")])
    assert normalize([status.format(1, "50 MB")]) != normalize([status.format(1, "2.1 GB")])


def _recording(rc: int, out: str, seconds: float = 0.1) -> Recording:
    answer = Answer(
        tool="t",
        run="x",
        node="control-plane",
        rc=rc,
        seconds=seconds,
        stdout=tuple(out.split("\n")),
        stderr=("",),
    )
    return Recording(phase="healthy", backend="kind", versions={}, answers=(answer,))


def test_equal_codes_verdicts_and_patience_are_counted_apart() -> None:
    real = _recording(0, "yes\n", seconds=20)
    same, other, code, slow = (
        compare(real, _recording(rc, out, seconds))[0]
        for rc, out, seconds in ((0, "yes\n", 21), (0, "no\n", 20), (2, "yes\n", 20), (0, "yes\n", 0.1))
    )
    assert (same.equal, same.same_code, same.wrong_verdict, same.same_patience) == (True, True, False, True)
    assert (other.equal, other.difference) == (False, ("-yes", "+no"))
    assert (code.equal, code.same_code, code.wrong_verdict) == (False, False, True)
    assert (slow.equal, slow.same_patience) == (True, False)
    counted = figures([same, other, code, slow])
    assert (counted.total, counted.equal, counted.codes, counted.wrong, counted.patience) == (4, 2, 3, 1, 3)


def test_a_difference_is_put_down_to_the_first_cause_that_fits() -> None:
    each = compare(_recording(0, "a\n"), _recording(0, "not simulated: x\n"))[0]
    assert cause_of(each, [{"when": "-a", "cause": "known"}]) == "known"
    assert cause_of(each, []) == "not simulated"
