"""When the cluster is looked at by itself: often after a command, seldom otherwise, and never a burden."""

__all__ = ["Watch"]

#: A look that took so long is followed by a pause of so many times that. Looks at a real cluster then take
#: some 6 % of two processors, with what the cluster does for them.
_SHARE = 4
#: The shortest pause, in seconds, and how much longer one is while nobody does anything.
_PAUSE = 5.0
_IDLE = 7
#: What a command does takes a moment to show, and controllers may take minutes more.
_SETTLE = 1.5
_ACTIVE = 180.0


class Watch:
    """Says when the next look is due. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._looked: float | None = None
        self._pause = _PAUSE
        self._acted: float | None = None

    def acted(self, now: float) -> None:
        """Take note that somebody did something: it may change the cluster, now or in a while."""
        self._acted = now

    def looked(self, now: float, seconds: float) -> None:
        """Take note that a look ended, and how long it took."""
        self._looked = now
        self._pause = max(_PAUSE, _SHARE * seconds)

    def due(self, now: float) -> bool:
        """Whether it is time to look."""
        if self._looked is None:
            return True
        if self._acted is None or now >= self._acted + _ACTIVE:
            return now >= self._looked + _IDLE * self._pause
        return now >= max(self._looked + self._pause, self._acted + _SETTLE)
