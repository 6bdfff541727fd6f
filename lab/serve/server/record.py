"""The record of a seat during play: its attempt, line by line."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from lab.chain import Chain, entries
from lab.serve.event.folder import EventFolder, EventState

__all__ = ["Record"]

#: The parts of a seat's status whose changes are recorded.
_KEPT = ("phase", "points", "maximum", "symptoms", "hints", "given_up", "causes", "final", "ending", "problem")


class Record:
    """The attempt of one seat."""

    def __init__(self, folder: EventFolder, name: str, state: EventState, clock: Callable[[], datetime]) -> None:
        self._state = state
        self._clock = clock
        self._kept: dict[str, Any] = {}
        #: How many bytes of the lab's timeline are in the attempt.
        self.read = 0
        #: The seconds of the event's clock until the last gain.
        self.gained = 0.0
        for told in entries(folder.attempt(name)):
            self._recall(told)
        self._chain = Chain(folder.attempt(name))
        if self._chain.torn:
            self.note("torn", bytes=self._chain.torn)

    def _recall(self, told: dict[str, Any]) -> None:
        if told["kind"] == "lab":
            self.read = told["data"].get("read", self.read)
        elif told["kind"] == "stands":
            self._kept = {name: told["data"].get(name) for name in _KEPT}
            self.gained = told["data"].get("gained", 0.0)

    def note(self, kind: str, **data: JsonValue) -> None:
        """Record an event."""
        self._chain.add(self._clock().isoformat(), kind, **data)

    def stands(self, status: dict[str, Any]) -> None:
        """Record the seat's status if it has changed."""
        kept = {name: status.get(name) for name in _KEPT}
        if kept == self._kept:
            return
        if _points(kept) > _points(self._kept):
            self.gained = round(self._state.lived(self._clock()), 1)
        self._kept = kept
        self.note(
            "stands",
            **{**{name: value for name, value in kept.items() if value is not None}, "gained": self.gained},
        )

    def lab(self, lines: str, read: int) -> None:
        """Record new lines of the lab's timeline, up to byte `read` of it."""
        told = lines.split("\n")
        at = read - sum(len(line.encode()) + 1 for line in told)
        for line in told:
            at += len(line.encode()) + 1
            if at > self.read:
                self.read = at
                try:
                    self.note("lab", event=json.loads(line), read=at)
                except ValueError:
                    continue

    def flush(self) -> None:
        """Write everything to the disk."""
        self._chain.flush()

    def close(self) -> None:
        """Close the record."""
        self._chain.close()


def _points(kept: dict[str, Any]) -> float:
    final = kept.get("final")
    found = final.get("attempt") if isinstance(final, dict) else kept.get("points")
    return float(found or 0.0)
