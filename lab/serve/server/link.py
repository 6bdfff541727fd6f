"""A worker, as the server sees it: it is reached, exchanges frames, and is reached again when it went away."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any, Protocol

from lab.serve.wire import Frame, read

__all__ = ["Link", "Way"]

#: How long to wait before a worker is reached again that went away at once, in s.
_PAUSE = 0.5


class Way(Protocol):
    """How a worker is reached."""

    @property
    def apart(self) -> bool:
        """Whether the worker has a disk of its own: then it alone has the labs of its seats."""

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection to the worker.

        Raises:
            OSError: it can't be reached now.

        """

    async def closed(self) -> None:
        """Wait until another connection makes sense; the present one has ended."""

    async def end(self) -> None:
        """Let the worker end, if it ends with the server; the connection is closed."""


class Link:
    """One worker. `came` is called when it was reached, `heard` with each frame, `went` when it went away."""

    def __init__(
        self,
        way: Way,
        *,
        came: Callable[["Link"], None],
        heard: Callable[["Link", Frame], None],
        went: Callable[["Link"], None],
    ) -> None:
        self._way = way
        self._came, self._heard, self._went = came, heard, went
        self._writer: asyncio.StreamWriter | None = None
        #: How often it was reached.
        self.starts = 0
        #: What it takes, as it said last; empty while it is away.
        self.figures: dict[str, Any] = {}
        self._problem = ""

    @property
    def apart(self) -> bool:
        """Whether the worker alone has the labs of its seats."""
        return self._way.apart

    def send(self, data: bytes) -> None:
        """Send a frame if the worker is there; when it comes, it gets the whole state anyway."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)

    async def run(self) -> None:
        """Keep the worker connected until cancelled."""
        try:
            while True:
                await self._live()
                await asyncio.sleep(_PAUSE)
        finally:
            await self._way.end()

    async def _live(self) -> None:
        try:
            reader, self._writer = await self._way.open()
        except OSError as error:
            self._say(f"{self._way}: {error.strerror or str(error) or type(error).__name__}")
            return
        self._problem = ""
        self.starts += 1
        self._came(self)
        try:
            while (frame := await read(reader)) is not None:
                self._hear(frame)
        finally:
            self._writer.close()
            self._writer = None
        await self._way.closed()
        self.figures = {}
        self._went(self)

    def _say(self, problem: str) -> None:
        """Write a new problem into the server's log."""
        if problem != self._problem:
            self._problem = problem
            print(problem, file=sys.stderr)  # noqa: T201 -- the log

    def _hear(self, frame: Frame) -> None:
        try:
            self._heard(self, frame)
        except Exception as error:  # noqa: BLE001 -- a full disk, for example, is not the end of the event
            print(f"screen {frame.seat}, {frame.kind.name}: {error!r}", file=sys.stderr)  # noqa: T201 -- the log
