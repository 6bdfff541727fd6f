"""What a fault is: steps that inject it, a symptom that is observed, steps that take it back.

Several faults are injected together, and the order matters: nothing that needs the API can be done once etcd is
down, a full etcd refuses graceful deletes, and any pod that starts turns forwarding on again. Each step names its
stage; the stages of all faults run in their order.
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

__all__ = ["Evidence", "Fault", "NotSeenError", "Parameters", "Site", "Stage", "StaticPodEdit", "Step", "Undo"]


class Stage(IntEnum):
    """When a step of an injection runs."""

    OBJECTS = 1
    STATIC_PODS = 2
    SYSTEM_PODS = 3
    CHURN = 4
    NODES = 5
    LAST = 6


class Undo(IntEnum):
    """When a step of a reversal runs: etcd first, since all others need the API."""

    NODES = 1
    STORE = 2
    OBJECTS = 3


S = TypeVar("S", Stage, Undo)


class Parameters(BaseModel):
    """Parameters of a fault; those without any take none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a fault is injected, and what it was like there before."""

    cluster: Cluster
    baseline: Baseline


@dataclass(frozen=True, slots=True)
class Evidence:
    """The symptom as it was seen: what was asked of the cluster and what came back."""

    asked: str
    answered: str


class NotSeenError(LabError):
    """A symptom that had to show did not."""


@dataclass(frozen=True, slots=True)
class Step(Generic[S]):
    """One step: `run` does it, and may say how far it is."""

    stage: S
    title: str
    run: Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class StaticPodEdit(Generic[S]):
    """A static pod to be made anew with changed files; all edits of a stage share one stop of the kubelet."""

    stage: S
    title: str
    component: str
    files: Callable[[], Mapping[str, str]]
    #: Whether the component is to work afterwards, and is waited for.
    works: bool = True
    #: Asked right before: whether the pod runs as it is to be, so that it is left alone.
    is_done: Callable[[], bool] = lambda: False


class Fault(ABC):
    """One kind of fault at one site. Subclasses set `kind`, `parameter_model` and `seen_after`."""

    kind: ClassVar[str]
    parameter_model: ClassVar[type[Parameters]] = Parameters
    #: The stage after which the symptom shows unmasked by faults of later stages.
    seen_after: ClassVar[Stage]

    def __init__(self, site: Site, parameters: Parameters) -> None:
        self.cluster = site.cluster
        self.baseline = site.baseline
        self.node = site.cluster.control_plane
        self.parameters = parameters

    def runs_as_before(self, component: str) -> bool:
        """Whether the static pod of `component` runs, and is the very one of the baseline."""
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
        """Return the steps that take the fault back. They may run again, and after a half-done injection."""
