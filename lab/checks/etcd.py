"""Checks of the etcd fault: it runs, writes work; alarm, size, quota and churn."""

import secrets

from lab.checks.base import CheckKind, Parameters
from lab.checks.round import Round
from lab.cluster.tools import etcd
from lab.core.grading import Outcome

__all__ = ["KINDS"]

MIB = 1024 * 1024
GIB = 1024 * MIB
#: A write rate above this is not normal: a healthy idle cluster writes 2-10 kB a second (leases, events).
_STEADY = 50_000

#: Creates, reads and deletes a ConfigMap; prints which of the three failed.
_CANARY = """
ask() { kubectl --request-timeout=5s -n default "$@" >/dev/null || { echo "$1"; exit 1; }; }
ask create configmap "$1" && ask get configmap "$1" && ask delete configmap "$1" --wait=false
"""


def _runs(look: Round, _: Parameters) -> Outcome:
    """Check that etcd's container runs and that etcd answers."""
    expected = "etcd's container runs, and etcd answers"
    if not look.views()[look.node.name].runs("etcd", "kube-system"):
        return Outcome.failed("no container of etcd runs", expected)
    look.etcd_status()
    return Outcome.passed(expected)


def _writes(look: Round, _: Parameters) -> Outcome:
    """Check that a canary can be created, read and deleted."""
    name = f"kluster-canary-{secrets.token_hex(4)}"
    expected = "a canary is created, read and deleted"
    result = look.node.run(["bash", "-c", _CANARY, "canary", name], timeout=8)
    if result.ok:
        return Outcome.passed(expected)
    said = (result.stderr.strip().splitlines() or ["it printed nothing"])[-1]
    if any(word in said for word in ("etcdserver:", "forbidden", "Forbidden")):
        return Outcome.failed(f"{result.stdout.strip()} was refused: {said}", expected)
    return Outcome.unreadable(f"the API server gave no answer: {said}", expected)


def _alarm(look: Round, _: Parameters) -> Outcome:
    """Check that no alarm is on."""
    alarms = etcd.alarms(look.node)
    return Outcome.failed(f"alarm: {', '.join(alarms)}", "no alarm") if alarms else Outcome.passed("no alarm")


class _Size(Parameters):
    #: Size of the churn in MiB, which equals the quota that the churn filled. A quarter of it may remain.
    churn_mib: int


def _size(look: Round, parameters: _Size) -> Outcome:
    """Check that the database is at most as large as the baseline plus a quarter of the churn.

    The size comes from `endpoint status`, because the file on disk is preallocated.
    """
    limit = look.baseline.etcd_size + parameters.churn_mib * MIB // 4
    size = look.etcd_status().size
    found, expected = f"{size / MIB:.1f} MiB", f"at most {limit / MIB:.1f} MiB"
    return Outcome.passed(found) if size <= limit else Outcome.failed(found, expected)


class _Limits(Parameters):
    #: Duration of the sample of the write rate, in s.
    seconds: float = 2.5


def _limits(look: Round, parameters: _Limits) -> Outcome:
    """Check that the quota is 2 to 8 GiB (0 and no flag mean 2 GiB), and that almost nothing is written."""
    load = etcd.load(look.node, parameters.seconds)
    found = f"quota {load.quota / GIB:.2f} GiB, {load.rate / 1000:.0f} kB/s written"
    if 2 * GIB <= load.quota <= 8 * GIB and load.rate <= _STEADY:
        return Outcome.passed(found)
    return Outcome.failed(found, f"a quota of 2 to 8 GiB and at most {_STEADY / 1000:.0f} kB/s written")


KINDS = {
    "etcd-runs": CheckKind(_runs),
    "api-writes": CheckKind(_writes),
    "etcd-alarm": CheckKind(_alarm),
    "etcd-size": CheckKind(_size, _Size),
    "etcd-limits": CheckKind(_limits, _Limits),
}
