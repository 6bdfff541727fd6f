"""The public ranking: live, then frozen near the end, then revealed by the instructor."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from lab.errors import LabError
from lab.serve.event.folder import EventState
from lab.serve.event.ranking import Frozen, Result
from lab.serve.server.places import Place

__all__ = ["Standings"]


class Standings:
    """The public results. They are frozen `minutes` before the end, or at the end if the event is stopped."""

    def __init__(
        self, state: EventState, minutes: int, places: Mapping[str, Place], save: Callable[[], None]
    ) -> None:
        self._state = state
        self._before = timedelta(minutes=minutes)
        self._places = places
        self._save = save

    def tick(self, now: datetime, deadline: datetime | None) -> bool:
        """Freeze the results if it is time for that; return whether they were frozen."""
        if self._state.frozen or self._state.started is None or deadline is None or now < deadline - self._before:
            return False
        self._state.frozen = Frozen(at=now, results=self._live())
        return True

    def public(self) -> dict[str, Result]:
        """Return the public result of each seat. A person who came after the freeze has nothing yet."""
        live, frozen = self._live(), self._state.frozen
        if frozen is None or self._state.revealed:
            return live
        return {name: frozen.results.get(name) or Result() for name in live}

    def reveal(self, now: datetime, deadline: datetime | None) -> None:
        """Show the final results on the projector.

        Raises:
            LabError: the time is not over, or seats are still being submitted.

        """
        if deadline is None or now < deadline:
            raise LabError("The event is not over.", remedy="The ranking is revealed after the end.")
        if waiting := [place.who for place in self._places.values() if place.status.get("phase") not in _DONE]:
            raise LabError(
                f"{len(waiting)} seats are still being submitted.", remedy=f"Wait for: {', '.join(waiting[:5])}."
            )
        self._state.revealed = self._state.revealed or now
        self._save()

    def _live(self) -> dict[str, Result]:
        return {name: place.result for name, place in self._places.items()}


_DONE = {"over", "failed"}
