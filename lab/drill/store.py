"""Step *store*: etcd still has this attempt's mark, nothing fills it, and there is room to write."""

import secrets
from typing import TYPE_CHECKING

from lab.cluster.base import Node
from lab.cluster.tools import api, etcd
from lab.core.drill import Found, Tripped
from lab.drill.base import Ground, Kind, Shown
from lab.errors import LabError

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["KIND", "plant"]

#: An annotation of kube-system, since the namespace and its annotations persist.
_MARK = "kluster.dev/attempt"
#: A write rate above that of any healthy cluster, in bytes a second.
_STEADY = 50_000
#: The test write: ConfigMaps of 0.9 MB.
_PIECES = 9
_WRITE = f"""
text=$(mktemp)
trap 'rm -f "$text"' EXIT
head -c 900000 /dev/zero | tr '\\0' . >"$text"
for piece in $(seq {_PIECES}); do
  kubectl -n "$1" create configmap "piece-$piece" --from-file=text="$text" >/dev/null || exit
done
"""


def plant(node: Node) -> str:
    """Write a random mark into the cluster and return it: a restored older store does not have it."""
    mark = secrets.token_hex(8)
    api.kubectl(node, "annotate", "namespace", "kube-system", f"{_MARK}={mark}", "--overwrite").check()
    return mark


def _store(ground: Ground) -> Shown:
    """Read the mark, check the write rate since the reboot, and write 8 MB; return the problems."""
    lost = _lost_mark(ground)
    if not ground.passed("api-writes"):
        return Shown("the store takes no writes", tripped=lost, skipped=not lost)
    found = []
    if ground.load is not None:
        found.append(_filled(ground.load))
    found.append(_room(ground))
    wrong = [*(each.found for each in found if not each.ok), *(each.found for each in lost)]
    rate = "almost nothing is written while nobody works, and 8 MB more fit"
    return Shown("; ".join(wrong) or f"the store belongs to this attempt; {rate}", found, lost)


def _lost_mark(ground: Ground) -> list[Tripped]:
    if not ground.mark:
        return []
    said = api.get(ground.node, "namespace", "kube-system")["metadata"].get("annotations", {})
    if said.get(_MARK) == ground.mark:
        return []
    return [Tripped("same-cluster", "the mark from the start of the attempt is not in the store")]


def _filled(measured: "Future[etcd.Load]") -> Found:
    try:
        load = measured.result()
    except LabError:
        return Found("etcd-limits", ok=False, found="etcd's metrics gave no answer", expected="an answer")
    return Found(
        "etcd-limits",
        ok=load.rate <= _STEADY,
        found=f"{load.rate / 1000:.0f} kB/s are written while nobody works",
        expected=f"at most {_STEADY / 1000:.0f} kB/s after the reboot",
    )


def _room(ground: Ground) -> Found:
    written = ground.node.run(["bash", "-c", _WRITE, "write", ground.space], timeout=60)
    alarms = etcd.alarms(ground.node)
    api.kubectl(ground.node, "-n", ground.space, "delete", "configmaps", "--all", "--wait=false")
    if ground.passed("etcd-size"):
        # If the submission is interrupted, the attempt continues and must find the store unchanged.
        etcd.make_room(ground.node)
    ok = written.ok and not alarms
    said = (written.stderr.strip().splitlines() or ["it was refused"])[-1]
    return Found(
        "etcd-limits",
        ok=ok,
        found=f"8 MB more do not fit: {', '.join(alarms) or said}",
        expected="room for 8 MB more, and no alarm after it",
    )


KIND = Kind(_store, "Look for this attempt's mark in the store, and write 8 MB", ("etcd-limits",))
