"""Reading a stream in a thread that does not keep the process from ending."""

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

__all__ = ["chunks"]

_CHUNK = 1 << 16


def chunks(stream: BinaryIO | None) -> Iterator[bytes]:
    """Return what yields data from `stream` as it comes, until its end, in any thread.

    A file is read below its buffer: a thread that holds the buffer's lock would stop the interpreter from ending.
    Its descriptor is duplicated at once: the stream may be closed before the thread reads, and the number of its
    descriptor then belongs to the next file that is opened.
    """
    if stream is None:
        return iter(())
    try:
        descriptor = os.dup(stream.fileno())
    except (OSError, ValueError):
        return _of_stream(stream)
    return _of_descriptor(descriptor)


def _of_stream(stream: BinaryIO) -> Iterator[bytes]:
    with suppress(OSError, ValueError):  # it was closed
        while data := stream.read(_CHUNK):
            yield data


def _of_descriptor(descriptor: int) -> Iterator[bytes]:
    try:
        with suppress(OSError):
            while data := os.read(descriptor, _CHUNK):
                yield data
    finally:
        os.close(descriptor)
