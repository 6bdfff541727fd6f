"""The record of a seat during play: its attempt, line by line."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue

from lab.chain import Chain, entries, verify
from lab.serve.event.folder import EventFolder, EventState
from lab.serve.event.receipts import Signer, append
from lab.untrusted_json import parsed

__all__ = ["Record"]

#: The parts of a seat's status whose changes are recorded.
_KEPT = (
    *("phase", "problem", "points", "maximum", "symptoms", "by_symptom", "repaired"),
    *("hints", "given_up", "causes", "final", "ending", "ended"),
)

#: The most notes of a team.
_NOTES = 200


#: The least time between two receipts for a seat.
_SIGN_EVERY = timedelta(seconds=10)


class Record:
    """The attempt of one seat."""

    def __init__(
        self,
        folder: EventFolder,
        name: str,
        state: EventState,
        clock: Callable[[], datetime],
        signer: Signer | None = None,
    ) -> None:
        self._state = state
        self._clock = clock
        self._kept: dict[str, Any] = {}
        self._points = 0.0
        self._name = name
        self._signer = signer
        self._receipts = folder.receipts(name)
        #: The time and the number of lines of the last receipt.
        self._signed: tuple[datetime, int] | None = None
        #: How many bytes of the lab's timeline are in the attempt.
        self.read = 0
        #: The seconds of the event's clock until the last gain.
        self.gained = 0.0
        #: The notes of a team.
        self.notes: list[dict[str, str]] = []
        for told in entries(folder.attempt(name)):
            self._recall(told)
        #: The hash of the first line.
        self._first = next(iter(verify(folder.attempt(name)).heads), "")
        self._chain = Chain(folder.attempt(name))
        if self._chain.torn:
            self.note("torn", bytes=self._chain.torn)

    def _recall(self, told: dict[str, Any]) -> None:
        if told["kind"] == "lab":
            self.read = told["data"].get("read", self.read)
        elif told["kind"] == "stands":
            self._kept = {name: told["data"].get(name) for name in _KEPT}
            self._points = _points(self._kept, self._points)
            self.gained = told["data"].get("gained", 0.0)
        elif told["kind"] == "note":
            self.notes.append(told["data"])

    def write(self, note: dict[str, str]) -> bool:
        """Write a team's note; return whether there was room for it."""
        if len(self.notes) >= _NOTES:
            return False
        self.notes.append(note)
        self.note("note", **note)
        return True

    def note(self, kind: str, **data: JsonValue) -> None:
        """Record an event."""
        head = self._chain.add(self._clock().isoformat(), kind, **data)
        self._first = self._first or head

    def stands(self, status: dict[str, Any]) -> None:
        """Record the seat's status if it has changed."""
        kept = {name: status.get(name) for name in _KEPT}
        if kept == self._kept:
            return
        points = _points(kept, self._points)
        if points > self._points:
            # Gains of the submission count from its start, even if it waited for its turn.
            ended = status.get("ended")
            self.gained = round(self._state.lived(datetime.fromisoformat(ended) if ended else self._clock()), 1)
        self._kept, self._points = kept, points
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
                    self.note("lab", event=parsed(line), read=at)
                except ValueError:
                    continue

    def mark(self) -> tuple[int, str]:
        """Return the number of lines and the hash of the last one."""
        return self._chain.lines, self._chain.head

    def flush(self, mark: tuple[int, str]) -> None:
        """Write everything to the disk, then countersign the head of `mark` if a receipt is due.

        A thread may call it while lines are added, so the caller takes `mark` on the loop.

        Raises:
            OSError: the disk is full; the next call tries again.
        """
        self._chain.flush()
        at = self._clock()
        due = self._signed is None or (mark[0] > self._signed[1] and at - self._signed[0] >= _SIGN_EVERY)
        if mark[0] and due:
            self._sign(*mark, at)

    def close(self) -> None:
        """Write everything to the disk, countersign the last line, and close the record.

        Raises:
            OSError: the disk is full.

        """
        self._chain.close()
        lines, head = self.mark()
        if lines and (self._signed is None or lines > self._signed[1]):
            self._sign(lines, head, self._clock())

    def _sign(self, lines: int, head: str, at: datetime) -> None:
        if self._signer:
            told = self._signer.sign("hosted", seat=self._name, attempt=self._first, n=lines, head=head, at=at)
            append(self._receipts, told)
            self._signed = at, lines


def _points(kept: dict[str, Any], before: float) -> float:
    """Return the points of a status; `before` if it has none, as after the end of a worker."""
    final = kept.get("final")
    found = final.get("attempt") if isinstance(final, dict) else kept.get("points")
    return before if found is None else float(found)
