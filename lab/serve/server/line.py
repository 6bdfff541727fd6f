"""A browser's connection to a seat, by a websocket: binary frames that begin with a letter.

From the browser: `H` and JSON (who it is; once), `I`, a number of 4 bytes and typed input, `A` and how many bytes
of output it has displayed, `R` and its size, `U` or `D` to raise or lower a hand. To the browser: `O` and output,
`T` and the number of the last piece of input that was taken, `J` and JSON for the page around the terminal.
"""

import asyncio
import contextlib
import json
import struct
import time
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from lab.serve.server.hall import Hall
from lab.serve.server.orders import raise_hand
from lab.serve.wire import Kind
from lab.untrusted_json import parsed

__all__ = ["LONGEST", "Connection", "serve"]

#: The longest frame from a browser, in bytes: a paste comes in pieces.
LONGEST = 32 * 1024
#: Limits for typed input: bytes at once, and bytes a second. Larger pastes are rare.
_BURST = 512 * 1024
_RATE = 64 * 1024
#: Limits for frames: at once, and a second. A moving mouse sends many.
_FRAMES_BURST = 2000
_FRAMES_RATE = 400
#: How long a browser may take to introduce itself, in s.
_PATIENCE = 10.0
_SIZES = (20, 500), (5, 200)


class _Allowance:
    """A rate limit: an amount at once, and an amount a second."""

    def __init__(self, burst: float, rate: float) -> None:
        self._burst = self._left = burst
        self._rate = rate
        self._at = time.monotonic()

    def take(self, amount: float) -> bool:
        """Take an amount; return whether that much was left."""
        at = time.monotonic()
        self._left = min(self._burst, self._left + (at - self._at) * self._rate) - amount
        self._at = at
        return self._left >= 0


class Connection:
    """One connection. Frames wait here to be sent, at most a window of output: the worker sends no more."""

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._frames: deque[bytes] = deque()
        self._wake = asyncio.Event()
        self._leaving: tuple[int, str] | None = None

    def show(self, data: bytes) -> None:
        """Send a frame."""
        self._frames.append(data)
        self._wake.set()

    def tell(self, data: dict[str, Any]) -> None:
        """Send a message for the page."""
        self.show(b"J" + json.dumps(data).encode())

    def leave(self, code: int, why: str) -> None:
        """Close the connection after the waiting frames."""
        self._leaving = code, why
        self._wake.set()

    async def serve(self, hear: Coroutine[Any, Any, None], ended: Callable[[], object]) -> None:
        """Send frames and `hear` the browser's until one of the two ends; then call `ended`, and end the other."""
        tasks = asyncio.create_task(self._send()), asyncio.create_task(hear)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self) -> None:
        """Send waiting frames until the connection is to be closed."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._frames:
                await self._socket.send_bytes(self._frames.popleft())
            if self._leaving:
                await self._socket.close(*self._leaving)
                return


async def serve(socket: WebSocket, hall: Hall, name: str) -> None:
    """Serve a browser at the chair called `name`, until it disconnects."""
    await socket.accept()
    browser = Connection(socket)
    try:
        hello = _hello(await asyncio.wait_for(socket.receive_bytes(), _PATIENCE))
    except (TimeoutError, ValueError, KeyError, TypeError, WebSocketDisconnect):
        with contextlib.suppress(RuntimeError):
            await socket.close(4000, "it did not say who it is")
        return
    view = hall.attach(name, browser, hello)
    await browser.serve(_hear(socket, hall, name, view), lambda: hall.detach(name, view))


def _hello(frame: bytes) -> dict[str, Any]:
    """Return the browser's introduction; raise `ValueError` or `KeyError` if it is invalid."""
    said = parsed(frame[1:]) if frame[:1] == b"H" else None
    if not isinstance(said, dict):
        raise ValueError("no hello")  # noqa: TRY004 -- told to nobody
    page, first = str(said["page"]), int(said["first"])
    if len(page) > 64 or not 0 < first < 2**31:
        raise ValueError("no page")
    cols, rows = _size(int(said["cols"]), int(said["rows"]))
    return {"page": page, "first": first, "cols": cols, "rows": rows}


def _size(cols: int, rows: int) -> tuple[int, int]:
    (least_cols, most_cols), (least_rows, most_rows) = _SIZES
    return min(max(cols, least_cols), most_cols), min(max(rows, least_rows), most_rows)


async def _hear(socket: WebSocket, hall: Hall, name: str, view: int) -> None:
    """Process the browser's frames; return when it disconnects or sends an invalid frame."""
    typed, frames = _Allowance(_BURST, _RATE), _Allowance(_FRAMES_BURST, _FRAMES_RATE)
    try:
        while True:
            frame = await socket.receive_bytes()
            if not frames.take(1) or not typed.take(len(frame)):
                await socket.close(4008, "too much at once")
                return
            if not _take(frame, hall, name, view):
                await socket.close(4000, "no such frame")
                return
    except (WebSocketDisconnect, KeyError, RuntimeError):
        return


def _take(frame: bytes, hall: Hall, name: str, view: int) -> bool:
    """Carry out a frame; return whether it is valid."""
    kind, data = frame[:1], frame[1:]
    if kind == b"I" and len(data) > 4:
        hall.forward(name, view, Kind.INPUT, data)
    elif kind == b"A" and len(data) == 4:
        hall.forward(name, view, Kind.DISPLAYED, data)
    elif kind == b"R" and len(data) == 4:
        cols, rows = _size(*struct.unpack("!HH", data))
        hall.resize(name, view, {"cols": cols, "rows": rows})
    elif frame in {b"U", b"D"}:
        raise_hand(hall, hall.chairs[name], up=frame == b"U")
    else:
        return False
    return True
