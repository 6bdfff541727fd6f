"""uvicorn's server with a bound on handshakes, which strangers can begin as well: their number and their time."""

import asyncio
import contextlib
import functools
import socket
import ssl

import uvicorn

__all__ = ["Server"]

#: Seconds in which a client's handshake must be over; the library's own limit is 60.
_HANDSHAKE = 10.0
#: Handshakes at the same time. One more ends the oldest: silent ones are the oldest.
_MOST_HANDSHAKES = 64
#: Seconds before the next try when the process has no descriptor left.
_WAIT = 0.1


class Server(uvicorn.Server):
    """Accepts connections by itself, and hands those to uvicorn that have shown their certificate."""

    def __init__(self, config: uvicorn.Config, context: ssl.SSLContext) -> None:
        super().__init__(config)
        self._context = context
        self._accepting: list[asyncio.Task[None]] = []
        #: The oldest first.
        self._handshakes: dict[asyncio.Task[None], None] = {}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        await self.lifespan.startup()
        self.servers = []
        for listener in sockets or []:
            listener.settimeout(0)
            self._accepting.append(asyncio.create_task(self._accept(listener)))
        self.started = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End all connections."""
        for task in [*self._accepting, *self._handshakes]:
            task.cancel()
        await asyncio.gather(*self._accepting, *self._handshakes, return_exceptions=True)
        await super().shutdown(sockets)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listener)
            except OSError:
                await asyncio.sleep(_WAIT)
                continue
            if len(self._handshakes) >= _MOST_HANDSHAKES:
                oldest = next(iter(self._handshakes))
                self._handshakes.pop(oldest)
                oldest.cancel()
            task = asyncio.create_task(self._shake(connection))
            self._handshakes[task] = None
            task.add_done_callback(functools.partial(self._shaken, connection))

    async def _shake(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            await asyncio.get_running_loop().connect_accepted_socket(
                self._protocol, connection, ssl=self._context, ssl_handshake_timeout=_HANDSHAKE
            )

    def _shaken(self, connection: socket.socket, task: asyncio.Task[None]) -> None:
        self._handshakes.pop(task, None)
        if task.cancelled():
            connection.close()  # nobody else does if the task had not begun

    def _protocol(self) -> asyncio.Protocol:
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return made
