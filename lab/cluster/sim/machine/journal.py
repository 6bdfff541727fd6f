"""A node's journal."""

from collections import deque
from dataclasses import astuple, dataclass
from typing import Any

__all__ = ["Entry", "Journal"]

KEPT = 3000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    at: float
    unit: str
    identifier: str
    pid: int
    message: str


class Journal:
    """What the node's services said, oldest first."""

    def __init__(self, host: str) -> None:
        self.host = host
        self.entries: deque[Entry] = deque(maxlen=KEPT)

    def write(self, at: float, unit: str, message: str, *, identifier: str = "", pid: int = 1) -> None:
        """Add a line."""
        self.entries.append(Entry(at, unit, identifier or unit.removesuffix(".service"), pid, message))

    def dump(self) -> list[Any]:
        """Return it as data."""
        return [list(astuple(entry)) for entry in self.entries]

    def load(self, data: list[Any]) -> None:
        """Make it what `dump` described."""
        self.entries.clear()
        self.entries.extend(Entry(*entry) for entry in data)
