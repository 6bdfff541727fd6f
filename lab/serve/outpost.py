"""A worker that listens: servers connect, go away and come back, and its seats stay.

One server is served at a time; a new connection replaces the previous one, whose server may have been lost
without a word.
"""

import asyncio
import contextlib
import ssl
import sys

from lab.serve.apart import greet
from lab.serve.seats.house import House
from lab.serve.wire import read

__all__ = ["Outpost"]

_HEALTHY = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"
#: How long a probe may take to ask, in s.
_PATIENCE = 5.0


class Outpost:
    """The seats of this process, for the server that is connected."""

    def __init__(self, share: float) -> None:
        self.house = House(self._send, share=share)
        self._writer: asyncio.StreamWriter | None = None
        #: The ports on which it listens for servers and for probes, once it does.
        self.port = self.probes = 0

    def _send(self, data: bytes) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)

    async def serve(self, host: str, port: int, context: ssl.SSLContext, ended: asyncio.Event) -> None:
        """Serve on `port`, and answer probes on the next one, until `ended` is set; 0 is any free port."""
        async with self.house.living():
            listener = await asyncio.start_server(
                self._meet, host, port, ssl=context, ssl_handshake_timeout=_PATIENCE, limit=1 << 22
            )
            probes = await asyncio.start_server(_healthy, host, port and port + 1)
            self.port, self.probes = (each.sockets[0].getsockname()[1] for each in (listener, probes))
            try:
                await ended.wait()
            finally:
                listener.close()
                probes.close()
                self._hang_up()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await greet(reader, writer)
        except OSError as error:
            print(f"a server was refused: {error}", file=sys.stderr)  # noqa: T201 -- the pod's log
            writer.close()
            return
        if self._writer is not None:
            self._part()
        self._writer = writer
        while (frame := await read(reader)) is not None and self._writer is writer:
            self.house.hear(frame)
        if self._writer is writer:
            self._part()
        writer.close()

    def _part(self) -> None:
        """Leave the present server; the seats wait for the next one."""
        self._hang_up()
        self.house.part()

    def _hang_up(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()


async def _healthy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer a probe: the loop of all seats is alive."""
    with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError):
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
        writer.write(_HEALTHY)
        await writer.drain()
    writer.close()
