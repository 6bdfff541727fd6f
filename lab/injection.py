"""Faults injected and taken back together, stage by stage, each step journalled before it is done."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from lab.cluster.base import Cluster, CommandError, Node
from lab.cluster.tools import api, static_pods, watches
from lab.cluster.tools.containers import Container
from lab.errors import LabError
from lab.faults.base import Evidence, Fault, Stage, StaticPodEdit, Step, Undo
from lab.progress import Progress, step

__all__ = ["Recorder", "inject", "revert"]

S = TypeVar("S", Stage, Undo)

#: How long the API server may take to answer once etcd was made anew, before it is made anew as well, in s.
_API_PATIENCE = 4.0
#: How long a new one may take, in s.
_API_LIMIT = 120.0

_ETCD = "etcd"
_API_SERVER = "kube-apiserver"
#: They would lose their lease to the API server's restart, exit, and wait in back-off. One that starts before it
#: is refused at its first request, RBAC not being read yet, and asks again in 2 to 4.4 s. So they are held.
_LEADERS = ("kube-controller-manager", "kube-scheduler")


class Recorder(Protocol):
    """The journal, as far as an injection needs it."""

    def begin(self, what: str) -> None:
        """Note, durably, that `what` is about to be done."""

    def done(self, what: str) -> None:
        """Note that `what` was done."""


def inject(faults: Mapping[str, Fault], recorder: Recorder, progress: Progress) -> dict[str, Evidence]:
    """Inject `faults` (by name) and return the symptom of each as it was seen.

    Raises:
        NotSeenError: a symptom did not show; what was injected is in the journal.
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
                with step(progress, f"see that it shows: {name}"):
                    seen[name] = fault.observe()
    return seen


def revert(
    faults: Mapping[str, Fault], recorder: Recorder, progress: Progress, *, also: Iterable[Step[Undo]] = ()
) -> Collection[Container]:
    """Take `faults` back, and run the steps `also` beside theirs.

    Safe to run again, and after an injection that was cut off. Return the containers that were started anew
    (`watches.renew`); they are not waited for.

    Raises:
        LabError: a step failed; the rest has not been done.

    """
    plan = [*(part for fault in faults.values() for part in fault.reversal()), *also]
    cluster = next(iter(faults.values())).cluster
    node = cluster.control_plane
    static_pods.mend(node)
    made_anew: list[str] = []
    renewed: Collection[Container] = ()
    for stage in Undo:
        if stage is Undo.OBJECTS:
            # Not before: an API server that finds the store full comes up late.
            with step(progress, "wait for the API server"), ThreadPoolExecutor(max_workers=1) as pool:
                watching = pool.submit(_renew_watches, cluster)
                _wait_for_api(node, made_anew)
                renewed = watching.result()
        made_anew += _run_stage(stage, plan, node, recorder, progress)
    return renewed


def _run_stage(
    stage: S, plan: Sequence[Step[S] | StaticPodEdit[S]], node: Node, recorder: Recorder, progress: Progress
) -> Sequence[str]:
    """Run the parts of `plan` in `stage`; return the components made anew that are to work.

    Those of a reversal run side by side; an injection goes step by step: its journal tells how far.
    """
    parts = [part for part in plan if part.stage is stage]
    edits = [part for part in parts if isinstance(part, StaticPodEdit) and not part.is_done()]
    work = [_Work(part.title, partial(part.run, progress)) for part in parts if isinstance(part, Step)]
    if edits:
        work.append(_Work("; ".join(edit.title for edit in edits), partial(_edit_static_pods, edits, node)))
    for group in [work] if isinstance(stage, Undo) and work else [[each] for each in work]:
        _journalled(group, recorder, progress)
    return [edit.component for edit in edits] if all(edit.works for edit in edits) else []


@dataclass(frozen=True, slots=True)
class _Work:
    """Something to be done under a title."""

    title: str
    run: Callable[[], None]


def _journalled(group: Sequence[_Work], recorder: Recorder, progress: Progress) -> None:
    *beside, last = group
    for each in group:
        recorder.begin(each.title)
    with step(progress, "; ".join(each.title for each in group)), ThreadPoolExecutor() as pool:
        others = [pool.submit(each.run) for each in beside]
        last.run()  # in this thread, where an interrupt ends it at once
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
    """Start anew who watches, while the API server is coming up: a kubelet takes seconds where all is busy."""
    api.wait_until_it_listens(cluster.control_plane, timeout=_API_LIMIT)
    return watches.renew(cluster)


def _wait_for_api(node: Node, made_anew: Sequence[str]) -> None:
    """Wait until the API server answers, after the components `made_anew`; make it anew if it hangs."""
    if _API_SERVER not in made_anew:
        try:
            api.wait_until_ready(node, timeout=_API_PATIENCE)
        except CommandError:
            # An API server that waited long for etcd is in back-off: a new pod starts at once.
            static_pods.replace(node, {}, [_API_SERVER], held=_LEADERS)
        else:
            return
    try:
        api.wait_until_ready(node, timeout=_API_LIMIT)
        # They would wait until the lease that they held themselves has expired.
        api.kubectl(node, "-n", "kube-system", "delete", "lease", *_LEADERS, "--ignore-not-found")
    except CommandError as error:
        raise LabError(
            "The API server does not come back.", str(error), "Look at it with: crictl ps -a; crictl logs ID"
        ) from error
    finally:
        static_pods.release(node)
