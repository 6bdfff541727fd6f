"""A worker on another machine, such as in a pod of its own: it listens, and outlives the server."""

import asyncio
import ssl

from lab.errors import UsageProblem
from lab.serve.apart import greet
from lab.serve.environment import PORT

__all__ = ["Remote", "address"]

#: How long a connection may take, in s: an address whose pod is gone may not answer at all.
_PATIENCE = 5.0


def address(text: str) -> tuple[str, int]:
    """Return host and port of `text`, such as `worker-0:8006`.

    Raises:
        UsageProblem: it is no address.

    """
    host, _, port = text.rpartition(":") if ":" in text else (text, "", str(PORT))
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageProblem(f"'{text}' is no address of a worker.", remedy=f"Write HOST or HOST:PORT ({PORT}).")
    return host.strip("[]"), int(port)


class Remote:
    """A worker that listens at `host` and `port`, and accepts the server by its certificate."""

    apart = True

    def __init__(self, host: str, port: int, context: ssl.SSLContext) -> None:
        self._host, self._port = host, port
        self._context = context

    def __str__(self) -> str:
        return f"worker {self._host}:{self._port}"

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect, and make sure that the worker fits."""
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(
                self._host, self._port, ssl=self._context, limit=1 << 22
            )
        try:
            await greet(reader, writer)
        except BaseException:
            writer.close()
            raise
        return reader, writer

    async def closed(self) -> None:
        """Do not wait: the worker stays, or its successor comes to the same address."""

    async def end(self) -> None:
        """Let the worker be: it keeps its seats for the next server."""
