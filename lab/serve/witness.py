"""Send the heads of an attempt on this machine to an event's server, which countersigns them."""

import time
from pathlib import Path

from pydantic import ValidationError

from lab import chain
from lab.errors import LabError, UsageProblem
from lab.serve.event.receipts import Receipt, append, beside
from lab.serve.post import post

__all__ = ["Witnessed"]

#: Seconds between two heads; an unchanged head is sent more rarely.
_EVERY = 10.0
_UNCHANGED = 30.0


class Witnessed:
    """One attempt file whose heads are sent."""

    def __init__(self, path: Path, url: str, *, cert: Path | None = None) -> None:
        self._path = path
        self._url = url
        self._cert = cert
        self._secret = ""
        self._sent: tuple[float, str] | None = None
        #: The number of receipts.
        self.count = 0

    def join(self, code: str) -> None:
        """Exchange a code for the right to send heads.

        Raises:
            LabError: the code is refused, or the server can't be reached.

        """
        try:
            _, self._secret = post(self._url, "/join", {"code": code}, cert=self._cert)
        except (OSError, ValueError) as error:
            raise LabError(f"{self._url} can't be reached.", str(error), "Ask for the server's address.") from None

    @property
    def ended(self) -> bool:
        """Whether the attempt has its result."""
        return chain.last(self._path).get("kind") == "ended"

    def step(self, now: float | None = None) -> str:
        """Send the head if it is due; return a temporary problem, or an empty text.

        Raises:
            LabError: the server refuses.
        """
        at = time.monotonic() if now is None else now
        first, lines, head = chain.tip(self._path)
        if self._sent and at - self._sent[0] < (_EVERY if head != self._sent[1] else _UNCHANGED):
            return ""
        return self._send(first, lines, head, at)

    def finish(self) -> str:
        """Send the last head; return a temporary problem, or an empty text."""
        first, lines, head = chain.tip(self._path)
        if self._sent and self._sent[1] == head:
            return ""
        return self._send(first, lines, head, time.monotonic())

    def _send(self, first: str, lines: int, head: str, at: float) -> str:
        said = {"attempt": first, "n": lines, "head": head}
        try:
            told, _ = post(self._url, "/witness", said, secret=self._secret, cert=self._cert)
            receipt = Receipt.model_validate(told)
        except ValidationError as error:
            raise UsageProblem(f"{self._url} is not the server of an event.") from error
        except (OSError, ValueError) as error:
            return str(error)
        append(beside(self._path), receipt)
        self._sent = at, head
        self.count += 1
        return ""
