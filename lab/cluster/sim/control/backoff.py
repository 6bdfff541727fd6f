"""Back-off of a controller's work queue: when each object may be tried again after refusals."""

from dataclasses import dataclass, field

__all__ = ["Backoff"]

#: Back-off of a controller's work queue: 5 ms, doubled at each failure, at most about 16 minutes.
_FIRST, _LONGEST = 0.005, 1000.0


@dataclass(slots=True)
class Backoff:
    """When each object may be tried again after refusals."""

    failures: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)

    def waits(self, key: str, now: float) -> bool:
        """Whether `key` is not to be tried yet."""
        return self.until.get(key, 0.0) > now

    def fail(self, key: str, now: float) -> None:
        """Count a failure of `key`."""
        count = self.failures.get(key, 0)
        self.failures[key] = count + 1
        self.until[key] = now + min(_FIRST * 2 ** min(count, 30), _LONGEST)

    def forget(self, key: str) -> None:
        """`key` succeeded, or was changed."""
        self.failures.pop(key, None)
        self.until.pop(key, None)

    def retry_now(self, key: str) -> None:
        """Try `key` at once, with its failures remembered."""
        self.until.pop(key, None)

    def next(self, now: float) -> float:
        """Return when the next back-off is over."""
        return min((at for at in self.until.values() if at > now), default=float("inf"))

    def end(self, now: float) -> bool:
        """End what is over by now; return whether anything is, and to be tried again."""
        ended = [key for key, at in self.until.items() if at <= now]
        for key in ended:
            del self.until[key]
        return bool(ended)
