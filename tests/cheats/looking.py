"""Looks at a case of the corpus."""

from lab import grader, scoring
from lab.cluster.base import Cluster
from lab.core.grading import Score, Status
from lab.lab import Lab
from tests.cheats.case import Case

__all__ = ["quick", "turned", "whole"]


def quick(lab: Lab, cluster: Cluster) -> Score:
    """Look as a quick check does."""
    seen = grader.look(cluster, lab.baseline(), lab.scenario, lab.session.injected)
    return scoring.score(lab.session, lab.loaded, seen)


def whole(score: Score) -> Score | None:
    """Return the score if it is the maximum; otherwise fail."""
    return score if score.state == score.maximum else None


def turned(score: Score, case: Case) -> bool:
    """Whether the named check does not pass, or the named gate is tripped."""
    if any(gate.name == case.turns and gate.tripped for gate in score.gates):
        return True
    statuses = {verdict.check.name: verdict.outcome.status for fault in score.faults for verdict in fault.verdicts}
    return statuses.get(case.turns, Status.PASS) is not Status.PASS
