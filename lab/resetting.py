"""Reset: bring a cluster back to its baseline, whatever a trainee did to it."""

from lab import health, injection, repair
from lab.baseline import Baseline
from lab.catalog import faults_at
from lab.cluster.base import Cluster
from lab.cluster.tools import watches
from lab.core.scenario import Loaded
from lab.errors import LabError
from lab.faults.base import Site, Step, Undo
from lab.furnishing import restore
from lab.progress import Progress, step
from lab.store import Store

__all__ = ["revert"]

#: Seconds within which pods become Ready by themselves, if at all (seen: 3 idle, 40 on a busy machine).
_STUCK = 45.0

_START_OVER = "Make a new cluster: kluster delete, kluster create; or try again: kluster reset"


def revert(store: Store, loaded: Loaded, cluster: Cluster, progress: Progress) -> None:
    """Start the nodes' services, revert all faults, and restore settings and workloads.

    Raises:
        LabError: a step failed, or the cluster still differs from its baseline.

    """
    # It may have been paused.
    cluster.release()
    baseline = store.load_baseline()
    try:
        with cluster.hurried():
            with step(progress, "Look after the nodes' services"):
                repair.start_services(cluster, baseline)
            wrong = _revert(store, loaded, cluster, baseline, progress)
    except LabError as error:
        remedy = " ".join(part for part in (error.remedy, _START_OVER) if part)
        raise LabError(f"Lab {store.name} could not be reset: {error.title}", error.detail, remedy) from error
    if wrong:
        title = f"Lab {store.name} was reset, but differs from its baseline."
        raise LabError(title, "\n".join(wrong), _START_OVER)


def _revert(store: Store, loaded: Loaded, cluster: Cluster, baseline: Baseline, progress: Progress) -> list[str]:
    """Revert, and return what still differs."""
    scenario, node = loaded.scenario, cluster.control_plane
    names = [fault.name for fault in scenario.faults]

    def settle(timeout: float) -> list[str]:
        return health.wait_until_well(cluster, store.load_baseline(), scenario, names, timeout=timeout)

    def restored(_: Progress) -> None:
        if renewed := restore(cluster, loaded, baseline):
            store.save_baseline(renewed)

    faults = faults_at(Site(cluster, baseline), scenario.faults)
    also = [Step(Undo.OBJECTS, "restore settings and workloads", restored)]
    renewed = injection.revert(faults, store, progress, also=also)
    with step(progress, "Check that everything works again"), node.time.side_by_side(1) as pool:
        network = pool.submit(watches.wait_until_renewed, cluster, renewed)
        if wrong := settle(min(_STUCK, health.SETTLE)):
            health.replace_unready(node)
            wrong = settle(health.SETTLE)
        network.result()
    return wrong
