"""Break: inject faults into a healthy cluster, and begin the attempt."""

from collections.abc import Sequence

from lab import attempts, health, injection
from lab.catalog import faults_at
from lab.cluster.base import Cluster
from lab.core.scenario import FaultSpec, Loaded
from lab.core.session import State
from lab.drill.store import plant
from lab.faults.base import Site
from lab.progress import Progress, step
from lab.store import Store, now

__all__ = ["begin_attempt"]


def begin_attempt(
    store: Store, loaded: Loaded, cluster: Cluster, specs: Sequence[FaultSpec], progress: Progress
) -> None:
    """Inject the faults `specs`, note their symptoms in the session, and start the clock.

    Raises:
        LabError: a step failed; the lab stays as it is then, until it is reset.

    """
    scenario, names, baseline = loaded.scenario, [spec.name for spec in specs], store.load_baseline()
    with cluster.hurried():
        mark = plant(cluster.control_plane) if "store" in scenario.drill else ""
        seen = injection.inject(faults_at(Site(cluster, baseline), specs), store, progress)
        with step(progress, "Try the user's curl"):
            left_out = health.ends_that_hold(cluster, baseline, scenario, names)
    with store.update() as session:
        session.begin_attempt(names, now(), minutes=scenario.minutes)
        session.evidence = {name: f"{e.asked}: {e.answered}" for name, e in seen.items()}
        session.left_out = left_out
        session.mark = mark
        session.enter(State.BROKEN)
        attempts.begin(store, session, scenario.name)
    store.event("broken", "the clock started")
