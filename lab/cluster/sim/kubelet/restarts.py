"""Back-off: the kubelet's wait before it restarts an ended container."""

from dataclasses import dataclass, field

from lab.cluster.sim.machine.runtime import Container

__all__ = ["Restarts"]

_PAUSES = (0.4, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0)
#: A container that ran for this many seconds has no back-off.
_FORGIVEN = 600.0


@dataclass(slots=True)
class Restarts:
    """Back-off by container (sandbox and name)."""

    counts: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    @staticmethod
    def key(container: Container) -> str:
        """Return the key that all attempts of a container share."""
        return f"{container.sandbox}/{container.name}"

    def may_start(self, container: Container, now: float) -> bool:
        """Whether an ended container may restart now."""
        key = self.key(container)
        if key not in self.until:
            if container.finished - container.started > _FORGIVEN:
                self.counts[key] = 0
            count = self.counts.get(key, 0)
            self.until[key] = container.finished + _PAUSES[min(count, len(_PAUSES) - 1)]
            self.counts[key] = count + 1
        return self.until[key] <= now

    def started(self, container: Container) -> None:
        """Record the start of a new attempt."""
        self.until.pop(self.key(container), None)
        self.said.discard(self.key(container))

    def forget(self, container: Container) -> None:
        """Forget the back-off: the next attempt runs another program."""
        self.started(container)
        self.counts.pop(self.key(container), None)

    def waits(self, container: Container) -> bool:
        """Whether the container is in back-off. The first restart is immediate, so it is not."""
        return self.counts.get(self.key(container), 0) > 1 and self.key(container) in self.until

    def stage(self, container: Container) -> tuple[int, bool]:
        """Return the number of restarts in a row, from which `waits` and `pause_text` follow."""
        key = self.key(container)
        return self.counts.get(key, 0), key in self.until

    def pause_text(self, container: Container) -> str:
        """Return the back-off as messages print it."""
        pause = int(_PAUSES[min(max(self.counts.get(self.key(container), 1) - 1, 1), len(_PAUSES) - 1)])
        minutes, seconds = divmod(pause, 60)
        return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"

    def told(self, container: Container) -> bool:
        """Whether this back-off was reported before; mark it as reported."""
        key = self.key(container)
        if key in self.said or not self.waits(container):
            return True
        self.said.add(key)
        return False

    def times(self, now: float) -> list[float]:
        """Return the times when back-offs end."""
        return [at for at in self.until.values() if at > now]
