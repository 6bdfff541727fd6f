"""When the cluster is looked at by itself: soon after a command, seldom otherwise, and never a burden."""

__all__ = ["Watch"]

#: A look that took so long is followed by a pause of so many times that: a few percent of the machine.
_SHARE = 7
#: The shortest pause, in seconds, and how much longer one is while nobody does anything.
_PAUSE = 5.0
_IDLE = 4
#: A command's effect takes a moment to show.
_SETTLE = 1.5


class Watch:
    """Says when the next look is due. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._looked: float | None = None
        self._pause = _PAUSE
        self._ended: float | None = None

    def command_ended(self, now: float) -> None:
        """Take note that a command ended: it may have changed something."""
        self._ended = now

    def looked(self, now: float, seconds: float) -> None:
        """Take note that a look ended, and how long it took."""
        self._looked = now
        self._pause = max(_PAUSE, _SHARE * seconds)
        if self._ended is not None and self._ended < now - seconds:
            self._ended = None

    def due(self, now: float) -> bool:
        """Whether it is time to look."""
        if self._looked is None:
            return True
        if self._ended is not None:
            return now >= max(self._looked + self._pause, self._ended + _SETTLE)
        return now >= self._looked + _IDLE * self._pause
