"""The schedule of looks at a lab: soon after a change, seldom otherwise, and never more often than looks can run.

Pure: events and the time go in, the time of the next look comes out. Times are seconds of any clock that only goes
forward. A `Watch` belongs to one lab; a server of many labs looks first at the one that is due first.
"""

import math
from dataclasses import dataclass

__all__ = ["ASKING", "REPORTING", "Pace", "Watch"]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the labs of one kind of cluster are looked at. Times are in seconds."""

    #: Whether the cluster reports its changes. Then a command is no reason to look by itself.
    reports: bool
    #: The time that a change gets to show.
    settle: float
    #: The shortest time between the beginnings of two looks, and the same as a multiple of a look's length.
    gap: float
    room: float
    #: The number of looks that may run at the same time.
    at_once: int
    #: The time after a command in which each change is looked at as soon as can be.
    fresh: float
    #: The longest time between looks that find nothing new after that, as a multiple of a look's length.
    dull: float
    #: The longest pause after a look while somebody works, as a multiple of the look's length.
    share: float
    #: The time after a command in which its effects may still appear by themselves.
    active: float
    #: The pause after a look while nobody works.
    idle: float


#: For a cluster that has to be asked (kind). A look takes seconds, most of them spent waiting for answers that do
#: not come, so a second look may start before the first has ended. Without changes, looks take about 6 % of two
#: processors.
ASKING = Pace(
    reports=False,
    settle=0.5,
    gap=2.0,
    room=0.3,
    at_once=2,
    fresh=0.0,
    dull=0.3,
    share=4.0,
    active=180.0,
    idle=190.0,
)
#: For a cluster that reports each change (the simulator). Looks without a change are for safety only. While the
#: cluster changes all the time and no objective does, looks become less and less frequent.
REPORTING = Pace(
    reports=True,
    settle=0.0,
    gap=0.5,
    room=1.5,
    at_once=1,
    fresh=15.0,
    dull=120.0,
    share=2.0,
    active=-math.inf,
    idle=300.0,
)


class Watch:
    """Decides when the next look at one lab is due."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._asked = False
        #: The time of the oldest event that no look has seen yet.
        self._changed: float | None = None
        self._acted = -math.inf
        self._active_until = -math.inf
        self._running = 0
        self._began = -math.inf
        self._ended = -math.inf
        self._seconds = 0.0
        #: The pause after the last look, and after the next one: it doubles with each look since a change.
        self._rest = self._next_rest = pace.gap
        #: By how much the time between two looks has grown, since the looks find nothing new.
        self._dullness = 1.0

    @property
    def is_asked(self) -> bool:
        """Whether somebody waits for a look."""
        return self._asked

    def asked(self) -> None:
        """Record a request for a state that is not older than now."""
        self._asked = True

    def acted(self, now: float) -> None:
        """Record that somebody did something that may have changed the cluster."""
        self._acted, self._dullness = now, 1.0
        if not self._pace.reports:
            self.changed(now)
        self.active(now)

    def changed(self, now: float) -> None:
        """Record that the cluster changed."""
        self._changed = now
        self._next_rest = self._pace.gap

    def active(self, now: float) -> None:
        """Record that somebody works: effects may appear by themselves for a while."""
        self._active_until = now + self._pace.active

    def began(self, now: float) -> None:
        """Record that a look began."""
        self._running += 1
        self._began = now
        self._asked, self._changed = False, None

    def ended(self, now: float, seconds: float, *, news: bool) -> None:
        """Record that a look ended, its seconds, and whether it found anything new."""
        self._running -= 1
        self._ended, self._seconds = now, seconds
        self._rest = min(self._next_rest, max(self._pace.gap, self._pace.share * seconds))
        self._next_rest = 2 * self._rest
        fresh = now - seconds < self._acted + self._pace.fresh
        self._dullness = 1.0 if news or fresh else 2 * self._dullness

    def due(self) -> float:
        """Return when the next look is due; infinity while enough looks run."""
        if self._running >= self._pace.at_once:
            return math.inf
        if self._asked or self._began == -math.inf:
            return -math.inf
        if self._changed is not None:
            return max(self._changed + self._pace.settle, self._began + self._gap())
        return math.inf if self._running else self._next_by_itself()

    def _gap(self) -> float:
        gap = max(self._pace.gap, self._pace.room * self._seconds)
        return max(gap, min(gap * self._dullness, self._pace.dull * self._seconds))

    def _next_by_itself(self) -> float:
        rest = self._ended + self._rest
        if rest <= self._active_until:
            return rest
        return self._ended + max(self._pace.idle, self._rest)
