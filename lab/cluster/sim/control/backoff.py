"""Back-off of a controller's work queue: when each object may be retried after refusals."""

from dataclasses import dataclass, field

__all__ = ["Backoff"]

#: Back-off of a controller's work queue: 5 ms, doubled at each failure, at most about 16 minutes.
_FIRST, _LONGEST = 0.005, 1000.0


@dataclass(slots=True)
class Backoff:
    """When each object may be tried again after refusals."""

    failures: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether no object was refused since its last success."""
        return not self.failures and not self.until

    def waits(self, key: str, now: float) -> bool:
        """Whether it is too early to retry `key`."""
        return self.until.get(key, 0.0) > now

    def fail(self, key: str, now: float) -> None:
        """Count a failure of `key`."""
        count = self.failures.get(key, 0)
        self.failures[key] = count + 1
        self.until[key] = now + min(_FIRST * 2 ** min(count, 30), _LONGEST)

    def forget(self, key: str) -> None:
        """Forget the failures of `key`: it succeeded, or it was changed."""
        self.failures.pop(key, None)
        self.until.pop(key, None)

    def retry_now(self, key: str) -> None:
        """Allow a retry of `key` now, without forgetting its failures."""
        self.until.pop(key, None)

    def next(self, now: float) -> float:
        """Return the time when the next back-off ends."""
        return min((at for at in self.until.values() if at > now), default=float("inf"))

    def end(self, now: float) -> bool:
        """End the back-offs that are due; return whether any object may now be retried."""
        ended = [key for key, at in self.until.items() if at <= now]
        for key in ended:
            del self.until[key]
        return bool(ended)
