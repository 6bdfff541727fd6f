"""Injection and reversal of faults together, stage by stage. Each step is journalled before it runs."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from lab.cluster.base import Cluster, CommandError, Node
from lab.cluster.tools import api, static_pods, watches
from lab.cluster.tools.containers import Container
from lab.errors import LabError
from lab.faults.base import Evidence, Fault, Stage, StaticPodEdit, Step, Undo
from lab.patience import Time
from lab.progress import Progress, step

__all__ = ["Recorder", "inject", "revert"]

S = TypeVar("S", Stage, Undo)

#: Seconds that the API server may take to answer after etcd was recreated, before it is recreated as well.
_API_PATIENCE = 4.0
#: Seconds that a recreated API server may take.
_API_LIMIT = 120.0

_ETCD = "etcd"
_API_SERVER = "kube-apiserver"
#: During the API server's restart they would lose their lease, exit, and wait in back-off. One that starts before
#: the API server is refused at its first request, because RBAC is not loaded, and retries after 2 to 4.4 s. So
#: they are held.
_LEADERS = ("kube-controller-manager", "kube-scheduler")


class Recorder(Protocol):
    """The part of the journal that an injection needs."""

    def begin(self, what: str) -> None:
        """Record durably that `what` is about to be done."""

    def done(self, what: str) -> None:
        """Record that `what` was done."""


def inject(faults: Mapping[str, Fault], recorder: Recorder, progress: Progress) -> dict[str, Evidence]:
    """Inject `faults` (by name) and return the observed symptom of each.

    Raises:
        NotSeenError: a symptom did not appear; the journal lists what was injected.
        LabError: a step failed.

    """
    for fault in faults.values():
        fault.verify_baseline()
    plan = [part for fault in faults.values() for part in fault.injection()]
    seen: dict[str, Evidence] = {}
    node = next(iter(faults.values())).node
    for stage in Stage:
        if made_anew := _run_stage(stage, plan, node, recorder, progress):
            with step(progress, "wait for the API server"):
                _wait_for_api(node, made_anew)
        for name, fault in faults.items():
            if fault.seen_after is stage:
                with step(progress, f"wait until it shows: {name}"):
                    seen[name] = fault.observe()
    return seen


def revert(
    faults: Mapping[str, Fault], recorder: Recorder, progress: Progress, *, also: Iterable[Step[Undo]] = ()
) -> Collection[Container]:
    """Revert `faults`, and run the steps `also` beside theirs.

    It can run again, and after an interrupted injection. Return the containers that were restarted
    (`watches.renew`); nothing waits for them.

    Raises:
        LabError: a step failed; the remaining steps did not run.

    """
    plan = [*(part for fault in faults.values() for part in fault.reversal()), *also]
    cluster = next(iter(faults.values())).cluster
    node = cluster.control_plane
    static_pods.mend(node)
    made_anew: list[str] = []
    renewed: Collection[Container] = ()
    for stage in Undo:
        if stage is Undo.OBJECTS:
            # Not earlier: an API server that finds the store full starts late.
            with step(progress, "wait for the API server"), node.time.side_by_side(1) as pool:
                watching = pool.submit(_renew_watches, cluster)
                _wait_for_api(node, made_anew)
                renewed = watching.result()
        made_anew += _run_stage(stage, plan, node, recorder, progress)
    return renewed


def _run_stage(
    stage: S, plan: Sequence[Step[S] | StaticPodEdit[S]], node: Node, recorder: Recorder, progress: Progress
) -> Sequence[str]:
    """Run the parts of `plan` in `stage`; return the recreated components that must work afterwards.

    Steps of a reversal run in parallel. Steps of an injection run one by one, so that the journal shows how far it
    got.
    """
    parts = [part for part in plan if part.stage is stage]
    edits = [part for part in parts if isinstance(part, StaticPodEdit) and not part.is_done()]
    work = [_Work(part.title, partial(part.run, progress)) for part in parts if isinstance(part, Step)]
    if edits:
        work.append(_Work("; ".join(edit.title for edit in edits), partial(_edit_static_pods, edits, node)))
    for group in [work] if isinstance(stage, Undo) and work else [[each] for each in work]:
        _journalled(group, node.time, recorder, progress)
    return [edit.component for edit in edits] if all(edit.works for edit in edits) else []


@dataclass(frozen=True, slots=True)
class _Work:
    """A piece of work with a title."""

    title: str
    run: Callable[[], None]


def _journalled(group: Sequence[_Work], time: Time, recorder: Recorder, progress: Progress) -> None:
    *beside, last = group
    for each in group:
        recorder.begin(each.title)
    with step(progress, "; ".join(each.title for each in group)), time.side_by_side(len(group)) as pool:
        others = [pool.submit(each.run) for each in beside]
        last.run()  # in this thread, which an interrupt ends at once
        for other in others:
            other.result()
    for each in group:
        recorder.done(each.title)


def _edit_static_pods(edits: Sequence[StaticPodEdit[S]], node: Node) -> None:
    files: dict[str, str] = {}
    for edit in edits:
        files.update(edit.files())
    components = sorted((edit.component for edit in edits), key=lambda name: name != _ETCD)
    held = _LEADERS if _API_SERVER in components and all(edit.works for edit in edits) else ()
    static_pods.replace(node, files, components, held=held, cut_off=_ETCD in components)


def _renew_watches(cluster: Cluster) -> Collection[Container]:
    """Restart the API's watchers while the API server starts. On a busy node a kubelet takes seconds for it."""
    api.wait_until_it_listens(cluster.control_plane, timeout=_API_LIMIT)
    return watches.renew(cluster)


def _wait_for_api(node: Node, made_anew: Sequence[str]) -> None:
    """Wait until the API server answers after `made_anew` were restarted; recreate it if it hangs."""
    if _API_SERVER not in made_anew:
        try:
            api.wait_until_ready(node, timeout=_API_PATIENCE)
        except CommandError:
            # An API server that waited long for etcd is in back-off. A new pod starts at once.
            static_pods.replace(node, {}, [_API_SERVER], held=_LEADERS)
        else:
            return
    try:
        api.wait_until_ready(node, timeout=_API_LIMIT)
        # Otherwise they would wait until their own old lease expires.
        api.kubectl(node, "-n", "kube-system", "delete", "lease", *_LEADERS, "--ignore-not-found")
    except CommandError as error:
        raise LabError(
            "The API server does not come back.", str(error), "Look at it with: crictl ps -a; crictl logs ID"
        ) from error
    finally:
        static_pods.release(node)
