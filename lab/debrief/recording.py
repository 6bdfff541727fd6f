"""The recording of an attempt's terminals as asciicasts (version 2), one a node, kept while it is played.

Format: https://docs.asciinema.org/manual/asciicast/v2/ (a header, then one event a line: seconds, kind, data).
"""

import json
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Literal, TextIO

from lab.debrief.collect import Moment

__all__ = ["Recorder", "casts", "with_markers"]

#: A recording does not grow beyond this, in bytes: `yes` fills a disk.
_LIMIT = 32 * 1024 * 1024
_SUFFIX = ".cast"
#: What the timeline marks in a recording: commands are to be seen there anyway.
_MARKED = {"hint", "turned", "cut-short", "gave-up", "diagnosed", "submitted", "advice"}


class Recorder:
    """Writes what terminals show into a folder. A line that a crash cuts off is left out when it is read."""

    def __init__(self, folder: Path, started: datetime, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._started = started
        self._clock = clock
        self._files: dict[str, TextIO] = {}
        self._sizes: dict[str, tuple[int, int]] = {}

    def write(self, node: str, data: bytes, cols: int, rows: int) -> None:
        """Add what the terminal on `node`, of that size, shows."""
        try:
            file = self._files.get(node) or self._open(node, cols, rows)
            if file.tell() > _LIMIT:
                return
            seconds = round(self._clock() - self._started.timestamp(), 3)
            if self._sizes.get(node) != (cols, rows):
                self._sizes[node] = (cols, rows)
                file.write(f"{json.dumps([seconds, 'r', f'{cols}x{rows}'])}\n")
            file.write(f"{json.dumps([seconds, 'o', data.decode(errors='replace')])}\n")
        except OSError:
            # A full disk must not end the game.
            return

    def close(self) -> None:
        """End the recording; it can be gone on with."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _open(self, node: str, cols: int, rows: int) -> TextIO:
        path = self._folder / f"{node}{_SUFFIX}"
        header = _header(path)
        mode: Literal["a", "w"] = "a"
        if header is None or header.get("timestamp") != int(self._started.timestamp()):
            mode = "w"
            self._sizes[node] = (cols, rows)
        file: TextIO = path.open(mode, encoding="utf-8", buffering=1)
        if mode == "w":
            start = int(self._started.timestamp())
            file.write(f"{json.dumps({'version': 2, 'width': cols, 'height': rows, 'timestamp': start})}\n")
        self._files[node] = file
        return file


def casts(folder: Path) -> dict[str, Path]:
    """Return node -> recording."""
    return {path.stem: path for path in sorted(folder.glob(f"*{_SUFFIX}"))}


def with_markers(recording: str, moments: Iterable[Moment]) -> str:
    """Return `recording` with the moments of the timeline as markers, in the order of time."""
    header, *lines = recording.splitlines()
    events: list[tuple[float, str, str]] = []
    for line in lines:
        try:
            seconds, kind, data = json.loads(line)
        except ValueError:
            continue
        events.append((float(seconds), str(kind), str(data)))
    events += [(moment.seconds, "m", moment.text) for moment in moments if moment.kind in _MARKED]
    events.sort(key=lambda event: event[0])
    return "\n".join([header, *(json.dumps(list(event)) for event in events)]) + "\n"


def _header(path: Path) -> dict[str, object] | None:
    try:
        with path.open(encoding="utf-8") as file:
            header = json.loads(file.readline())
    except (OSError, ValueError):
        return None
    return header if isinstance(header, dict) else None
