"""Countersign the heads of attempts on people's own machines."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lab.errors import LabError, UsageProblem
from lab.serve.event.folder import EventFolder
from lab.serve.event.receipts import Hash, Receipt, Signer, append, read

__all__ = ["Witness"]

#: The least time between two receipts for a seat, in seconds.
_PAUSE = 1.0
#: The most attempts and receipts for a seat: a day of heads.
_ATTEMPTS = 20
_RECEIPTS = 10_000


class _Head(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    attempt: Hash
    n: int = Field(ge=1, le=10_000_000)
    head: Hash


class Witness:
    """The server as a witness. It also stores its receipts in the event's folder."""

    def __init__(
        self,
        folder: EventFolder,
        signer: Signer,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._signer = signer
        self._clock = clock
        self._elapsed = elapsed
        #: Seat -> the time of its last receipt, its attempts, and the number of its receipts.
        self._seen: dict[str, tuple[float, set[str], int]] = {}

    def countersign(self, seat: str, said: dict[str, Any]) -> Receipt:
        """Return the receipt for a head that was sent with the code of `seat`.

        Raises:
            UsageProblem: it is not a head.
            LabError: there were too many.
        """
        try:
            head = _Head.model_validate(said)
        except ValidationError:
            raise UsageProblem("That is not the head of an attempt.") from None
        last, attempts, count = self._seen.get(seat) or self._kept(seat)
        now = self._elapsed()
        if now - last < _PAUSE:
            raise LabError("Heads come too quickly.", remedy="One every 10 seconds is enough.")
        if count >= _RECEIPTS or len(attempts | {head.attempt}) > _ATTEMPTS:
            raise LabError("There were too many heads for this code.")
        receipt = self._signer.sign(
            "witnessed", seat=seat, attempt=head.attempt, n=head.n, head=head.head, at=self._clock()
        )
        try:
            append(self._folder.receipts(seat), receipt)
        except OSError as error:
            raise LabError("The receipt can't be kept.", str(error.strerror)) from error
        self._seen[seat] = now, attempts | {head.attempt}, count + 1
        return receipt

    def _kept(self, seat: str) -> tuple[float, set[str], int]:
        own = [each for each in read(self._folder.receipts(seat)) if each.kind == "witnessed"]
        return float("-inf"), {each.attempt for each in own}, len(own)
