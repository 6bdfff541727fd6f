"""Server and workers on different machines: mutual TLS, and a greeting by which both know that they fit.

Each side has a folder with its certificate (`tls.crt`, `tls.key`) and the only certificate that it accepts
(`peer.crt`). There is no authority that could vouch for others, and names don't matter.
"""

import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

from lab import __version__
from lab.errors import LabError
from lab.serve.wire import Kind, packed_data, read

__all__ = ["StrangerError", "greet", "keep_alive", "tls"]

#: How long the other side may take to introduce itself, in s.
_PATIENCE = 5.0
#: A connection whose other side was lost ends after 15 s, without traffic and with data under way.
_ALIVE = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 2, "TCP_USER_TIMEOUT": 15_000}


class StrangerError(OSError):
    """The other side is no server or worker of this version."""


def tls(folder: Path, *, listening: bool) -> ssl.SSLContext:
    """Return the TLS context of the side whose certificates are in `folder`.

    Raises:
        LabError: they can't be used.

    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if listening else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        context.load_verify_locations(folder / "peer.crt")
    except OSError as error:
        raise LabError(
            f"The certificates in {folder} can't be used.",
            str(error),
            "It needs tls.crt, tls.key, and the other side's certificate as peer.crt.",
        ) from error
    return context


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Introduce this side, and wait until the other one has done so.

    Raises:
        StrangerError: it did not, or is of another version.
        OSError: the connection broke.

    """
    keep_alive(writer.get_extra_info("socket"))
    writer.write(packed_data(Kind.HELLO, {"version": __version__}))
    try:
        frame = await asyncio.wait_for(read(reader), _PATIENCE)
    except TimeoutError:
        frame = None
    if frame is None or frame.kind is not Kind.HELLO:
        raise StrangerError("it did not introduce itself")
    version = frame.said.get("version")
    if version != __version__:
        raise StrangerError(f"it is kluster {version}, and this is {__version__}")


def keep_alive(line: socket.socket) -> None:
    """Let the system end a connection whose other side was lost with its machine."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in _ALIVE.items():
        # Not every system has all of them.
        with contextlib.suppress(AttributeError, OSError):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
