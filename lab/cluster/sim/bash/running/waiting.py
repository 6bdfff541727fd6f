"""What an open file knows of the process that uses it: how it waits."""

from collections.abc import Callable
from typing import Any, Protocol

from lab.cluster.sim.timing.counting import Pause

__all__ = ["Waiting"]


class Waiting(Protocol):
    """A process that reads or writes."""

    async def pause(self, register: Callable[[Pause], object]) -> Any:  # noqa: ANN401 -- what the pause is given
        """Wait until somebody ends the pause that `register` is given."""

    async def step(self, seconds: float = 0.0) -> None:
        """Account for a processor's time, and let others go on now and then."""
