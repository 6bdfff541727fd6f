"""A browser at a seat, without a browser: a websocket client that sends the page's messages."""

import asyncio
import contextlib
import http.client
import json
import random
import secrets
import struct
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

__all__ = ["Player", "join", "post"]


def post(
    url: str, path: str, said: object, *, cookie: str = "", headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any], str]:
    """Send JSON; return the status, the answer, and the cookie that came with it."""
    host = urlsplit(url).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    given = {"Content-Type": "application/json", "Origin": f"http://{host}", "Cookie": cookie, **(headers or {})}
    connection.request("POST", path, json.dumps(said), given)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    try:
        told = json.loads(body)
    except ValueError:
        told = {"text": body.decode()}
    return answer.status, told, (answer.getheader("set-cookie") or "").partition(";")[0]


def join(url: str, code: str) -> str:
    """Return the cookie for `code`."""
    status, told, cookie = post(url, "/join", {"code": code})
    assert status == 200, told
    return cookie


class Player:
    """A page at a seat: it numbers its input, and acknowledges the output that it displays."""

    def __init__(self, url: str, cookie: str, *, size: tuple[int, int] = (120, 37), reads: bool = True) -> None:
        self.url = url
        self._cookie = cookie
        self._size = size
        #: Whether it displays output; a slow browser does not.
        self.reads = reads
        self.page = secrets.token_hex(16)
        self.number = self.taken = self.received = self.displayed = 0
        self.waiting: list[tuple[int, bytes]] = []
        self.output = bytearray()
        self.about: list[dict[str, Any]] = []
        self.closed: int | None = None
        self._socket: ClientConnection | None = None
        self._came = asyncio.Condition()
        self._reader: asyncio.Task[None] | None = None
        self._greeted = False

    async def connect(self) -> None:
        """Connect, or reconnect."""
        host = urlsplit(self.url).netloc
        self._socket = await connect(
            f"ws://{host}/seat/line",
            additional_headers={"Cookie": self._cookie},
            origin=f"http://{host}",  # type: ignore[arg-type]
            max_size=None,
            compression=None,
        )
        self.displayed, self._greeted, self.closed = 0, False, None
        first = self.waiting[0][0] if self.waiting else self.number + 1
        cols, rows = self._size
        hello = {"page": self.page, "first": first, "cols": cols, "rows": rows}
        self._reader = asyncio.create_task(self._read(self._socket))
        with contextlib.suppress(ConnectionClosed):  # the reader notes that
            await self._socket.send(b"H" + json.dumps(hello).encode())

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                if isinstance(frame, bytes):
                    await self._heard(socket, frame)
        except ConnectionClosed:
            pass
        except asyncio.CancelledError:
            # A test that failed: its connection must not be found open in the middle of a later test.
            socket.transport.abort()
            raise
        if socket is self._socket:
            self.closed = socket.close_code
        async with self._came:
            self._came.notify_all()

    async def _heard(self, socket: ClientConnection, frame: bytes) -> None:
        if socket is not self._socket:  # of the connection before: it says nothing about this one
            return
        if frame[:1] == b"O":
            self.received += len(frame) - 1
            self.displayed += len(frame) - 1
            self.output += frame[1:]
            if self.reads:
                await socket.send(b"A" + struct.pack("!I", self.displayed))
        elif frame[:1] == b"T":
            self.taken = struct.unpack("!I", frame[1:])[0]
            self.waiting = [each for each in self.waiting if each[0] > self.taken]
            if not self._greeted:
                self._greeted = True
                self.number = max(self.number, self.taken)
                for number, data in self.waiting:
                    await socket.send(b"I" + struct.pack("!I", number) + data)
        else:
            self.about.append(json.loads(frame[1:]))
        async with self._came:
            self._came.notify_all()

    async def type(self, data: bytes) -> None:
        """Type, with or without a connection."""
        self.number += 1
        self.waiting.append((self.number, data))
        if self._socket and self._greeted and self.closed is None:
            try:
                await self._socket.send(b"I" + struct.pack("!I", self.number) + data)
            except ConnectionClosed:
                return

    async def come_back(self, text: bytes, seconds: float = 90.0) -> None:
        """Reconnect until `text` comes, as the page does: connections break while worker or server start."""
        staying = asyncio.create_task(self.stay())
        try:
            await self.until(text, seconds)
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)

    async def stay(self) -> None:
        """Reconnect whenever the connection breaks, until cancelled, or until another browser has the seat."""
        while self.closed not in {4002, 4003}:
            if self._socket is None or self.closed is not None:
                try:
                    await self.connect()
                except (OSError, WebSocketException):
                    # With jitter, as the page.
                    await asyncio.sleep(0.2 + 0.2 * random.random())  # noqa: S311
                    continue
            async with self._came:
                await self._came.wait_for(lambda: self.closed is not None)

    async def send(self, frame: bytes) -> None:
        """Send a frame unchanged."""
        assert self._socket
        await self._socket.send(frame)

    def forget(self) -> None:
        """Forget the displayed output."""
        self.output.clear()

    async def until(self, text: bytes, seconds: float = 90.0) -> None:
        """Wait until `text` came."""
        await self.wait(lambda: text in self.output, seconds)

    async def wait(self, condition: Any, seconds: float = 90.0) -> None:
        """Wait until `condition` holds."""
        async with self._came:
            await asyncio.wait_for(self._came.wait_for(condition), seconds)

    def cut(self) -> None:
        """Break the connection as a network does: without a goodbye."""
        assert self._socket
        self._socket.transport.abort()
        self._greeted = False

    async def close(self) -> None:
        """Close the connection."""
        if self._socket:
            await self._socket.close()
        if self._reader:
            await self._reader
