"""Flags of etcd and of the API server: the messages that the real programs printed (etcd 3.6, Kubernetes 1.34)."""

import pytest

from lab.cluster.sim.plane.flag_parsing import FlagError, etcd_flags, server_flags


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--quota-backend-bytes=8Gi"], 'invalid value "8Gi" for flag -quota-backend-bytes: parse error'),
        (["--pre-vote=no"], 'invalid boolean value "no" for -pre-vote: parse error'),
        (["--compaction-batch-limit"], "flag needs an argument: -compaction-batch-limit"),
        (
            ["--compaction-batch-limit", "--cert-file"],
            'invalid value "--cert-file" for flag -compaction-batch-limit: parse error',
        ),
        (["--grpc-keepalive-min-time=5"], 'invalid value "5" for flag -grpc-keepalive-min-time: parse error'),
        (["--nosuch"], "flag provided but not defined: -nosuch"),
        (
            ["--listen-peer-urls=5s"],
            'invalid value "5s" for flag -listen-peer-urls: URL scheme must be http, https, unix, or unixs: 5s',
        ),
    ],
)
def test_etcd_refuses_a_wrong_flag(argv: list[str], told: str) -> None:
    with pytest.raises(FlagError) as refused:
        etcd_flags(argv, {})
    assert str(refused.value) == told


def test_etcds_command_line_comes_before_its_environment() -> None:
    given = etcd_flags(["--name=a", "-pre-vote"], {"ETCD_NAME": "b", "ETCD_DATA_DIR": "/c", "OTHER": "d"})
    assert given == {"name": "a", "pre-vote": "true", "data-dir": "/c"}


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["---event-ttl=1x"], "bad flag syntax: ---event-ttl=1x"),
        (["--insecure-port 8080"], "unknown flag: --insecure-port 8080"),
        (
            ["--request-timeout= x"],
            'invalid argument " x" for "--request-timeout" flag: time: invalid duration " x"',
        ),
        (
            ["--secure-port= 0"],
            'invalid argument " 0" for "--secure-port" flag: strconv.ParseInt: parsing " 0": invalid syntax',
        ),
    ],
)
def test_the_api_server_refuses_a_wrong_flag(argv: list[str], told: str) -> None:
    with pytest.raises(FlagError) as refused:
        server_flags(argv)
    assert str(refused.value) == told
