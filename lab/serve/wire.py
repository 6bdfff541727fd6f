"""The protocol between the server and its workers: frames over a socket pair, or over TLS (`apart`).

A frame names a screen by its number, and a view. Each browser at a screen begins a new view, so that output for
its predecessor is recognised. Frames for or from a seat name the screen of its first chair.
"""

import asyncio
import json
import struct
from enum import IntEnum
from typing import Any, NamedTuple

__all__ = ["HANDED", "LONGEST", "Frame", "Kind", "packed", "packed_data", "read"]

_HEADER = struct.Struct("!IBHI")
#: Longer frames are invalid: a screen takes 50 KB, and a paste is sent in pieces.
LONGEST = 4 * 1024 * 1024
#: The files of a submitted lab that an appeal needs; the last one says that all are there.
HANDED = ("submitted/sim.json", "baseline.json", "lab.json")


class Kind(IntEnum):
    """The kind of a frame."""

    # To a worker.
    OPEN = 1
    START = 2
    ATTACH = 3
    DETACH = 4
    INPUT = 5
    DISPLAYED = 6
    RESIZE = 7
    ORDER = 8
    CLOSE = 9
    WATCH = 10
    # Both ways, first.
    HELLO = 11
    # From a worker.
    OUTPUT = 20
    TAKEN = 21
    STATUS = 22
    LINES = 23
    FIGURES = 24
    GAP = 25
    ASK = 26
    KEPT = 27


class Frame(NamedTuple):
    """One frame."""

    kind: Kind
    seat: int
    view: int
    data: bytes

    @property
    def said(self) -> Any:  # noqa: ANN401 -- JSON
        """The data, parsed as JSON."""
        return json.loads(self.data)


def packed(kind: Kind, seat: int = 0, view: int = 0, data: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    return _HEADER.pack(len(data), kind, seat, view) + data


def packed_data(kind: Kind, data: object, *, seat: int = 0, view: int = 0) -> bytes:
    """Return a frame with `data` as JSON."""
    return packed(kind, seat, view, json.dumps(data).encode())


async def read(reader: asyncio.StreamReader) -> Frame | None:
    """Return the next frame; None at the end."""
    try:
        length, kind, seat, view = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        if length > LONGEST:
            return None
        return Frame(Kind(kind), seat, view, await reader.readexactly(length))
    except (asyncio.IncompleteReadError, OSError, ValueError):
        return None
