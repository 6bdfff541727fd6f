"""port-forward over a websocket: kubectl's streams of SPDY, and the older pairs of channels of other clients."""

import asyncio
import contextlib
import struct

from starlette.websockets import WebSocket, WebSocketDisconnect

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.https.answering import Api
from lab.cluster.sim.https.asked import Answer, Asked
from lab.cluster.sim.https.forwarding import Forward, Forwarder
from lab.cluster.sim.https.spdy import Data, Farewell, Frame, Opened, Ping, Reset, Spdy, SpdyError
from lab.cluster.sim.https.turns import on_simulator, received, response

__all__ = ["serve_tunnel"]

_SPDY, _CHANNELS = "SPDY/3.1+portforward.k8s.io", "v4.channel.k8s.io"
#: The most connections of one client at a time.
_MOST = 200
_LOOK = 0.5
_NUMBERS = range(1, 65536)


async def serve_tunnel(api: Api, websocket: WebSocket, asked: Asked) -> None:
    """Forward ports of a pod until the client or the pod ends."""
    offered = websocket.scope["subprotocols"]
    protocol = next((each for each in (_SPDY, _CHANNELS) if each in offered), None)
    try:
        if protocol is None and offered:
            raise ApiError.bad_request(f"this server takes the protocols {_SPDY}, {_CHANNELS}")
        ports = [] if protocol == _SPDY else _ports(websocket.query_params.getlist("ports"))
        forwarder = await on_simulator(api.forwarder, asked)
    except ApiError as error:
        await websocket.send_denial_response(response(Answer.of(error.code, error.status())))
        return
    await websocket.accept(protocol)
    tunnel = Streams(forwarder) if protocol == _SPDY else Channels(forwarder, ports)
    carrying = asyncio.create_task(_carry(websocket, tunnel))
    try:
        while not carrying.done() and await on_simulator(lambda: forwarder.alive):
            await asyncio.wait({carrying}, timeout=_LOOK)
    finally:
        carrying.cancel()
        with contextlib.suppress(asyncio.CancelledError, RuntimeError, WebSocketDisconnect):
            await carrying
        with contextlib.suppress(RuntimeError):
            await websocket.close()


def _ports(texts: list[str]) -> list[int]:
    """Return the ports that a client of channels asks for; raise `ApiError`."""
    words = [word for text in texts for word in text.split(",")]
    if not words:
        raise ApiError.bad_request('query parameter "ports" is required')
    for word in words:
        if not (word.isdigit() and len(word) < 6 and int(word) in _NUMBERS):
            raise ApiError.bad_request(f'unable to parse "{word}" as a port')
    return [int(word) for word in words]


async def _carry(websocket: WebSocket, tunnel: "Streams | Channels") -> None:
    with contextlib.suppress(WebSocketDisconnect, SpdyError):
        for message in await on_simulator(tunnel.begin):
            await websocket.send_bytes(message)
        while not tunnel.over:
            data = await received(websocket)
            for message in await on_simulator(tunnel.receive, data):
                await websocket.send_bytes(message)


class Channels:
    """A pair of channels for each port: one for data, one for an error."""

    def __init__(self, forwarder: Forwarder, ports: list[int]) -> None:
        self._forwarder, self._ports = forwarder, ports
        self._forwards: dict[int, Forward] = {}

    @property
    def over(self) -> bool:
        """Whether no connection is left."""
        return not self._forwards

    def begin(self) -> list[bytes]:
        """Connect; return each channel's port, and the errors."""
        found = []
        for index, port in enumerate(self._ports):
            head = struct.pack("<H", port)
            found += [bytes([2 * index]) + head, bytes([2 * index + 1]) + head]
            made = self._forwarder.connect(port)
            if isinstance(made, str):
                found.append(bytes([2 * index + 1]) + made.encode())
            else:
                self._forwards[2 * index] = made
        return found

    def receive(self, message: bytes) -> list[bytes]:
        """Take a message; return the answers."""
        channel = message[0] if message else -1
        forward = self._forwards.get(channel)
        if forward is None or len(message) == 1:
            return []
        answer = forward.receive(message[1:])
        if forward.over:
            del self._forwards[channel]
        return [bytes([channel]) + answer] if answer else []


class Streams:
    """Streams of SPDY: for each connection one for an error, then one for data."""

    def __init__(self, forwarder: Forwarder) -> None:
        self._forwarder = forwarder
        self._spdy = Spdy()
        #: The number of a connection -> its stream for errors.
        self._errors: dict[str, int] = {}
        #: A stream for data -> its connection, and its stream for errors.
        self._forwards: dict[int, tuple[Forward, int]] = {}
        #: Whether the client has said farewell.
        self.over = False

    @staticmethod
    def begin() -> list[bytes]:
        """The client begins."""
        return []

    def receive(self, message: bytes) -> list[bytes]:
        """Take bytes; return the answers; raise `SpdyError`."""
        found = b"".join(self._answer(frame) for frame in self._spdy.receive(message))
        return [found] if found else []

    def _answer(self, frame: Frame) -> bytes:
        match frame:
            case Opened():
                return self._open(frame)
            case Data():
                return self._pass_on(frame)
            case Reset():
                self._forwards.pop(frame.stream, None)
            case Ping():
                return self._spdy.ping(frame.number)
            case Farewell():
                self.over = True
        return b""

    def _open(self, frame: Opened) -> bytes:
        headers = frame.headers
        port, kind, number = (headers.get(key, "") for key in ("port", "streamtype", "requestid"))
        known = kind in {"error", "data"} and port.isdigit() and len(port) < 6 and int(port) in _NUMBERS
        if not known or len(self._forwards) + len(self._errors) > _MOST:
            return self._spdy.reset(frame.stream)
        accepted = self._spdy.accepted(frame.stream)
        if kind == "error":
            self._errors[number] = frame.stream
            return accepted
        errors = self._errors.pop(number, 0)
        made = self._forwarder.connect(int(port))
        if isinstance(made, str):
            told = self._spdy.data(errors, made.encode(), last=True) if errors else b""
            return accepted + told + self._spdy.reset(frame.stream)
        self._forwards[frame.stream] = made, errors
        return accepted

    def _pass_on(self, frame: Data) -> bytes:
        forward, errors = self._forwards.get(frame.stream, (None, 0))
        if forward is None:
            return b""
        send = self._spdy.data
        answer = forward.receive(frame.data) if frame.data else b""
        if frame.last and not forward.over:
            answer += forward.receive(b"")
        found = send(frame.stream, answer) if answer else b""
        if forward.over or frame.last:
            del self._forwards[frame.stream]
            found += send(frame.stream, b"", last=True)
            found += send(errors, b"", last=True) if errors else b""
        return found
