"""The user's view and the cluster's health: checks of a scenario outside of grading."""

from collections.abc import Sequence

from lab import grader
from lab.baseline import Baseline
from lab.catalog import CHECKS
from lab.cluster.base import Cluster, Node
from lab.cluster.tools import api
from lab.core.grading import Outcome, Status
from lab.core.scenario import END_TO_END, CheckSpec, Scenario
from lab.errors import UnreadableError
from lab.patience import poll

__all__ = ["SETTLE", "ends_that_hold", "replace_unready", "wait_until_well"]

#: Seconds that a repaired cluster may take to settle (seen: 5 idle, 90 on a busy machine).
SETTLE = 120.0
#: For a quick look: the limit of a request in s, and the duration of a sample in s.
_QUICK = {"limit": 3.0, "seconds": 1.0}


def ends_that_hold(cluster: Cluster, baseline: Baseline, scenario: Scenario, injected: Sequence[str]) -> list[str]:
    """Return the end-to-end checks that pass. The limits are short: a check that holds passes at once."""
    outcomes = _asked(
        [_impatient(check) for check in scenario.checks_of(END_TO_END)], cluster, baseline, scenario, injected
    )
    return [name for name, outcome in outcomes.items() if outcome.status is Status.PASS]


def wait_until_well(
    cluster: Cluster, baseline: Baseline, scenario: Scenario, faults: Sequence[str], *, timeout: float
) -> list[str]:
    """Wait at most about `timeout` s until all repair checks of `faults` and of the end to end have passed.

    Return the remaining problems as text. A cluster settles after its repair: pods become Ready, and each node's
    pod network processes changed policies. A check that has passed is not repeated. Checks that ask from pods come
    last.
    """
    asked = {*faults, END_TO_END}
    repairs = [_impatient(each) for each in scenario.checks if each.type == "repair" and each.fault in asked]
    left: list[str] = []

    def well() -> bool:
        first = [check for check in repairs if not CHECKS[check.kind].needs_pods]
        outcomes = _asked(first or repairs, cluster, baseline, scenario, faults)
        passed = {name for name, outcome in outcomes.items() if outcome.status is Status.PASS}
        repairs[:] = [check for check in repairs if check.name not in passed]
        left[:] = [
            f"{check.name}: {outcomes[check.name].found if check.name in outcomes else 'not checked yet'}"
            for check in repairs
        ]
        return not left

    poll(well, timeout=timeout, time=cluster.control_plane.time)
    return left


def replace_unready(node: Node) -> list[str]:
    """Delete the pods that are not Ready, so that their owners recreate them; return their names.

    A pod may be stuck forever: with another pod's address after its node was killed, or with a changed image.
    """
    try:
        pods = api.get(node, "pods", "-A")["items"]
    except UnreadableError:
        return []
    stuck = [
        pod["metadata"]
        for pod in pods
        if not api.is_ready(pod)
        and pod["status"].get("phase") not in {"Succeeded", "Failed"}
        and "ownerReferences" in pod["metadata"]
    ]
    for pod in stuck:
        now = ("--force", "--grace-period=0", "--wait=false")
        api.kubectl(node, "-n", pod["namespace"], "delete", "pod", pod["name"], *now)
    return [pod["name"] for pod in stuck]


def _asked(
    checks: Sequence[CheckSpec], cluster: Cluster, baseline: Baseline, scenario: Scenario, faults: Sequence[str]
) -> dict[str, Outcome]:
    part = scenario.model_copy(update={"checks": list(checks), "gates": []})
    return grader.look(cluster, baseline, part, faults).outcomes


def _impatient(check: CheckSpec) -> CheckSpec:
    known = CHECKS[check.kind].parameter_model.model_fields
    quick = {name: value for name, value in _QUICK.items() if name in known}
    return check.model_copy(update={"parameters": {**check.parameters, **quick}})
