"""Checks of every request: known hosts and one origin. Headers forbid everything that no page here needs."""

from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.serve.post import COOKIE

__all__ = ["Guard", "secret_of"]

#: The longest body of a request, in bytes.
_LONGEST_BODY = 16 * 1024
_POLICY = (
    # xterm.js writes style elements.
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}


def secret_of(headers: Headers) -> str:
    """Return the secret of the request's browser; empty if it has none."""
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


class Guard:
    """Accepts requests to `hosts` (each with its port) from pages of the same host.

    `public` is the origin of a proxy before the server, such as `https://class.example.com`: its pages are the
    server's own.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str], *, public: str = "") -> None:
        self._app = app
        self._public = public
        self._hosts = frozenset({*hosts, urlsplit(public).netloc} - {""})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass others on."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if problem := self._problem(scope, headers):
            await self._refuse(scope, receive, send, problem)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                if scope["path"].startswith("/static/vendor/"):
                    found.setdefault("Cache-Control", "public, max-age=86400")
                for name, value in _HEADERS.items():
                    found.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)

    def _problem(self, scope: Scope, headers: Headers) -> str:
        """Return why a request is refused; empty if it is accepted."""
        host = headers.get("host", "")
        if headers.getlist("host") != [host] or host not in self._hosts:
            return "This is not the address of this server."
        needs_origin = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        origin = headers.get("origin")
        if (needs_origin or origin is not None) and origin != self._origin_of(host, scope):
            return "That page belongs to another server."
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _LONGEST_BODY or "transfer-encoding" in headers:
            return "That is too long."
        return ""

    def _origin_of(self, host: str, scope: Scope) -> str:
        """Return the origin of the pages at `host`. A proxy speaks TLS where this server does not."""
        if self._public and host == urlsplit(self._public).netloc:
            return self._public
        secure = scope.get("scheme") in {"https", "wss"}
        return f"{'https' if secure else 'http'}://{host}"

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, problem: str) -> None:
        if scope["type"] == "websocket":
            # A close before the connection is accepted becomes a plain 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        await PlainTextResponse(f"{problem}\n", 403, _HEADERS)(scope, receive, send)
