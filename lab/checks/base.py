"""What a kind of check is: its parameters, and a function from a round to an outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from lab.checks.round import Round
from lab.core.grading import Outcome
from lab.flows import Flow

__all__ = ["CheckKind", "Parameters"]


class Parameters(BaseModel):
    """Parameters of a check or gate; those without any take none."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _no_flows(_round: Round, _parameters: object) -> Sequence[Flow]:
    return ()


@dataclass(frozen=True, slots=True)
class CheckKind:
    """One kind of check. `run` may raise `LabError`: the outcome is then that it could not be read.

    `flows` says which flows it will ask the round for. `last` marks a check that changes something on submission,
    and so runs by itself after all others.
    """

    run: Callable[[Round, Any], Outcome]
    parameter_model: type[Parameters] = Parameters
    flows: Callable[[Round, Any], Sequence[Flow]] = _no_flows
    last: bool = False

    @property
    def needs_pods(self) -> bool:
        """Whether it asks from pods, which takes long in vain while they or their network are not there."""
        return self.flows is not _no_flows
