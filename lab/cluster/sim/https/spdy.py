"""SPDY/3.1 frames, as a client of port-forward sends them within a websocket.

The parts that Kubernetes' clients use: streams opened by the client, data, ends, resets, pings, farewells.
Windows are not kept, as the real servers' library does not keep them.

The protocol: https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/
"""

import struct
import zlib
from dataclasses import dataclass, field

__all__ = ["Data", "Farewell", "Frame", "Opened", "Ping", "Reset", "Spdy", "SpdyError"]

_VERSION = 3
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY = 1, 2, 3, 6, 7
_FIN = 1
_HEAD = 8
_CANCEL = 5
#: The longest frame, and the longest headers unpacked, in bytes.
_LONGEST = 1024**2
_LONGEST_HEADERS = 16 * 1024

_NAMES = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges "
    "age allow authorization cache-control connection content-base content-encoding content-language "
    "content-length content-location content-md5 content-range content-type date etag expect expires from "
    "host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location "
    "max-forwards pragma proxy-authenticate proxy-authorization range referer retry-after server te trailer "
    "transfer-encoding upgrade user-agent vary via warning www-authenticate method get status"
)
_MORE = ("200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin")
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Author"
    "itative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 No"
    "t Found500 Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Au"
    "g Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,"
    "image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,def"
    "late,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)


def _long(text: str) -> bytes:
    return struct.pack(">I", len(text)) + text.encode()


#: What both sides' compression of headers begins with.
DICTIONARY = b"".join(map(_long, (*_NAMES.split(), *_MORE))) + _REST.encode()


class SpdyError(ValueError):
    """The client does not speak SPDY/3.1."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The client opens a stream. Names of headers are in lower case."""

    stream: int
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Data:
    """The client sends data; `last`: no more will come."""

    stream: int
    data: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Reset:
    """The client drops a stream."""

    stream: int


@dataclass(frozen=True, slots=True)
class Ping:
    """The client wants the same number back."""

    number: int


@dataclass(frozen=True, slots=True)
class Farewell:
    """The client opens no stream any more."""


Frame = Opened | Data | Reset | Ping | Farewell


class Spdy:
    """The server's side of one connection: it reads frames from bytes, and makes bytes."""

    def __init__(self) -> None:
        self._read = bytearray()
        self._unpack = zlib.decompressobj(zdict=DICTIONARY)
        self._pack = zlib.compressobj(zdict=DICTIONARY)

    def receive(self, data: bytes) -> list[Frame]:
        """Return the frames that are complete now; raise `SpdyError`."""
        self._read += data
        found: list[Frame] = []
        while len(self._read) >= _HEAD:
            first, second = struct.unpack_from(">II", self._read)
            flags, length = second >> 24, second & 0xFFFFFF
            if length > _LONGEST:
                raise SpdyError(f"a frame of {length} bytes")
            if len(self._read) < _HEAD + length:
                break
            body = bytes(self._read[_HEAD : _HEAD + length])
            del self._read[: _HEAD + length]
            frame = self._control(first, body) if first >> 31 else Data(first, body, bool(flags & _FIN))
            if frame is not None:
                found.append(frame)
        return found

    def _control(self, first: int, body: bytes) -> Frame | None:
        version, kind = first >> 16 & 0x7FFF, first & 0xFFFF
        if version != _VERSION:
            raise SpdyError(f"version {version}")
        try:
            if kind == _SYN_STREAM:
                return Opened(struct.unpack_from(">I", body)[0] & 0x7FFFFFFF, self._headers(body[10:]))
            if kind == _RST_STREAM:
                return Reset(struct.unpack_from(">I", body)[0] & 0x7FFFFFFF)
            if kind == _PING:
                return Ping(struct.unpack_from(">I", body)[0])
        except (struct.error, zlib.error, UnicodeDecodeError) as error:
            raise SpdyError(str(error)) from None
        return Farewell() if kind == _GOAWAY else None

    def _headers(self, packed: bytes) -> dict[str, str]:
        text = self._unpack.decompress(packed, _LONGEST_HEADERS)
        if self._unpack.unconsumed_tail:
            raise SpdyError("headers are too long")
        (count,) = struct.unpack_from(">I", text)
        at, words = 4, []
        for _ in range(2 * min(count, _LONGEST_HEADERS)):
            (length,) = struct.unpack_from(">I", text, at)
            words.append(text[at + 4 : at + 4 + length].decode())
            at += 4 + length
        return dict(zip(words[::2], words[1::2], strict=True))

    def accepted(self, stream: int) -> bytes:
        """Answer that a stream is open."""
        packed = self._pack.compress(struct.pack(">I", 0)) + self._pack.flush(zlib.Z_SYNC_FLUSH)
        return _control_frame(_SYN_REPLY, struct.pack(">I", stream) + packed)

    @staticmethod
    def data(stream: int, data: bytes, *, last: bool = False) -> bytes:
        """Send data; after the last no more may come."""
        return struct.pack(">II", stream, (_FIN if last else 0) << 24 | len(data)) + data

    @staticmethod
    def reset(stream: int) -> bytes:
        """Drop a stream."""
        return _control_frame(_RST_STREAM, struct.pack(">II", stream, _CANCEL))

    @staticmethod
    def ping(number: int) -> bytes:
        """Answer a ping."""
        return _control_frame(_PING, struct.pack(">I", number))


def _control_frame(kind: int, body: bytes) -> bytes:
    return struct.pack(">II", 1 << 31 | _VERSION << 16 | kind, len(body)) + body
