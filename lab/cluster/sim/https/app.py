"""The ASGI application: requests over HTTPS, passed to the simulator's loop, and their answers or streams."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.api.requests import Target, needs_etcd, parse
from lab.cluster.sim.https.answering import Api
from lab.cluster.sim.https.asked import JSON, Answer, Asked, refusal
from lab.cluster.sim.https.sockets import serve_socket
from lab.cluster.sim.https.tunnels import serve_tunnel
from lab.cluster.sim.https.turns import on_simulator, response

__all__ = ["LARGEST", "application"]

#: The largest body that a real API server takes, in bytes.
LARGEST = 3 * 1024**2
#: Lines of a watch that may wait for a slow client; then the watch ends, and the client begins again.
_MOST_WAITING = 10_000
_LOOK = 0.1
_HANGS, _HANGS_WRITING = 60.0, 34.0
_FOLLOW = 0.5
_BOOKMARK = 60.0
_LONGEST_WATCH = 1800.0
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_TOO_LATE = "Timeout: request did not complete within requested timeout - context deadline exceeded"
_UNHEALTHY = "[+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\n{which} check failed\n"


def application(api: Api, used: Callable[[], contextlib.AbstractContextManager[None]]) -> Starlette:
    """Return the application; `used` is entered while a request runs."""

    async def serve(request: Request) -> Response:
        with used():
            return await _served(api, request, used)

    async def connect(websocket: WebSocket) -> None:
        groups = tuple(websocket.headers.getlist("impersonate-group"))
        query, headers = dict(websocket.query_params), dict(websocket.headers)
        asked = Asked("GET", websocket.url.path, query, headers, groups)
        with used():
            if late := await _reached(api, asked):
                await websocket.send_denial_response(response(late))
                return
            serving = serve_tunnel if asked.path.endswith("/portforward") else serve_socket
            await serving(api, websocket, asked)

    routes = [Route("/{path:path}", serve, methods=_METHODS), WebSocketRoute("/{path:path}", connect)]
    return Starlette(routes=routes)


async def _served(
    api: Api, request: Request, used: Callable[[], contextlib.AbstractContextManager[None]]
) -> Response:
    try:
        asked = await _asked(request)
        if late := await _reached(api, asked):
            return response(late)
        if asked.method == "GET" and asked.on("watch"):
            return await _watch(api, asked, used)
        if asked.method == "GET" and asked.path.endswith("/log") and "/pods/" in asked.path:
            return await _log(api, asked, used)
        if "/proxy" in asked.path and (target := parse(asked.path)) and target.sub == "proxy":
            return await _passed(api, asked, target)
        return response(await on_simulator(api.answer, asked))
    except ApiError as error:
        return response(Answer.of(error.code, error.status()))


async def _asked(request: Request) -> Asked:
    """Read a request; raise `ApiError` for one that is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST}")
    groups = tuple(request.headers.getlist("impersonate-group"))
    return Asked(
        request.method, request.url.path, dict(request.query_params), dict(request.headers), groups, bytes(body)
    )


async def _reached(api: Api, asked: Asked) -> Answer | None:
    """Wait for the API server as a connection to it does; return an answer if there is none from it.

    While it does not run, the listener ends connections, and so this wait.
    """
    waited = 0.0
    while True:
        state, _, held = await on_simulator(api.state)
        if state in {"up", "warming"} and not held:
            return None
        if state == "hangs" and not held:
            which = asked.path.split("/")[1]
            if which in {"livez", "readyz", "healthz"}:
                return Answer.of(500, _UNHEALTHY.format(which=which))
            if not needs_etcd(asked.path):
                return None
            waited += _LOOK
            if waited > (_HANGS if asked.method == "GET" else _HANGS_WRITING):
                return refusal(504, "Timeout", _TOO_LATE)
        await asyncio.sleep(_LOOK)


async def _passed(api: Api, asked: Asked, target: Target) -> Response:
    """Return the answer of the program behind a proxy."""
    passed = await on_simulator(api.passed, asked, target)
    await asyncio.sleep(passed.wait)
    if isinstance(passed.answer, ApiError):
        raise passed.answer
    page = passed.answer
    media = None if "Content-Type" in page.headers or not page.body else "text/plain; charset=utf-8"
    return Response(page.body, page.status, page.headers, media)


async def _watch(api: Api, asked: Asked, used: Callable[[], contextlib.AbstractContextManager[None]]) -> Response:
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    watch = await on_simulator(api.watch, asked, lambda line: loop.call_soon_threadsafe(lines.put_nowait, line))
    seconds = asked.query.get("timeoutSeconds", "")
    ends = loop.time() + min(float(seconds) if seconds.isdigit() else _LONGEST_WATCH, _LONGEST_WATCH)
    bookmarks = asked.on("allowWatchBookmarks")

    async def stream() -> AsyncIterator[bytes]:
        with used():
            try:
                while (left := ends - loop.time()) > 0 and lines.qsize() < _MOST_WAITING:
                    try:
                        yield await asyncio.wait_for(lines.get(), min(left, _BOOKMARK))
                    except TimeoutError:
                        if bookmarks and ends > loop.time():
                            await on_simulator(watch.bookmark)
            finally:
                await on_simulator(watch.end)

    return StreamingResponse(stream(), media_type=JSON)


async def _log(api: Api, asked: Asked, used: Callable[[], contextlib.AbstractContextManager[None]]) -> Response:
    log = await on_simulator(api.log, asked)
    first = await on_simulator(log.first)
    if not asked.on("follow"):
        return Response(first, media_type="text/plain")

    async def stream() -> AsyncIterator[bytes]:
        with used():
            yield first
            while (more := await on_simulator(log.more)) is not None:
                if more:
                    yield more
                await asyncio.sleep(_FOLLOW)

    return StreamingResponse(stream(), media_type="text/plain")
