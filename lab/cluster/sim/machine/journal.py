"""A node's journal."""

from collections import deque
from dataclasses import dataclass

from lab.cluster.sim.state.declared import Given, stateful

__all__ = ["Entry", "Journal"]

KEPT = 3000
#: Older lines make room for a long one, in characters: all lines together have so many.
_LONG, _MOST = 1000, 4 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    at: float
    unit: str
    identifier: str
    pid: int
    message: str


@stateful
class Journal:
    """The lines of the node's services, oldest first."""

    host: Given[str]
    entries: deque[Entry]

    def __init__(self, host: str) -> None:
        self.host = host
        self.entries = deque(maxlen=KEPT)

    def write(self, at: float, unit: str, message: str, *, identifier: str = "", pid: int = 1) -> None:
        """Add a line."""
        if len(message) > _LONG:
            room = _MOST - len(message) - sum(len(entry.message) for entry in self.entries)
            while self.entries and room < 0:
                room += len(self.entries.popleft().message)
        self.entries.append(Entry(at, unit, identifier or unit.removesuffix(".service"), pid, message))
