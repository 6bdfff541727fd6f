"""A fault: steps that inject it, a symptom to observe, steps that revert it.

Several faults are injected together, and the order matters: once etcd is down nothing works that needs the API, a
full etcd refuses all writes, and no new policy is enforced without the pods of the pod network. Without forwarding
no connection shows whether a policy is in force. Each step names its stage. The stages of all faults run in order.
A fault that can come at several times has a stage for each, and a parameter that chooses.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from lab.baseline import Baseline
from lab.cluster.base import Cluster
from lab.cluster.tools import static_pods
from lab.errors import LabError
from lab.progress import Progress

__all__ = [
    "NAME",
    "Evidence",
    "Fault",
    "NotSeenError",
    "Parameters",
    "Site",
    "Stage",
    "StaticPodEdit",
    "Step",
    "Undo",
]


#: A name for objects, files and units alike.
NAME = r"^[a-z][-a-z0-9]{0,40}[a-z0-9]$"


class Stage(IntEnum):
    """The stage in which a step of an injection runs."""

    OBJECTS = 1
    STATIC_PODS = 2
    #: Objects that come when the API server's settings have changed already.
    LATE_OBJECTS = 3
    #: Settings of the nodes, before the system's pods are gone.
    EARLY_NODES = 4
    SYSTEM_PODS = 5
    CHURN = 6
    NODES = 7
    LAST = 8
    #: Settings of the nodes, when nothing else is left to break: they need no API.
    LATE_NODES = 9


class Undo(IntEnum):
    """The stage in which a step of a reversal runs: etcd first, since all others need the API."""

    NODES = 1
    STORE = 2
    OBJECTS = 3


S = TypeVar("S", Stage, Undo)


class Parameters(BaseModel):
    """Parameters of a fault; this base class has none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, slots=True)
class Site:
    """The place where a fault is injected, and its state before."""

    cluster: Cluster
    baseline: Baseline


@dataclass(frozen=True, slots=True)
class Evidence:
    """An observed symptom: the question to the cluster and its answer."""

    asked: str
    answered: str


class NotSeenError(LabError):
    """A symptom did not appear."""


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """One step. `run` does the work and may report progress."""

    stage: S
    title: str
    run: Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class StaticPodEdit(Generic[S]):
    """A static pod to recreate with changed files. All edits of a stage share one stop of the kubelet."""

    stage: S
    title: str
    component: str
    files: Callable[[], Mapping[str, str]]
    #: Whether to wait until the component works again.
    works: bool = True
    #: Called just before the edit: returns whether the pod already runs as wanted, so that it can stay.
    is_done: Callable[[], bool] = lambda: False


class Fault(ABC):
    """One kind of fault at one site. Subclasses set `kind`, `parameter_model` and `seen_after`."""

    kind: ClassVar[str]
    parameter_model: ClassVar[type[Parameters]] = Parameters
    #: The stage after which the symptom is visible and not yet masked by faults of later stages.
    seen_after: Stage

    def __init__(self, site: Site, parameters: Parameters) -> None:
        self.cluster = site.cluster
        self.baseline = site.baseline
        self.node = site.cluster.control_plane
        self.parameters = parameters

    def runs_as_before(self, component: str) -> bool:
        """Whether the static pod of `component` runs and is the baseline's own."""
        before = self.baseline.nodes[self.node.name]
        text = before.files[static_pods.manifest(component)]
        return static_pods.runs(self.node, component, text, before.static_pods.get(component, ""))

    @abstractmethod
    def verify_baseline(self) -> None:
        """Raise `LabError` unless the cluster is free of this fault."""

    @abstractmethod
    def injection(self) -> Iterable[Step[Stage] | StaticPodEdit[Stage]]:
        """Return the steps that inject the fault."""

    @abstractmethod
    def observe(self) -> Evidence:
        """Wait for the symptom and return it, or raise `NotSeenError`."""

    @abstractmethod
    def reversal(self) -> Iterable[Step[Undo] | StaticPodEdit[Undo]]:
        """Return the steps that revert the fault. They can run again, and after an incomplete injection."""
