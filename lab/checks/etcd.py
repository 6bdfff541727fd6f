"""Checks of the etcd fault: that it runs, writes, alarm, size, quota and churn."""

import secrets

from lab.checks.base import CheckKind, Parameters
from lab.checks.round import Round
from lab.cluster.tools import etcd
from lab.core.grading import Outcome

__all__ = ["KINDS"]

MIB = 1024 * 1024
GIB = 1024 * MIB
#: A write rate above this is no housekeeping: a healthy idle cluster puts 2-10 kB a second (leases, events).
_STEADY = 50_000

#: Creates, reads and deletes a ConfigMap; says which of the three failed.
_CANARY = """
ask() { kubectl --request-timeout=5s -n default "$@" >/dev/null || { echo "$1"; exit 1; }; }
ask create configmap "$1" && ask get configmap "$1" && ask delete configmap "$1" --wait=false
"""


def _runs(look: Round, _: Parameters) -> Outcome:
    """Its container runs, and it answers."""
    expected = "etcd's container runs, and etcd answers"
    if not look.views()[look.node.name].runs("etcd", "kube-system"):
        return Outcome.failed("no container of etcd runs", expected)
    look.etcd_status()
    return Outcome.passed(expected)


def _writes(look: Round, _: Parameters) -> Outcome:
    """Create, read and delete a canary."""
    name = f"kluster-canary-{secrets.token_hex(4)}"
    expected = "a canary is created, read and deleted"
    result = look.node.run(["bash", "-c", _CANARY, "canary", name], timeout=8)
    if result.ok:
        return Outcome.passed(expected)
    said = (result.stderr.strip().splitlines() or ["nothing was said"])[-1]
    if any(word in said for word in ("etcdserver:", "forbidden", "Forbidden")):
        return Outcome.failed(f"{result.stdout.strip()} was refused: {said}", expected)
    return Outcome.unreadable(f"the API server gave no answer: {said}", expected)


def _alarm(look: Round, _: Parameters) -> Outcome:
    """No alarm is on."""
    alarms = etcd.alarms(look.node)
    return Outcome.failed(f"alarm: {', '.join(alarms)}", "no alarm") if alarms else Outcome.passed("no alarm")


class _Size(Parameters):
    #: What the churn wrote, of which a quarter may be left, in MiB: the quota that it filled.
    churn_mib: int


def _size(look: Round, parameters: _Size) -> Outcome:
    """The database is at most as large as the baseline plus a quarter of the churn.

    By `endpoint status`: the file on disk is preallocated and does not tell.
    """
    limit = look.baseline.etcd_size + parameters.churn_mib * MIB // 4
    size = look.etcd_status().size
    found, expected = f"{size / MIB:.1f} MiB", f"at most {limit / MIB:.1f} MiB"
    return Outcome.passed(found) if size <= limit else Outcome.failed(found, expected)


class _Limits(Parameters):
    #: How long what is written is sampled, in s.
    seconds: float = 2.5


def _limits(look: Round, parameters: _Limits) -> Outcome:
    """The quota is between 2 and 8 GiB (as 0 and no flag are, too), and hardly anything is being written."""
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
