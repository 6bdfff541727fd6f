"""The server's websockets, for protocols with names that HTTP does not allow: `SPDY/3.1+portforward.k8s.io`."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers

__all__ = ["Upgrades"]


class Upgrades(WebSocketsSansIOProtocol):
    """uvicorn's websockets. The application selects the protocol; the library would refuse a name with a slash."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 -- those of the server
        super().__init__(*arguments, **options)
        self.conn.process_subprotocol = _unread  # type: ignore[method-assign]


def _unread(headers: Headers) -> None:
    """Select no protocol; the application reads the header."""
    del headers
