"""The part of a process that an open file uses: its ways to wait."""

from collections.abc import Callable
from typing import Any, Protocol

from lab.cluster.sim.timing.counting import Pause

__all__ = ["Waiting"]


class Waiting(Protocol):
    """A process that reads or writes."""

    async def pause(self, register: Callable[[Pause], object]) -> Any:  # noqa: ANN401 -- what the pause is given
        """Wait until `register`'s pause is ended."""

    async def step(self, seconds: float = 0.0) -> None:
        """Charge processor time, and give others a turn now and then."""
