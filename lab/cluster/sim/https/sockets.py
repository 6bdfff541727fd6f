"""exec and attach over a websocket: each message has the number of its channel before it."""

import asyncio
import contextlib
import json

from starlette.websockets import WebSocket, WebSocketDisconnect

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.https.answering import Api
from lab.cluster.sim.https.asked import Answer, Asked
from lab.cluster.sim.https.attaching import Attachment
from lab.cluster.sim.https.executing import Execution
from lab.cluster.sim.https.turns import on_simulator, received, response

__all__ = ["PROTOCOLS", "serve_socket"]

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
_STDIN, _STDOUT, _STDERR, _STATUS, _RESIZE, _CLOSE = 0, 1, 2, 3, 4, 255
#: Messages that may wait for a slow client; then the program waits.
_MOST_WAITING = 64


async def serve_socket(api: Api, websocket: WebSocket, asked: Asked) -> None:
    """Run the program that is asked for until it or the client ends."""
    protocol = next((each for each in PROTOCOLS if each in websocket.scope["subprotocols"]), None)
    try:
        if protocol is None:
            raise ApiError.bad_request(f"this server takes the protocols {', '.join(PROTOCOLS)}")
        words = websocket.query_params.getlist("command")
        execution = await on_simulator(api.program, asked, words)
    except ApiError as error:
        await websocket.send_denial_response(response(Answer.of(error.code, error.status())))
        return
    await websocket.accept(protocol)
    await _carry(websocket, execution)


async def _carry(websocket: WebSocket, execution: Execution | Attachment) -> None:
    loop = asyncio.get_running_loop()
    frames: asyncio.Queue[bytes | None] = asyncio.Queue(_MOST_WAITING)

    async def put(frame: bytes | None) -> None:
        await frames.put(frame)

    async def output(error: bool, data: bytes) -> None:  # noqa: FBT001 -- which stream
        frame = bytes([_STDERR if error else _STDOUT]) + data
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(put(frame), loop))

    def over(status: dict[str, object]) -> None:
        asyncio.run_coroutine_threadsafe(put(bytes([_STATUS]) + json.dumps(status).encode()), loop)
        asyncio.run_coroutine_threadsafe(put(None), loop)

    await on_simulator(execution.begin, output, over)
    sending = asyncio.create_task(_send(websocket, frames))
    receiving = asyncio.create_task(_receive(websocket, execution))
    try:
        await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await on_simulator(execution.stop)
        for task in (sending, receiving):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, RuntimeError, WebSocketDisconnect):
                await task


async def _send(websocket: WebSocket, frames: asyncio.Queue[bytes | None]) -> None:
    # A real server tells in this way that the connection stands.
    await websocket.send_bytes(bytes([_STDOUT]))
    while (frame := await frames.get()) is not None:
        await websocket.send_bytes(frame)
    await websocket.close()


async def _receive(websocket: WebSocket, execution: Execution | Attachment) -> None:
    handlers = {
        _STDIN: lambda data: execution.type(data) if data else None,
        _RESIZE: lambda data: _resize(execution, data),
        _CLOSE: lambda data: execution.type(b"") if data[:1] == bytes([_STDIN]) else None,
    }
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            frame = await received(websocket)
            if frame and (handler := handlers.get(frame[0])):
                await on_simulator(handler, frame[1:])


def _resize(execution: Execution | Attachment, data: bytes) -> None:
    with contextlib.suppress(ValueError, KeyError, TypeError):
        size = json.loads(data)
        execution.resize(max(1, min(int(size["Height"]), 500)), max(1, min(int(size["Width"]), 500)))
