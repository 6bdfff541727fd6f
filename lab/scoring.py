"""From a look at the cluster to the score of an attempt, including the changes of the session."""

from collections.abc import Callable
from datetime import datetime

from lab import grader
from lab.baseline import Baseline
from lab.cluster.base import Cluster
from lab.core.drill import DrillStep
from lab.core.grading import Outcome, Score, grade
from lab.core.scenario import Loaded
from lab.core.session import Earned, Mode, Session
from lab.drill.run import hold
from lab.grader import Observed, Told
from lab.progress import Progress
from lab.store import Store, now

__all__ = ["last_look", "look", "score", "unseen"]


def look(
    store: Store,
    loaded: Loaded,
    cluster: Cluster,
    baseline: Baseline,
    *,
    told: Told,
    need_no_drill: Callable[[], None],
) -> Score:
    """Look at the cluster quickly, note which checks have changed, and return the score.

    Failures that a drill caused are not noted: `need_no_drill` raises an error while one runs.
    """
    session, began = store.load(), now()
    with cluster.snapshot() as seen:
        observed = grader.look(seen, baseline, loaded.scenario, session.injected, told=told)
    need_no_drill()
    found = score(store.load(), loaded, observed)
    _note_changes(store, observed, found, began, session.started, last=False)
    return found


def last_look(
    store: Store,
    loaded: Loaded,
    cluster: Cluster,
    baseline: Baseline,
    *,
    name: str,
    told: Told,
    progress: Progress,
    ended: Callable[[DrillStep], None],
) -> Score:
    """Look thoroughly and run the scenario's drill; record the results, and return the final score."""
    session, began = store.load(), now()

    def note(step: DrillStep) -> None:
        with store.update() as kept:
            kept.drill.append(step)
        store.event(
            "drill", f"{step.title}: {step.shown}", step=step.name, status=step.status, seconds=step.seconds
        )
        ended(step)

    drilled = hold(
        cluster,
        baseline,
        loaded.scenario,
        session.injected,
        mark=session.mark,
        name=name,
        recorder=store,
        progress=progress,
        told=told,
        ended=note,
    )
    found = score(store.load(), loaded, drilled.observed)
    _note_changes(store, drilled.observed, found, began, session.started, last=True)
    return found


def score(session: Session, loaded: Loaded, observed: Observed) -> Score:
    """Return the score of the `observed` outcomes, with the diagnosis and hints of the attempt of `session`."""
    return grade(
        loaded.scenario,
        observed.outcomes,
        injected=session.injected,
        gates=observed.gates,
        diagnosis=session.diagnosis,
        answers=loaded.solution.diagnosis,
        left_out=session.left_out,
        hint_tiers=session.hint_tiers,
        viewed=() if session.mode is Mode.REHEARSAL else session.viewed,
    )


def unseen(session: Session, loaded: Loaded, why: str) -> Score:
    """Return the score of an attempt that ended without a look: no points, and `why` no check could be read."""
    outcomes = dict.fromkeys((check.name for check in loaded.scenario.checks), Outcome.unreadable(why))
    return grade(loaded.scenario, outcomes, injected=session.injected, left_out=session.left_out)


def _note_changes(
    store: Store, observed: Observed, found: Score, began: datetime, attempt: datetime | None, *, last: bool
) -> None:
    """Record the results of a look that `began` then. Results of a later look stay, unless this is the `last`."""
    with store.update() as session:
        # Looks overlap, and one may outlast the attempt that it was for.
        outdated = not last and session.looked is not None and began < session.looked
        if session.over or session.started != attempt or outdated:
            return
        session.looked, session.maximum = began, found.maximum
        session.earned = {fault.name: Earned(points=fault.points, maximum=fault.maximum) for fault in found.faults}
        for name, outcome in observed.outcomes.items():
            before = session.last_statuses.get(name)
            if before != outcome.status.value:
                session.last_statuses[name] = outcome.status.value
                store.event("turned", f"{name}: {outcome.status.value}", check=name, was=before)
        for fault in found.faults:
            if fault.solved and fault.name not in session.repaired:
                session.repaired[fault.name] = session.clock(now())
