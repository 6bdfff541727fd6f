"""A worker, as the server sees it: a process that is started, exchanges frames, and is replaced when it dies."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from lab.serve.wire import Frame, read

__all__ = ["Link"]

#: How long to wait before restarting a worker that died at once, in s.
_PAUSE = 1.0
#: How long a worker may take to save its labs, in s: less than the 60 s of a pod (deploy/chart).
_LAST_MOMENT = 50.0
#: Settings as for a lab's own process: shells' threads, and large blocks whose memory is returned at once.
_SHELLS = {"RUST_MIN_STACK": str(256 * 1024**2), "TOKIO_WORKER_THREADS": "8"}
_MALLOC = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
#: Variables that Textual would read from the environment of the server's user.
_NOT_OURS = ("TEXTUAL", "COLUMNS", "LINES", "NO_COLOR", "KLUSTER_")


class Link:
    """One worker. `came` is called when a new process is there, `heard` with each frame, `went` at its end."""

    def __init__(
        self,
        home: Path,
        share: float,
        *,
        came: Callable[["Link"], None],
        heard: Callable[["Link", Frame], None],
        went: Callable[["Link"], None],
    ) -> None:
        self._home = home
        self._share = share
        self._came, self._heard, self._went = came, heard, went
        self._writer: asyncio.StreamWriter | None = None
        self._process: asyncio.subprocess.Process | None = None
        #: How often it was started.
        self.starts = 0

    @property
    def pid(self) -> int:
        """The process' number; 0 while there is none."""
        return self._process.pid if self._process and self._process.returncode is None else 0

    def send(self, data: bytes) -> None:
        """Send a frame if the worker is there; a new worker gets the whole state anyway."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(data)

    async def run(self) -> None:
        """Keep a worker running until cancelled."""
        try:
            while True:
                await self._live()
                await asyncio.sleep(_PAUSE)
        finally:
            await self._end()

    async def _live(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "lab.serve.worker",
                str(theirs.fileno()),
                str(self._share),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=_environment(self._home),
                # Ctrl-C in the terminal is for the server only.
                start_new_session=True,
            )
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=1 << 22)
        self.starts += 1
        self._came(self)
        try:
            while (frame := await read(reader)) is not None:
                self._hear(frame)
        finally:
            self._writer.close()
            self._writer = None
        await self._process.wait()
        self._went(self)

    def _hear(self, frame: Frame) -> None:
        try:
            self._heard(self, frame)
        except Exception as error:  # noqa: BLE001 -- a full disk, for example, is not the end of the event
            print(f"screen {frame.seat}, {frame.kind.name}: {error!r}", file=sys.stderr)  # noqa: T201 -- the log

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        try:
            # It ends by itself, since its connection is closed.
            await asyncio.wait_for(process.wait(), _LAST_MOMENT)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)}
    terminal = {"COLORTERM": "truecolor", "TERM": "xterm-256color"}
    return {**kept, **_SHELLS, **_MALLOC, **terminal, "KLUSTER_HOME": str(home)}
