"""A program's memory of the events that it has reported: client-go's correlator.

Events that differ only in their message are reported one by one up to a number; then one event stands for all
others. A program that reports too much about one object is limited by a token bucket for each object. A restarted
program remembers nothing.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

__all__ = ["COMBINED", "Correlator", "Told"]

COMBINED = "(combined from similar events): "
#: This many events that differ only in their message become one, if none of them is older than this (s).
_MOST_ALIKE = 10
_ALIKE_FOR = 600.0
#: How many events about an object are allowed at once; then one every 300 s.
_BURST = 25.0
#: The size of each kind of memory; the oldest entries are dropped.
_KEPT = 4096
_REFILL = 1 / 300


@dataclass(slots=True)
class Told:
    """An event in the form to write: the name of the event that is counted up, or none yet."""

    message: str
    key: str
    name: str = ""
    count: int = 1
    skipped: bool = False


@dataclass(slots=True)
class Correlator:
    """The memory of one program; it lasts as long as its process, `process`."""

    process: str
    alike: dict[str, list[Any]] = field(default_factory=dict)
    tokens: dict[str, list[float]] = field(default_factory=dict)
    written: dict[str, list[Any]] = field(default_factory=dict)

    def tell(self, about: str, reason: str, message: str, where: str, now: float) -> Told:
        """Return the form of an event about the object `about`, at its field `where`."""
        group, mine = _mark(about, reason), _mark(message)
        messages, last = self.alike.get(group, [[], now])
        messages = [] if now - last > _ALIKE_FOR else list(messages)
        if mine not in messages:
            messages.append(mine)
        combined = len(messages) >= _MOST_ALIKE
        # The set never exceeds its limit: one of its members makes room.
        self.alike[group] = [messages[1:] if combined else messages, now]
        key = group if combined else _mark(group, where, message)
        name, count = self.written.get(key, ["", 0])
        self.written[key] = [name, count + 1]
        text = COMBINED + message if combined else message
        skipped = not self._may(_mark(about), now)
        for known in (self.alike, self.tokens, self.written):
            if len(known) > _KEPT:
                del known[next(iter(known))]
        return Told(text, key, name, count + 1, skipped=skipped)

    def wrote(self, told: Told, name: str) -> None:
        """Remember the name under which an event was written."""
        self.written[told.key][0] = name

    def _may(self, about: str, now: float) -> bool:
        left, last = self.tokens.get(about, [_BURST, now])
        left = min(left + (now - last) * _REFILL, _BURST)
        allowed = left >= 1
        self.tokens[about] = [left - allowed, now]
        return allowed


def _mark(*parts: str) -> str:
    """Return a short mark in place of long texts."""
    return hashlib.md5("\0".join(parts).encode(), usedforsecurity=False).hexdigest()[:16]
