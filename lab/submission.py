"""The end of an attempt: its last look with the drill, and what one that was cut off has left."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from lab import attempts, scoring
from lab.cluster.base import Cluster
from lab.cluster.tools import etcd
from lab.core.drill import DrillStep
from lab.core.grading import Score, Status
from lab.core.scenario import Loaded
from lab.core.score_view import view
from lab.core.session import Ending, Session, State
from lab.drill.base import inconspicuous
from lab.drill.clean import clean
from lab.errors import ExitCode, LabError
from lab.grader import Told
from lab.progress import Progress
from lab.store import Store, now

__all__ = ["DrillRunsError", "free", "last_score", "take_back", "withdraw"]


class DrillRunsError(LabError):
    """A drill has the cluster: failures that a look would find now are not the trainee's."""

    exit_code = ExitCode.BUSY

    def __init__(self) -> None:
        super().__init__(
            "The drill at the end has the cluster.",
            "It reboots nodes and deletes pods, so a check would fail because of it.",
            "Wait for the score; then: kluster status",
        )


def last_score(
    store: Store,
    loaded: Loaded,
    cluster: Cluster,
    *,
    told: Told,
    progress: Progress,
    ended: Callable[[DrillStep], None],
) -> Score:
    """Look thoroughly, hold the drill, and return the score that counts.

    Until the attempt is ended, the session says that a drill is held: the next command takes back one that was cut
    off.
    """
    drill, name = bool(loaded.scenario.drill), inconspicuous()
    with store.update() as session:
        session.drilling, session.drill = drill, []
        session.drill_name = name if drill else ""
    # A simulated cluster waits for a drill at no cost. Without one, a submission takes its minute.
    with cluster.hurried() if drill else nullcontext():
        return scoring.last_look(
            store, loaded, cluster, store.load_baseline(), name=name, told=told, progress=progress, ended=ended
        )


@contextmanager
def free(store: Store) -> Iterator[bool]:
    """Lock the lab while the body runs; with False if another command works on it, such as the drill itself."""
    with ExitStack() as stack:
        try:
            stack.enter_context(store.alone())
        except LabError:
            yield False
            return
        yield True


def take_back(store: Store, cluster: Cluster, *, size: str) -> None:
    """Remove the leftovers of an interrupted drill; if the cluster does not answer, the next command does it."""
    try:
        clean(cluster, store.load().drill_name)
        if store.load().last_statuses.get(size) == Status.PASS.value:
            etcd.make_room(cluster.control_plane)
    except LabError:
        return
    with store.update() as session:
        session.drilling, session.drill = False, []
    store.event("drill", "It was interrupted, and its objects were removed.")


def withdraw(store: Store, loaded: Loaded, session: Session) -> None:
    """End the attempt of `session` without a look and without points, and record it."""
    score = scoring.unseen(session, loaded, "the lab was removed")
    session.end(State.GIVEN_UP, Ending.WITHDRAWN, now())
    session.final = view(loaded.scenario, loaded.solution, session, score).as_data()
    attempts.record(store, session, loaded.scenario.name)
