"""The way from the server's loop to the simulator's, and the way of an answer back to HTTP."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from lab.cluster.sim.https.asked import Answer
from lab.cluster.sim.timing.background_loop import background_loop

__all__ = ["on_simulator", "received", "response"]

T = TypeVar("T")


async def on_simulator(function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401 -- those of the function
    """Call a function on the simulator's loop."""

    async def call() -> T:
        return function(*arguments)

    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call(), background_loop()))


async def received(websocket: WebSocket) -> bytes:
    """Return the next message, which some clients send as text; raise `WebSocketDisconnect` at the end."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    data: bytes | None = message.get("bytes")
    return data if data is not None else str(message.get("text") or "").encode()


def response(answer: Answer) -> Response:
    """Return an answer as HTTP."""
    found = Response(answer.body, answer.code, media_type=answer.media)
    for warning in answer.warnings:
        text = warning.replace("\\", "\\\\").replace('"', '\\"')
        found.headers.append("Warning", f'299 - "{text}"')
    return found
