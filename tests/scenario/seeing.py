"""How the scenario's tests repair, and look at a score."""

from collections.abc import Sequence

from lab.cluster.tools import api
from lab.core.grading import Score
from lab.lab import Lab
from lab.patience import poll
from lab.progress import Silent
from tests.expected import ALL, SCORES, F

__all__ = ["repair", "scored", "told"]


def repair(lab: Lab, order: Sequence[str]) -> None:
    """Repair a freshly broken lab, one fault after the other, and see it pass the tabled scores from 0 to 100."""
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
    """Return the score once it is `expected`; what follows a repair (a pod that starts) may take its time."""

    def look() -> Score | None:
        score = lab.check()
        if score.state == expected:
            return score
        if score.verdict("system-pods").outcome.blocked_by == F:
            # Away from the API server, CoreDNS reaches it only in the seconds for which a pod's start has turned
            # forwarding on. One that missed them gets another chance.
            dns = ["-n", "kube-system", "delete", "pods", "-l", "k8s-app=kube-dns", "--wait=false"]
            api.kubectl(lab.cluster.control_plane, *dns).check()
        return None

    return poll(look, timeout=90, every=2, time=lab.cluster.control_plane.time) or lab.check()


def told(score: Score) -> str:
    """Return what each check found, for whoever reads why a test failed."""
    return "\n".join(
        f"{v.check.name}: {v.outcome.status.value} {v.points:g}/{v.check.points} {v.outcome.found}"
        for fault in score.faults
        for v in fault.verdicts
    )
