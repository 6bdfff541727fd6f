"""The lab's furnishing of a new cluster, and its restoration at a reset: workloads, settings, the baseline."""

from lab import baseline as baselines
from lab import repair
from lab.baseline import SYSTEM_WORKLOADS, Baseline
from lab.cluster.base import Cluster
from lab.cluster.tools import api
from lab.core.scenario import Loaded, Scenario
from lab.deny_test import live_deny_test
from lab.errors import LabError
from lab.progress import Progress, step

__all__ = ["furnish", "restore"]


def furnish(cluster: Cluster, loaded: Loaded, progress: Progress) -> Baseline:
    """Start the workloads on a new cluster, see that it enforces policies, and return the baseline.

    Raises:
        LabError: the cluster enforces no policies, or the workloads do not start.

    """
    with step(progress, "Start the workloads"), cluster.control_plane.time.side_by_side(1) as pool:
        trial = pool.submit(live_deny_test, cluster)
        for manifest in loaded.manifests.values():
            api.apply(cluster.control_plane, manifest)
        _wait_for_workloads(cluster, loaded.scenario)
        policies = trial.result()
    if not policies.ok:
        raise LabError("This cluster does not enforce NetworkPolicies.", policies.found, policies.remedy)
    with step(progress, "Take the baseline"):
        return baselines.take(cluster, loaded.scenario)


def restore(cluster: Cluster, loaded: Loaded, baseline: Baseline) -> Baseline | None:
    """Put settings and workloads back to `baseline`; return a new baseline if workloads had to be recreated."""
    manifests = loaded.manifests.values()
    with cluster.control_plane.time.side_by_side(2) as pool:
        files = pool.submit(repair.restore_files, cluster, baseline)
        # A lab without a drill compares no rights, and its baseline knows no roles.
        added = pool.submit(repair.remove_added, cluster.control_plane, baseline) if baseline.roles else None
        renewed = None
        if not baselines.holds(baseline, cluster, loaded.scenario, manifests):
            api.apply(cluster.control_plane, "\n---\n".join(manifests), validate=False)
            _wait_for_workloads(cluster, loaded.scenario)
            renewed = baselines.renew(baseline, cluster, loaded.scenario)
        files.result()
        if added:
            added.result()
    return renewed


def _wait_for_workloads(cluster: Cluster, scenario: Scenario, timeout: int = 120) -> None:
    """Wait until the rollout of every workload, the system's too, is complete."""
    spaces: dict[str, list[str]] = {}
    for workload in [*SYSTEM_WORKLOADS, *scenario.workloads.objects]:
        spaces.setdefault(workload.namespace, []).append(f"{workload.kind.lower()}/{workload.name}")
    api.wait_for_rollouts(cluster.control_plane, spaces, timeout=timeout)
