"""Processes of services: command lines that run on a node in the background."""

import asyncio
from collections.abc import Callable

from lab.cluster.sim.commands.registry import NODE_COMMANDS
from lab.cluster.sim.machine.systemd import Job, Launcher
from lab.cluster.sim.shell.session import PATH, Session
from lab.cluster.sim.timing.clock import Waiter
from lab.cluster.sim.world.node import NodeModel
from lab.cluster.sim.world.world import World

__all__ = ["Process", "launcher"]

_KEPT_OUTPUT = 4000


class Process:
    """A service's process."""

    def __init__(self, session: Session, task: "asyncio.Task[None]") -> None:
        self.session = session
        self.task = task

    def end(self) -> None:
        """End the process."""
        self.session.stop()
        self.task.cancel()


def launcher(world: World, node: NodeModel) -> Launcher:
    """Return the function that starts services' command lines on `node`; call it on the loop."""

    def launch(command: str, ended: Callable[[int, str], None]) -> Job:
        session = Session(world, node, commands=NODE_COMMANDS, env={"PATH": PATH}, waiter=Waiter(foreground=False))
        said = bytearray()

        async def keep(chunk: bytes) -> None:
            said.extend(chunk)
            del said[:-_KEPT_OUTPUT]

        async def work() -> None:
            try:
                code = await session.run(command, keep, keep)
            except asyncio.CancelledError:
                return
            finally:
                session.close()
            ended(code, said.decode(errors="replace"))
            world.poke()

        return Process(session, asyncio.get_running_loop().create_task(work()))

    return launch
