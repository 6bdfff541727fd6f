"""The pauses of an attempt: how long its clock stood still. Pure arithmetic over times, no clock of its own."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import BaseModel

__all__ = ["Pause", "paused", "played"]


class Pause(BaseModel):
    """One pause. `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None
    #: Whether the cluster stood still, too; None until that is known.
    cluster_stands: bool | None = None

    def before(self, at: datetime) -> timedelta:
        """Return how much of this pause lies before `at`."""
        end = at if self.until is None else min(self.until, at)
        return max(end - self.since, timedelta())


def paused(pauses: Iterable[Pause], at: datetime) -> timedelta:
    """Return how long the clock stood still before `at`, in all `pauses` together."""
    return sum((pause.before(at) for pause in pauses), timedelta())


def played(started: datetime, pauses: Iterable[Pause], at: datetime) -> timedelta:
    """Return the time of an attempt's clock at `at`: the time since `started` without the `pauses`."""
    return max(at - started - paused(pauses, at), timedelta())
