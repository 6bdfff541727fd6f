"""How the scenario's tests look at a score."""

from lab.cluster import api
from lab.core.grading import Score
from lab.lab import Lab
from lab.patience import poll
from tests.expected import F

__all__ = ["scored", "told"]


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
