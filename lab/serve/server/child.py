"""A worker as a process of this machine: it is started, and ends with the server."""

import asyncio
import contextlib
import socket
import sys
from pathlib import Path

from lab.serve.environment import environment

__all__ = ["Child"]

#: How long a worker may take to save its labs, in s: less than the 60 s of a pod (deploy/chart).
_LAST_MOMENT = 50.0


class Child:
    """A process whose labs are in `home`, and whose looks may take `share` of a processor."""

    apart = False

    def __init__(self, home: Path, share: float) -> None:
        self._home = home
        self._share = share
        self._process: asyncio.subprocess.Process | None = None

    def __str__(self) -> str:
        return "worker"

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Start the process; return a connection to it."""
        ours, theirs = socket.socketpair()
        try:
            await self._start(theirs)
        except BaseException:
            ours.close()
            raise
        return await asyncio.open_connection(sock=ours, limit=1 << 22)

    async def _start(self, theirs: socket.socket) -> None:
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "lab.serve.worker",
                str(theirs.fileno()),
                str(self._share),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                env=environment(self._home),
                # Ctrl-C in the terminal is for the server only.
                start_new_session=True,
            )

    async def closed(self) -> None:
        """Wait until the process has ended, so that its labs are free."""
        if self._process:
            await self._process.wait()

    async def end(self) -> None:
        """Wait until the process has ended: it does so by itself, since its connection is closed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        try:
            await asyncio.wait_for(process.wait(), _LAST_MOMENT)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
