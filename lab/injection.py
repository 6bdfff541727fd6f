"""Faults injected and taken back together, stage by stage, each step journalled before it is done."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, TypeVar

from lab.cluster import api, static_pods
from lab.cluster.base import CommandError, Node
from lab.errors import LabError
from lab.faults.base import Evidence, Fault, Stage, StaticPodEdit, Step, Undo
from lab.progress import Progress, step

__all__ = ["Recorder", "inject", "revert"]

S = TypeVar("S", Stage, Undo)

#: How long the API server may take to answer once etcd was made anew, before it is made anew as well, in s.
_API_PATIENCE = 4.0

_API_SERVER = "kube-apiserver"
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
    for stage in Stage:
        _run_stage(stage, plan, next(iter(faults.values())).node, recorder, progress)
        for name, fault in faults.items():
            if fault.seen_after is stage:
                with step(progress, f"see that it shows: {name}"):
                    seen[name] = fault.observe()
    return seen


def revert(faults: Mapping[str, Fault], recorder: Recorder, progress: Progress) -> None:
    """Take `faults` back. Safe to run again, and after an injection that was cut off.

    Raises:
        LabError: a step failed; the rest has not been done.

    """
    plan = [part for fault in faults.values() for part in fault.reversal()]
    node = next(iter(faults.values())).node
    static_pods.mend(node)
    for stage in Undo:
        _run_stage(stage, plan, node, recorder, progress)


def _run_stage(
    stage: S, plan: Sequence[Step[S] | StaticPodEdit[S]], node: Node, recorder: Recorder, progress: Progress
) -> None:
    parts = [part for part in plan if part.stage is stage]
    edits = [part for part in parts if isinstance(part, StaticPodEdit)]
    for part in parts:
        if isinstance(part, Step):
            _journalled(part.title, partial(part.run, progress), recorder, progress)
    if edits:
        title = "; ".join(edit.title for edit in edits)
        _journalled(title, partial(_edit_static_pods, edits, node), recorder, progress)


def _journalled(title: str, run: Callable[[], None], recorder: Recorder, progress: Progress) -> None:
    recorder.begin(title)
    with step(progress, title):
        run()
    recorder.done(title)


def _edit_static_pods(edits: Sequence[StaticPodEdit[S]], node: Node) -> None:
    files: dict[str, str] = {}
    for edit in edits:
        files.update(edit.files())
    components = [edit.component for edit in edits]
    if not all(edit.works for edit in edits):
        static_pods.replace(node, files, components, cut_off=True)
    elif _API_SERVER in components:
        _restart_with_clients(node, files, components)
    else:
        static_pods.replace(node, files, components)
        try:
            api.wait_until_ready(node, timeout=_API_PATIENCE)
        except CommandError:
            # An API server that waited long for etcd is in back-off: a new pod starts at once.
            _restart_with_clients(node, {}, [_API_SERVER])


def _restart_with_clients(node: Node, files: Mapping[str, str], components: Sequence[str]) -> None:
    """Make `components` anew together with those that would lose their lease to the API server's restart.

    They would exit, wait in back-off, and then wait again until the lease that they held themselves has expired.
    """
    static_pods.replace(node, files, [*components, *_LEADERS])
    try:
        api.wait_until_ready(node, timeout=120)
    except CommandError as error:
        raise LabError(
            "The API server does not come back.", str(error), "Look at it with: crictl ps -a; crictl logs ID"
        ) from error
    api.kubectl(node, "-n", "kube-system", "delete", "lease", *_LEADERS, "--ignore-not-found")
