"""The recording of an attempt's terminals as asciicasts (version 2), one per node, written during play.

Format: https://docs.asciinema.org/manual/asciicast/v2/ (a header, then one event per line: seconds, kind, data).
Everything is ASCII (JSON escapes the rest), so a file that a crash cuts off is still readable.
"""

import codecs
import heapq
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from lab.debrief.moments import Moment
from lab.untrusted_json import parsed

__all__ = ["Recorder", "casts", "with_markers"]

#: The approximate limit of a recording in bytes: `yes` would fill a disk.
_LIMIT = 32 * 1024 * 1024
_SUFFIX = ".cast"
#: Players shorten longer pauses, in seconds: the lab teaches patience, a recording need not.
_IDLE = 5
#: Kinds of moments that become markers. Commands are visible in the recording itself.
_MARKED = {"hint", "turned", "cut-short", "gave-up", "solution", "diagnosed", "submitted", "advice"}

_Event = tuple[float, str, str]


@dataclass(slots=True)
class _Cast:
    """One recording that is being written."""

    file: BinaryIO
    bytes: int
    size: tuple[int, int] | None = None
    seconds: float = 0.0
    #: Output arrives in pieces, and a character may be split across two of them.
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def add(self, seconds: float, kind: str, data: str) -> None:
        self.seconds = max(self.seconds, round(seconds, 3))
        self.line([self.seconds, kind, data])

    def line(self, value: object) -> None:
        line = f"{json.dumps(value)}\n".encode("ascii")
        self.file.write(line)
        self.bytes += len(line)


class Recorder:
    """Writes the output of terminals into a folder as it arrives. A crash costs at most the last line."""

    def __init__(
        self, folder: Path, started: datetime, clock: Callable[[], float] = time.time, limit: int = _LIMIT
    ) -> None:
        self._folder = folder
        self._started = started
        self._clock = clock
        self._limit = limit
        self._casts: dict[str, _Cast] = {}
        #: Distinguishes the files from those of another recorder in the same folder.
        self.mark = ""

    def write(self, node: str, data: bytes, cols: int, rows: int) -> None:
        """Add output of the terminal on `node`; `size` is its size."""
        try:
            cast = self._casts.get(node) or self._open(node, cols, rows)
            if cast.bytes >= self._limit:
                return
            seconds = self._clock() - self._started.timestamp()
            if cast.size != (cols, rows):
                cast.size = (cols, rows)
                cast.add(seconds, "r", f"{cols}x{rows}")
            if text := cast.decoder.decode(data):
                cast.add(seconds, "o", text)
            if cast.bytes >= self._limit:
                cast.add(seconds, "m", "the recording ends here: it has grown too large")
        except OSError:
            # A full disk must not end the game.
            return

    def close(self) -> None:
        """End the recording; it can be continued later."""
        for cast in self._casts.values():
            cast.file.close()
        self._casts.clear()

    def _open(self, node: str, cols: int, rows: int) -> _Cast:
        path = self._folder / f"{node}{self.mark}{_SUFFIX}"
        start = int(self._started.timestamp())
        if _timestamp(path) == start:
            cast = _Cast(path.open("ab", buffering=0), path.stat().st_size)
            if not _ends_a_line(path):
                # An incomplete line becomes a bad line of its own.
                cast.file.write(b"\n")
        else:
            cast = _Cast(path.open("wb", buffering=0), 0, size=(cols, rows))
            header = {"version": 2, "width": cols, "height": rows, "timestamp": start, "idle_time_limit": _IDLE}
            cast.line(header | {"env": {"TERM": "xterm-256color", "SHELL": "/bin/bash"}})
        self._casts[node] = cast
        return cast


def casts(folder: Path, started: datetime | None = None) -> dict[str, Path]:
    """Return node -> recording, of the attempt that `started` then, or of any attempt."""
    found = {path.stem: path for path in sorted(folder.glob(f"*{_SUFFIX}"))}
    if started is None:
        return found
    return {node: path for node, path in found.items() if _timestamp(path) == int(started.timestamp())}


def with_markers(recording: str, moments: Iterable[Moment]) -> str:
    """Return `recording` with the moments of the timeline as markers, in order of time.

    Lines that are not events are dropped.
    """
    lines = recording.split("\n")
    header = _parsed(lines[0])
    if not isinstance(header, dict):
        header = {"version": 2, "width": 80, "height": 24}
    marks = [(moment.seconds, "m", moment.text) for moment in moments if moment.kind in _MARKED]
    events = heapq.merge(_events(lines[1:]), sorted(marks), key=lambda event: event[0])
    return "".join(f"{json.dumps(value)}\n" for value in (header, *(list(event) for event in events)))


def _events(lines: Iterable[str]) -> Iterator[_Event]:
    """Return the events in the order in which they were written, even if the clock jumped."""
    latest = 0.0
    for line in lines:
        match _parsed(line):
            case [float() | int() as seconds, str() as kind, str() as data]:
                latest = max(latest, float(seconds))
                yield latest, kind, data


def _parsed(line: str) -> object:
    try:
        return parsed(line)
    except ValueError:
        return None


def _timestamp(path: Path) -> object:
    """Return the start time in the header of the recording at `path`, or None without a header."""
    try:
        with path.open("rb") as file:
            header = _parsed(file.readline().decode("ascii", "replace"))
    except OSError:
        return None
    return header.get("timestamp") if isinstance(header, dict) else None


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read() == b"\n"
