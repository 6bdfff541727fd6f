"""The pages of an event, and the requests that they make."""

import contextlib
import io
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path
from typing import Any

import segno
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import (
    FileResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from lab.errors import LabError
from lab.serve.post import COOKIE
from lab.serve.server import acts, board, look, orders
from lab.serve.server.guard import Guard, secret_of
from lab.serve.server.guests import INSTRUCTOR, TooManyError
from lab.serve.server.hall import Hall
from lab.serve.server.line import serve
from lab.serve.server.metrics import CONTENT_TYPE
from lab.untrusted_json import parsed

__all__ = ["web"]

_PAGES = Path(__file__).parent / "static"
#: How many boards may be open.
_BOARDS = 20


def web(
    hall: Hall, hosts: Collection[str], *, secure: bool = False, public: str = "", metrics_token: str = ""
) -> ASGIApp:
    """Return the web application of an event at `hosts`; `secure` if it speaks TLS.

    `public` is the origin of a proxy before it; who sends `metrics_token` as a bearer token may read the metrics.
    """
    secure = secure or public.startswith("https:")
    return Guard(_Web(hall, secure=secure, metrics_token=metrics_token).app, hosts, public=public)


class _Web:
    def __init__(self, hall: Hall, *, secure: bool, metrics_token: str) -> None:
        self._hall = hall
        self._secure = secure
        self._metrics_token = metrics_token
        self.app = Starlette(
            routes=[
                Route("/", self._door),
                Route("/join", self._join, methods=["POST"]),
                Route("/leave", self._leave, methods=["POST"]),
                Route("/seat", self._page("seat.html", self._is_seat)),
                WebSocketRoute("/seat/line", self._line),
                Route("/board", self._page("board.html", self._is_instructor)),
                Route("/projector", self._page("projector.html", self._is_instructor)),
                Route("/board/look", self._page("look.html", self._is_instructor)),
                WebSocketRoute("/board/look/line", self._look),
                Route("/board/qr.svg", self._code),
                Route("/board/events", self._events),
                Route("/projector/events", self._events),
                Route("/healthz", self._healthy),
                Route("/readyz", self._ready),
                Route("/metrics", self._metrics),
                Route("/witness", self._witness, methods=["POST"]),
                Route("/board/act", self._act, methods=["POST"]),
                Mount("/static", StaticFiles(directory=_PAGES)),
            ]
        )

    def _who(self, request: Request | WebSocket) -> str | None:
        return self._hall.guests.who(secret_of(request.headers))

    def _is_seat(self, request: Request) -> bool:
        return self._who(request) in self._hall.chairs

    def _is_instructor(self, request: Request) -> bool:
        return self._who(request) == INSTRUCTOR

    def _page(self, name: str, allowed: Callable[[Request], bool]) -> Callable[[Request], Awaitable[Response]]:
        async def page(request: Request) -> Response:
            return FileResponse(_PAGES / name) if allowed(request) else RedirectResponse("/", 303)

        return page

    async def _door(self, request: Request) -> Response:
        del request
        return FileResponse(_PAGES / "door.html")

    async def _join(self, request: Request) -> Response:
        said = await _said(request)
        try:
            joined = self._hall.guests.join(str(said.get("code", "")))
        except TooManyError:
            return _problem("Too many wrong codes were tried. Wait a minute, then try again.", 429)
        if joined is None:
            return _problem("There is no such code. Codes contain no O, I, 0 or 1.", 403)
        secret, name = joined
        if (chair := self._hall.chairs.get(name)) and (wanted := str(said.get("name", ""))):
            orders.choose_name(self._hall, chair, wanted)
        answer = JSONResponse({"to": "/board" if name == INSTRUCTOR else "/seat"})
        answer.set_cookie(COOKIE, secret, httponly=True, samesite="strict", secure=self._secure, max_age=2 * 86400)
        return answer

    async def _leave(self, request: Request) -> Response:
        del request
        answer = JSONResponse({"to": "/"})
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)
        return answer

    async def _line(self, socket: WebSocket) -> None:
        name = self._who(socket)
        if name not in self._hall.chairs:
            # Before it is accepted a close is answered as a plain 403.
            await socket.close(1008)
            return
        await serve(socket, self._hall, name)

    async def _healthy(self, request: Request) -> Response:
        """Answer as long as the server handles requests."""
        del request
        return PlainTextResponse("ok\n")

    async def _ready(self, request: Request) -> Response:
        """Answer 200 once every worker has started, 503 before."""
        del request
        return (
            PlainTextResponse("ready\n")
            if self._hall.crew.ready
            else PlainTextResponse("workers are starting\n", 503)
        )

    async def _metrics(self, request: Request) -> Response:
        """Answer Prometheus, which sends the instructor's secret or the metrics' own as a bearer token."""
        kind, _, said = request.headers.get("authorization", "").partition(" ")
        bearer = said if kind.lower() == "bearer" else ""
        token = self._metrics_token
        allowed = (
            self._is_instructor(request)
            or self._hall.guests.who(bearer) == INSTRUCTOR
            or (bool(token) and secrets.compare_digest(bearer.encode(), token.encode()))
        )
        if not allowed:
            return _problem("Only the instructor may open this page.", 403)
        return Response(self._hall.metrics.text(), media_type=CONTENT_TYPE)

    async def _witness(self, request: Request) -> Response:
        chair = self._hall.chairs.get(self._who(request) or "")
        if chair is None:
            return _problem("Join with a seat's code first.", 403)
        try:
            receipt = self._hall.witness.countersign(chair.place.name, await _said(request))
        except LabError as problem:
            return _problem(f"{problem.title} {problem.remedy}".strip(), 409)
        return Response(receipt.model_dump_json(), media_type="application/json")

    async def _look(self, socket: WebSocket) -> None:
        chair = self._hall.chairs.get(socket.query_params.get("chair", ""))
        if chair is None or self._who(socket) != INSTRUCTOR:
            await socket.close(1008)
            return
        await look.serve(socket, self._hall, chair)

    async def _code(self, request: Request) -> Response:
        """Answer with a QR code of the address, or of a person's link for joining."""
        if not self._is_instructor(request):
            return _problem("Only the instructor may open this page.", 403)
        chair = self._hall.chairs.get(request.query_params.get("chair", ""))
        link = self._hall.address + (f"#{chair.state.code}" if chair else "")
        picture = io.BytesIO()
        segno.make(link, error="m").save(picture, kind="svg", scale=6, light="#fff", dark="#000")
        return Response(picture.getvalue(), media_type="image/svg+xml")

    async def _events(self, request: Request) -> Response:
        if not self._is_instructor(request):
            return _problem("Only the instructor may open this page.", 403)
        if self._hall.boards >= _BOARDS:
            return _problem("Too many boards are open.", 503)
        projector = request.url.path.startswith("/projector")
        return StreamingResponse(self._told(projector=projector), media_type="text/event-stream")

    async def _told(self, *, projector: bool) -> AsyncIterator[str]:
        self._hall.boards += 1
        try:
            async with contextlib.aclosing(board.stream(self._hall, projector=projector)) as told:  # type: ignore[type-var]
                async for each in told:
                    yield each
        finally:
            self._hall.boards -= 1

    async def _act(self, request: Request) -> Response:
        if not self._is_instructor(request):
            return _problem("Only the instructor may open this page.", 403)
        try:
            by = self._hall.guests.instructor(secret_of(request.headers))
            return JSONResponse(acts.act(self._hall, await _said(request), by))
        except LabError as problem:
            return _problem(f"{problem.title} {problem.remedy}".strip(), 409)


async def _said(request: Request) -> dict[str, Any]:
    """Return the JSON of a request; empty if there is none, since forms of other pages send no JSON."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return {}
    try:
        said = parsed(await request.body())
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _problem(words: str, status: int) -> Response:
    return JSONResponse({"problem": words}, status)
