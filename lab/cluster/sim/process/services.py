"""Processes of services: command lines that run on a node in the background."""

from collections.abc import Callable

from lab.cluster.sim.bash.running.endings import State
from lab.cluster.sim.bash.running.open_files import Sink
from lab.cluster.sim.bash.running.outside import kill_session, started
from lab.cluster.sim.bash.running.process import Process
from lab.cluster.sim.commands.places import node_place
from lab.cluster.sim.machine.systemd import Job, Launcher
from lab.cluster.sim.world.node import NodeModel
from lab.cluster.sim.world.world import World

__all__ = ["Service", "launcher"]

_KEPT_OUTPUT = 4000


class Service:
    """A service's process, with all processes that it has started."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def end(self) -> None:
        """End the processes silently."""
        self._process.changed = None
        kill_session(self._process)


def launcher(world: World, node: NodeModel) -> Launcher:
    """Return the function that starts services' command lines on `node`; call it on the loop."""

    def launch(command: str, pid: int, ended: Callable[[int, str], None]) -> Job:
        said = bytearray()

        def keep(chunk: bytes) -> None:
            said.extend(chunk)
            del said[:-_KEPT_OUTPUT]

        def changed(process: Process) -> None:
            if process.state is State.ZOMBIE:
                ended(process.code, said.decode(errors="replace"))
                world.poke()

        process = started(
            node_place(world, node), ["bash", "-c", command], Sink(keep), Sink(keep), service=True, pid=pid
        )  # fmt: skip
        process.changed = changed
        return Service(process)

    return launch
