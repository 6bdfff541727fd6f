"""Submitted labs of workers on other machines: the event's folder gets what an appeal needs."""

import zlib
from pathlib import Path

from lab.serve.event.folder import EventFolder
from lab.serve.wire import HANDED
from lab.writing import write_durably

__all__ = ["hand_over", "handed_over"]

#: The longest file, in bytes: a worker must not fill the server's memory.
_LONGEST = 64 * 1024 * 1024


def handed_over(folder: EventFolder, seat: str) -> bool:
    """Return whether the event's folder has the submitted lab of a seat."""
    return _path(folder, seat, HANDED[-1]).is_file()


def hand_over(folder: EventFolder, seat: str, data: bytes) -> None:
    """Write a file of the submitted lab of a seat, once: `data` is its name and its compressed text.

    Raises:
        ValueError: it is no such file, or was cut off.
        zlib.error: it is not compressed.
        OSError: the disk is full.

    """
    name, _, packed = data.partition(b"\0")
    if name.decode() not in HANDED:
        raise ValueError("no file of a submitted lab")
    path = _path(folder, seat, name.decode())
    if not path.exists():
        unpacked = zlib.decompressobj()
        text = unpacked.decompress(packed, _LONGEST).decode()
        if not unpacked.eof:
            raise ValueError("the file is too long, or was cut off")
        write_durably(path, text)


def _path(folder: EventFolder, seat: str, name: str) -> Path:
    return folder.home / "labs" / seat / name
