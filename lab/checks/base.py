"""A kind of check: its parameters, and a function from a round to an outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from lab.checks.round import Round
from lab.core.grading import Outcome
from lab.flows import WORKLOAD, Flow

__all__ = ["CheckKind", "Parameters", "WorkloadName"]

WorkloadName = Annotated[str, Field(pattern=WORKLOAD)]


class Parameters(BaseModel):
    """Parameters of a check or gate; this base class has none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _no_flows(_round: Round, _parameters: object) -> Sequence[Flow]:
    return ()


def _no_workloads(_parameters: object) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class CheckKind:
    """One kind of check. If `run` raises `LabError`, the outcome is *could not read*.

    `flows` returns the flows that the check will request from the round, and `addressed` the workloads
    (namespace/name) whose pods' addresses it will read there. `last` marks a check that changes something on
    submission and therefore runs alone after all others.
    """

    run: Callable[[Round, Any], Outcome]
    parameter_model: type[Parameters] = Parameters
    flows: Callable[[Round, Any], Sequence[Flow]] = _no_flows
    addressed: Callable[[Any], Sequence[str]] = _no_workloads
    last: bool = False

    @property
    def needs_pods(self) -> bool:
        """Whether the check asks from pods.

        Such a check takes long. It fails while the pods or their network are missing.
        """
        return self.flows is not _no_flows
