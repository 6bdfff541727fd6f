"""The workers of an event, and which of them has which seat."""

from collections.abc import Callable, Sequence
from typing import Any

from lab.errors import LabError
from lab.serve.event.folder import EventState, SeatState
from lab.serve.server.link import Link, Way
from lab.serve.wire import Frame

__all__ = ["Crew"]


class Crew:
    """The workers behind `ways`. The callables are those of each `Link`.

    Raises:
        LabError: a worker that has labs is not among them.

    """

    def __init__(
        self,
        state: EventState,
        ways: Sequence[Way],
        *,
        came: Callable[[Link], None],
        heard: Callable[[Link, Frame], None],
        went: Callable[[Link], None],
    ) -> None:
        if (most := max((seat.worker for seat in state.seats.values()), default=0)) > len(ways):
            raise LabError(
                f"Worker {most} has labs of this event, and the server was given {len(ways)}.",
                remedy="Give it all workers that it had before.",
            )
        self._state = state
        self.links = [Link(way, came=came, heard=heard, went=went) for way in ways]

    @property
    def apart(self) -> bool:
        """Whether the workers are on other machines."""
        return self.links[0].apart

    @property
    def ready(self) -> bool:
        """Whether all workers have started; of those on other machines, one: the others may come later."""
        some = any if self.apart else all
        return some(link.starts for link in self.links)

    @property
    def loads(self) -> list[tuple[int, int, dict[str, Any]]]:
        """Each worker's number, how often it was reached, and its figures, which are empty while it is away."""
        return [(number, link.starts, link.figures) for number, link in enumerate(self.links, start=1)]

    def link(self, seat: SeatState) -> Link:
        """Return the worker of a seat. On another machine, it has the seat's lab, so it keeps the seat."""
        if not self.apart:
            return self.links[(seat.number - 1) % len(self.links)]
        if not seat.worker:
            held = [each.worker for each in self._state.seats.values()]
            seat.worker = min(range(1, len(self.links) + 1), key=held.count)
        return self.links[seat.worker - 1]
