"""A trainee's terminal on a simulated node, as the lab's door has it: bytes in, bytes out."""

import asyncio
import contextlib
import queue
from typing import TYPE_CHECKING

from prompt_toolkit.input import create_pipe_input

from lab.cluster.sim.commands.registry import NODE_COMMANDS
from lab.cluster.sim.login.interactive import Interactive
from lab.cluster.sim.shell.session import Session
from lab.cluster.sim.shell.tty import Terminal
from lab.cluster.sim.timing.clock import Waiter
from lab.cluster.sim.timing.event_loop import background_loop

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["SimShell"]

_SETUP = (
    "shopt -s expand_aliases login_shell 2>/dev/null; shopt -s expand_aliases; [ -f ~/.bashrc ] && . ~/.bashrc"
)


class SimShell:
    """A login shell that keeps its state."""

    def __init__(self, world: "World", node: "NodeModel", rows: int, cols: int) -> None:
        self._world = world
        self._node = node
        self._size = (rows, cols)
        self._out: queue.Queue[bytes] = queue.Queue()
        self._ended = self._closed = False
        self._terminal: Terminal | None = None
        self._loop = background_loop()
        self._life = asyncio.run_coroutine_threadsafe(self._begin(), self._loop).result()

    def read(self, timeout: float | None = None) -> bytes | None:
        """Return what was printed: None if nothing came in time, nothing at all once the shell has ended."""
        if self._closed or (self._ended and self._out.empty()):
            return b""
        try:
            data = self._out.get(timeout=timeout)
        except queue.Empty:
            return None
        while data and not self._out.empty():
            more = self._out.get_nowait()
            if not more:
                self._ended = True
                break
            data += more
        return data

    def write(self, data: bytes) -> None:
        """Send `data` as typed."""
        self._loop.call_soon_threadsafe(self._typed, data)

    def resize(self, rows: int, cols: int) -> None:
        """Take note of the window's size."""
        self._size = (rows, cols)
        if self._terminal is not None:
            self._loop.call_soon_threadsafe(self._terminal.resize, rows, cols)

    def close(self) -> None:
        """End the shell; what it has still to say nobody hears."""
        self._closed = True
        if not self._ended:
            self._loop.call_soon_threadsafe(self._life.cancel)

    # On the loop

    async def _begin(self) -> "asyncio.Task[None]":
        return asyncio.get_running_loop().create_task(self._live())

    def _typed(self, data: bytes) -> None:
        if self._terminal is not None and not self._life.done():
            self._terminal.typed(data)

    def _emit(self, data: bytes) -> None:
        if data:
            self._out.put(data)

    async def _live(self) -> None:
        session = Session(
            self._world,
            self._node,
            commands=NODE_COMMANDS,
            waiter=Waiter(),
            cwd="/root",
            env={"TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )
        try:
            with create_pipe_input() as pipe:
                self._terminal = Terminal(pipe, self._emit, *self._size)
                self._terminal.interactive = self._inside
                await Interactive(self._terminal, session).run(_SETUP)
        except asyncio.CancelledError:
            for task in self._terminal.running if self._terminal else []:
                task.cancel()
        finally:
            self._ended = True
            self._out.put(b"")
            with contextlib.suppress(Exception):
                session.close()

    async def _inside(self, session: Session) -> int:
        terminal = self._terminal
        if terminal is None:
            return 1
        try:
            return await Interactive(terminal, session).run("shopt -s expand_aliases")
        finally:
            session.close()
