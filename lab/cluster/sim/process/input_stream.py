"""Reading a stream in a thread that does not keep the process from ending."""

import os
from collections.abc import Iterator
from typing import BinaryIO

__all__ = ["chunks"]

_CHUNK = 1 << 16


def chunks(stream: BinaryIO | None) -> Iterator[bytes]:
    """Yield data from `stream` as it comes, until its end.

    A file is read below its buffer: a thread that holds the buffer's lock would stop the interpreter from ending.
    """
    if stream is None:
        return
    try:
        descriptor: int | None = stream.fileno()
    except (OSError, ValueError):
        descriptor = None
    try:
        while data := stream.read(_CHUNK) if descriptor is None else os.read(descriptor, _CHUNK):
            yield data
    except (OSError, ValueError):  # it was closed
        return
