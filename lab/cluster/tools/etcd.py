"""Requests to etcd on the control-plane node: by etcdctl and by its metrics, without the API server."""

import json
import re
from dataclasses import dataclass

from lab.cluster.base import Node, Result
from lab.errors import UnreadableError
from lab.patience import poll

__all__ = ["EtcdStatus", "Load", "alarms", "etcdctl", "load", "make_room", "status"]

_PKI = "/etc/kubernetes/pki/etcd"
_ETCDCTL = (
    "etcdctl",
    "--endpoints=https://127.0.0.1:2379",
    f"--cacert={_PKI}/ca.crt",
    f"--cert={_PKI}/server.crt",
    f"--key={_PKI}/server.key",
)
#: etcd's own metrics port, as kubeadm sets it (--listen-metrics-urls).
METRICS_URL = "http://127.0.0.1:2381/metrics"
_QUOTA = "etcd_server_quota_backend_bytes"
_PUT = "etcd_debugging_mvcc_total_put_size_in_bytes"


@dataclass(frozen=True, slots=True)
class EtcdStatus:
    """The answer of `etcdctl endpoint status`; sizes in bytes."""

    revision: int
    size: int
    in_use: int


@dataclass(frozen=True, slots=True)
class Load:
    """etcd's metrics over a sample: the quota in force in bytes, and the bytes written per second."""

    quota: int
    rate: float


def etcdctl(node: Node, *args: str, timeout: float = 10.0) -> Result:
    """Run etcdctl on `node` with the server's certificate."""
    return node.run([*_ETCDCTL, *args], timeout=timeout)


def status(node: Node) -> EtcdStatus:
    """Return etcd's status.

    Raises:
        UnreadableError: etcd does not answer.

    """
    result = etcdctl(node, "endpoint", "status", "-w", "json", "--command-timeout=4s")
    try:
        said = json.loads(result.stdout)[0]["Status"]
    except (ValueError, LookupError, TypeError):  # etcdctl prints null if nobody answered
        raise UnreadableError("etcd does not answer.", result.stderr[-500:]) from None
    return EtcdStatus(int(said["header"]["revision"]), int(said["dbSize"]), int(said.get("dbSizeInUse", 0)))


def alarms(node: Node) -> list[str]:
    """Return the active alarms, such as `NOSPACE`.

    Raises:
        UnreadableError: etcd does not answer.

    """
    result = etcdctl(node, "alarm", "list", "--command-timeout=4s")
    if not result.ok:
        raise UnreadableError("etcd does not answer.", result.stderr)
    return re.findall(r"alarm:(\w+)", result.stdout)


def load(node: Node, seconds: float) -> Load:
    """Return etcd's quota and its write rate, sampled for `seconds`.

    Raises:
        UnreadableError: etcd does not answer.

    """
    script = f"t() {{ echo now $(date +%s.%N); curl -s -m 3 {METRICS_URL} | grep -E '^({_QUOTA}|{_PUT}) '; }}"
    result = node.run(["bash", "-c", f"{script}; t && sleep {seconds:g} && t"], timeout=seconds + 12)
    # A runtime that can't start the command says so on stdout, in other lines.
    said = [words for line in result.stdout.splitlines() if len(words := line.split()) == 2]
    times, quota, put = ([float(v) for name, v in said if name == which] for which in ("now", _QUOTA, _PUT))
    if len(put) < 2 or not quota:
        raise UnreadableError("etcd's metrics endpoint does not answer.", result.stderr)
    return Load(int(quota[-1]), (put[1] - put[0]) / (times[1] - times[0]))


def make_room(node: Node) -> None:
    """Drop all history, free its space and disarm the alarms. Wait for an etcd that is just starting."""

    def answers() -> EtcdStatus | None:
        try:
            return status(node)
        except UnreadableError:
            return None

    # etcdctl retries after one second at the earliest if nobody listens.
    node.run(["sh", "-c", f"until curl -s -m 2 -o /dev/null {METRICS_URL}; do sleep 0.1; done"], timeout=40)
    found = poll(answers, timeout=40, time=node.time) or status(node)
    compacted = etcdctl(node, "compact", str(found.revision), "--physical", "--command-timeout=60s", timeout=65)
    if not compacted.ok and "has been compacted" not in compacted.stderr:
        compacted.check()
    etcdctl(node, "defrag", "--command-timeout=60s", timeout=65).check()
    etcdctl(node, "alarm", "disarm").check()
