"""Repairs and score checks for the scenario's tests."""

from collections.abc import Sequence

from lab.cluster.tools import api
from lab.core.grading import Score
from lab.lab import Lab
from lab.patience import poll
from lab.progress import Silent
from tests.expected import ALL, SCORES, F

__all__ = ["repair", "scored", "told"]


def repair(lab: Lab, order: Sequence[str]) -> None:
    """Repair a freshly broken lab, one fault after the other, and check the tabled scores from 0 to 100."""
    fresh = lab.check()
    assert fresh.state == 0, told(fresh)
    assert all(fault.points == 0 for fault in fresh.faults)
    left = set(ALL)
    for fault in order:
        lab.solve([fault], Silent())
        lab.diagnose_as_solved([fault])
        left.remove(fault)
        score = scored(lab, SCORES[frozenset(left)])
        assert score.state == SCORES[frozenset(left)], told(score)
    again = lab.check()
    assert again.state == 100, told(again)


def scored(lab: Lab, expected: float) -> Score:
    """Return the score once it is `expected`; effects of a repair (a starting pod) may take time."""

    def look() -> Score | None:
        score = lab.check()
        if score.state == expected:
            return score
        if score.verdict("system-pods").outcome.blocked_by == F:
            # CoreDNS on another node reaches the API server only in the seconds in which a starting pod has turned
            # forwarding on. If it missed them, it gets another chance.
            dns = ["-n", "kube-system", "delete", "pods", "-l", "k8s-app=kube-dns", "--wait=false"]
            api.kubectl(lab.cluster.control_plane, *dns).check()
        return None

    return poll(look, timeout=90, every=2, time=lab.cluster.control_plane.time) or lab.check()


def told(score: Score) -> str:
    """Return each check's finding, to explain a failed test."""
    return "\n".join(
        f"{v.check.name}: {v.outcome.status.value} {v.points:g}/{v.check.points} {v.outcome.found}"
        for fault in score.faults
        for v in fault.verdicts
    )
