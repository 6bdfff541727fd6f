"""The connection of a terminal to a seat: it numbers the input, and reconnects by itself, as the page does."""

import json
import queue
import random
import secrets
import struct
import threading
from contextlib import suppress
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from lab.serve.visit.address import Door

__all__ = ["LEAVES", "SeatLine", "WatchLine"]

#: The key that leaves: no program of the lab needs it.
LEAVES = b"\x1d"
#: Resets a terminal: its own screen, a cursor, no mouse, no bracketed paste.
_MODES = b"\x1b[?1000l\x1b[?1002l\x1b[?1006l\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l\x1b]0;\x07"
_PIECE = 8 * 1024
_FIRST, _SLOWEST = 0.3, 8.0
#: The status for those who are not let in.
_REFUSED = 403
#: The server's reasons for closing a connection for good.
_ENDS = {
    4002: "Another browser or terminal has this seat now.",
    4003: "This seat has a new code. Ask your instructor for it.",
}


class _Line:
    """A websocket that reconnects; its output is read like a shell's."""

    def __init__(self, door: Door, path: str) -> None:
        self._door = door
        self._path = path
        self._output: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._socket: ClientConnection | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._displayed = 0
        self._greeted = False
        #: The server's reason for the end, if it gave one.
        self.why = ""
        self._thread = threading.Thread(target=self._run, daemon=True, name="line")

    def begin(self) -> None:
        """Connect."""
        self._thread.start()

    # --- the shell protocol, for the terminal that is connected to it ---

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return output: `None` if nothing came within `timeout` s, `b""` once it has ended."""
        with suppress(queue.Empty):
            data = self._output.get(timeout=timeout)
            if not data:
                self._output.put(b"")
            return data
        return None

    def write(self, data: bytes) -> None:
        """Leave if the input says so."""
        if LEAVES in data:
            self.close()

    def resize(self, rows: int, cols: int) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Close the connection."""
        self._closed.set()
        with self._lock:
            socket = self._socket
        if socket:
            with suppress(OSError):
                socket.close_socket()
        self._output.put(_MODES)
        self._output.put(b"")

    # --- the connection ---

    def _run(self) -> None:
        tries = 0
        while not self._closed.is_set():
            try:
                self._live()
                tries = 0
            except ConnectionClosed as closed:
                self.why = _ENDS.get(closed.rcvd.code if closed.rcvd else 0, "")
                tries = 0
            except InvalidStatus as refused:
                # Any other status is that of a server that ends.
                if refused.response.status_code == _REFUSED:
                    self.why = "The server does not let this terminal in any more."
            except (OSError, WebSocketException):
                # Also a server that dies within a handshake.
                pass
            if self.why:
                self.close()
            else:
                # With jitter: a whole class reconnects at once.
                self._closed.wait(min(_SLOWEST, _FIRST * 2**tries) * (0.5 + random.random()))  # noqa: S311
                tries += 1

    def _live(self) -> None:
        scheme = "wss" if self._door.url.startswith("https") else "ws"
        with connect(
            f"{scheme}://{self._door.host}{self._path}",
            additional_headers={"Cookie": self._door.cookie},
            origin=Origin(self._door.url),
            proxy=None,
            ssl=self._door.context,
            max_size=None,
            compression=None,
        ) as socket:
            with self._lock:
                self._socket = socket
                # What is typed before the server has greeted is sent then.
                self._greeted = False
            self._displayed = 0
            self._greet(socket)
            for frame in socket:
                if isinstance(frame, bytes):
                    self._heard(socket, frame)

    def _greet(self, socket: ClientConnection) -> None:
        """Introduce this client."""

    def _heard(self, socket: ClientConnection, frame: bytes) -> None:
        kind, data = frame[:1], frame[1:]
        if kind == b"O":
            self._output.put(data)
            self._displayed += len(data)
            socket.send(b"A" + struct.pack("!I", self._displayed & 0xFFFFFFFF))
        elif kind == b"J":
            self._about(json.loads(data))

    def _about(self, said: dict[str, Any]) -> None:
        """Receive the content around the screen."""


class WatchLine(_Line):
    """A view of another person's screen: input is ignored, except for the key that leaves."""

    def __init__(self, door: Door, chair: str) -> None:
        super().__init__(door, f"/board/look/line?chair={chair}")


class SeatLine(_Line):
    """The connection to one's own seat."""

    def __init__(self, door: Door, rows: int, cols: int) -> None:
        super().__init__(door, "/seat/line")
        self._page = secrets.token_hex(16)
        self._size = cols, rows
        self._number = 0
        self._waiting: list[tuple[int, bytes]] = []

    def write(self, data: bytes) -> None:
        """Send input; it is kept until the server has acknowledged it."""
        if LEAVES in data:
            self.close()
            return
        for at in range(0, len(data), _PIECE):
            with self._lock:
                self._number += 1
                piece = self._number, data[at : at + _PIECE]
                self._waiting.append(piece)
                if self._socket and self._greeted:
                    with suppress(ConnectionClosed, OSError):
                        self._socket.send(_numbered(*piece))

    def resize(self, rows: int, cols: int) -> None:
        """Request another screen size."""
        with self._lock:
            self._size = cols, rows
            if self._socket and self._greeted:
                with suppress(ConnectionClosed, OSError):
                    self._socket.send(b"R" + struct.pack("!HH", cols, rows))

    def _greet(self, socket: ClientConnection) -> None:
        with self._lock:
            first = self._waiting[0][0] if self._waiting else self._number + 1
            cols, rows = self._size
        hello = {"page": self._page, "first": first, "cols": cols, "rows": rows}
        socket.send(b"H" + json.dumps(hello).encode())

    def _heard(self, socket: ClientConnection, frame: bytes) -> None:
        if frame[:1] == b"T":
            self._taken(socket, struct.unpack("!I", frame[1:])[0])
        else:
            super()._heard(socket, frame)

    def _taken(self, socket: ClientConnection, number: int) -> None:
        with self._lock:
            self._waiting = [each for each in self._waiting if each[0] > number]
            if not self._greeted:
                # The first answer says what had arrived before; the rest is sent again.
                self._greeted = True
                self._number = max(self._number, number)
                for each in self._waiting:
                    socket.send(_numbered(*each))

    def _about(self, said: dict[str, Any]) -> None:
        """Show the content around the screen in the window's title."""
        parts = [str(said["title"]), str(said["who"])]
        if said.get("captain"):
            parts.append("captain")
        if said.get("paused"):
            parts.append("paused")
        if said.get("watched"):
            parts.append("THE INSTRUCTOR LOOKS AT YOUR SCREEN")
        title = "".join(char for char in " - ".join(parts) if char.isprintable())
        self._output.put(f"\x1b]0;{title}\x07".encode())


def _numbered(number: int, data: bytes) -> bytes:
    return b"I" + struct.pack("!I", number) + data
