"""A trainee's terminal on a simulated node, behind the lab's interface: bytes in, bytes out."""

import asyncio
import queue
from typing import TYPE_CHECKING

from prompt_toolkit.input import create_pipe_input

from lab.cluster.sim.bash.running.endings import State
from lab.cluster.sim.bash.running.outside import environment_of, kill_session
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.session import Session
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.bash.running.shell_program import new_shell
from lab.cluster.sim.commands.places import node_place
from lab.cluster.sim.login.interactive import Interactive
from lab.cluster.sim.machine.signals import Signal
from lab.cluster.sim.shell.tty import Terminal
from lab.cluster.sim.timing.background_loop import background_loop

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["SimShell"]

_TERMINAL = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


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
        """Return output: None if none came in time, empty bytes once the shell has ended."""
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
        """Use the window's size."""
        self._size = (rows, cols)
        if self._terminal is not None:
            self._loop.call_soon_threadsafe(self._terminal.resize, rows, cols)

    def close(self) -> None:
        """End the shell; drop its remaining output."""
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
        place = node_place(self._world, self._node)
        try:
            with create_pipe_input() as pipe:
                terminal = self._terminal = Terminal(pipe, self._emit, *self._size)
                terminal.interactive = self._inside
                await self._log_in(place, terminal)
        finally:
            self._ended = True
            self._out.put(b"")

    async def _log_in(self, place: Place, terminal: Terminal) -> None:
        """Run a login shell to its end; if this is cancelled, the terminal hangs up."""
        file = terminal.opened()
        descriptors = {0: file, 1: file, 2: file}
        environment = environment_of(place) | _TERMINAL
        process = Process(place, ["bash", "-l"], environment=environment, folder="/root", descriptors=descriptors)
        file.release()
        process.session = Session(process.pid, terminal)
        process.from_outside = True

        async def main(running: Process) -> int:
            shell = new_shell(running, name="bash", interactive=True)
            shell.login = True
            shell.options.shopts["login_shell"] = True
            return await Interactive(terminal, shell).run()

        over = asyncio.get_running_loop().create_future()
        process.changed = lambda changed: _settle(over, changed)
        process.start(main)
        try:
            await over
        except asyncio.CancelledError:
            kill_session(process, Signal.SIGHUP)
            kill_session(process, Signal.SIGCONT)

    async def _inside(self, shell: Shell) -> int:
        terminal = self._terminal
        return 1 if terminal is None else await Interactive(terminal, shell).run()


def _settle(over: "asyncio.Future[None]", process: Process) -> None:
    if process.state is State.ZOMBIE and not over.done():
        over.set_result(None)
