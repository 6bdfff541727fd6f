"""A program that a client runs in a container, with its streams or with a terminal. On the simulator's loop."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from prompt_toolkit.input import create_pipe_input

from lab.cluster.sim.api.errors import ApiError
from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.bash.running.open_files import OpenFile, Sink
from lab.cluster.sim.bash.running.outside import ended, environment_of, kill_session
from lab.cluster.sim.bash.running.outside_input import Feed
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.bash.running.session import ControllingTerminal, Session
from lab.cluster.sim.bash.running.shell import Shell
from lab.cluster.sim.commands.containers import NOT_FOUND, execute, not_started
from lab.cluster.sim.commands.places import node_place
from lab.cluster.sim.https.pods import Found, running
from lab.cluster.sim.login.interactive import Interactive
from lab.cluster.sim.shell.tty import Terminal
from lab.cluster.sim.timing.background_loop import background_loop
from lab.cluster.sim.world.world import World

__all__ = ["Execution"]

_SIZE = (24, 80)
#: Takes output: whether it is of stderr, and the bytes.
Output = Callable[[bool, bytes], Awaitable[None]]


class Execution:
    """One program in a container."""

    def __init__(
        self, world: World, found: Found, argv: Sequence[str], *, tty: bool, stdin: bool,
        main: bool = False,
    ) -> None:  # fmt: skip
        """Raise `ApiError` if nothing can run there. With the `main` program of a container the container ends."""
        if not argv:
            raise ApiError.bad_request("you must specify at least one command for the container")
        why = f'unable to upgrade connection: container not found ("{found.name}")'
        self._sandbox, self._container = running(found, why)
        self._world, self._node, self._argv, self._main = world, found.node, list(argv), main
        self._tty, self._stdin = tty, stdin
        self._feed = Feed(background_loop())
        self._terminal: Terminal | None = None
        self._life: asyncio.Task[None] | None = None

    def begin(self, output: Output, over: Callable[[dict[str, object]], None]) -> None:
        """Run the program; call `over` with its Status at the end."""
        self._life = asyncio.get_running_loop().create_task(self._live(output, over))

    def type(self, data: bytes) -> None:
        """Send input; no bytes mark its end."""
        if self._terminal is None:
            self._feed.add(data)
        elif data:
            self._terminal.typed(data)

    def resize(self, rows: int, cols: int) -> None:
        """Use the size of the client's window."""
        if self._terminal is not None:
            self._terminal.resize(rows, cols)

    def stop(self) -> None:
        """End the program, since the client is gone."""
        if self._life is not None:
            self._life.cancel()

    async def _live(self, output: Output, over: Callable[[dict[str, object]], None]) -> None:
        world = self._world
        world.clock.catch_up()
        with world.clock.user():
            if self._tty:
                with create_pipe_input() as pipe:
                    self._terminal = Terminal(pipe, self._emitter(output), *_SIZE)
                    self._terminal.interactive = self._inside
                    file = self._terminal.opened()
                    code = await self._run({0: file, 1: file, 2: file}, self._terminal)
            else:
                code = await self._run(
                    {0: self._feed, 1: Sink(lambda data: output(False, data)),  # noqa: FBT003 -- which stream
                     2: Sink(lambda data: output(True, data))}, None,  # noqa: FBT003
                )  # fmt: skip
        if self._main and code != NOT_FOUND:
            self._node.runtime.stop(self._container, world.now(), code)
            world.poke()
        over(self._status(code))

    def _emitter(self, output: Output) -> Callable[[bytes], None]:
        loop = asyncio.get_running_loop()
        waiting: set[asyncio.Task[None]] = set()

        def emit(data: bytes) -> None:
            async def send() -> None:
                await output(False, data)  # noqa: FBT003 -- which stream

            task = loop.create_task(send())
            waiting.add(task)
            task.add_done_callback(waiting.discard)

        return emit

    async def _run(self, descriptors: dict[int, OpenFile], terminal: ControllingTerminal | None) -> int:
        place = node_place(self._world, self._node)
        environment = environment_of(place)
        process = Process(
            place, ["kubelet", *self._argv], environment=environment, folder="/", descriptors=descriptors
        )
        for file in set(descriptors.values()):
            file.release()
        process.session = Session(process.pid, terminal)
        process.from_outside = True

        async def main(running: Process) -> int:
            call = Call(running, "kubelet", self._argv)
            stdin, tty = self._stdin, self._tty
            return await execute(
                call, self._node, self._sandbox, self._container, self._argv, stdin=stdin, tty=tty
            )

        process.start(main)
        try:
            return int(await ended(process) or 0)
        finally:
            self._feed.close()
            kill_session(process)

    async def _inside(self, shell: Shell) -> int:
        return 1 if self._terminal is None else await Interactive(self._terminal, shell).run()

    def _status(self, code: int) -> dict[str, object]:
        if not code:
            return {"metadata": {}, "status": "Success"}
        failure: dict[str, object] = {"metadata": {}, "status": "Failure"}
        if code == NOT_FOUND:
            why = (
                f"Internal error occurred: Internal error occurred: {not_started(self._container, self._argv[0])}"
            )
            return {**failure, "message": why, "reason": "InternalError", "code": 500}
        causes = [{"reason": "ExitCode", "message": str(code)}]
        message = f"command terminated with non-zero exit code: exit status {code}"
        return {**failure, "message": message, "reason": "NonZeroExitCode", "details": {"causes": causes}}
