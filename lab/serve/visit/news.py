"""The content of an event's board, as it changes: server-sent events, read in a thread."""

import http.client
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lab.serve.visit.address import Door

__all__ = ["News"]

#: The server sends something every 15 s.
_SILENCE = 40.0
_PAUSE = 2.0


class News:
    """Calls `told` with each state of the board, and `lost` with the reason for a silence; both in a thread."""

    def __init__(self, door: Door, told: Callable[[dict[str, Any]], None], lost: Callable[[str], None]) -> None:
        self._door = door
        self._told, self._lost = told, lost
        self._closed = threading.Event()
        self._connection: http.client.HTTPConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True, name="news")

    def begin(self) -> None:
        """Start listening."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closed.set()
        if self._connection and self._connection.sock:
            with suppress(OSError):
                self._connection.sock.shutdown(2)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._listen()
                why = "the server ended the connection"
            except (OSError, ValueError, http.client.HTTPException) as error:
                why = str(error) or type(error).__name__
            if not self._closed.is_set():
                self._lost(why)
                self._closed.wait(_PAUSE)

    def _listen(self) -> None:
        context = self._door.context
        self._connection = (
            http.client.HTTPSConnection(self._door.host, timeout=_SILENCE, context=context)
            if context
            else http.client.HTTPConnection(self._door.host, timeout=_SILENCE)
        )
        try:
            self._connection.request("GET", "/board/events", headers={"Cookie": self._door.cookie})
            answer = self._connection.getresponse()
            if answer.status != 200:
                raise ValueError(f"the server refuses: {answer.status}")
            while line := answer.readline():
                if line.startswith(b"data: "):
                    self._told(json.loads(line.removeprefix(b"data: ")))
        finally:
            self._connection.close()
