"""A process's place: a node or a container on it, with files, programs and a process table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lab.cluster.sim.machine.files import Files
from lab.cluster.sim.machine.process_table import ProcessTable
from lab.cluster.sim.machine.runtime import Container, Sandbox
from lab.cluster.sim.network.flows import Source
from lab.cluster.sim.timing.chance import Chance
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.timing.counting import Count

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["PATH", "Command", "Place"]

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: A program: it gets its `Call` and returns its exit code.
Command = Callable[[Any], Awaitable[int]]


@dataclass(slots=True)
class Place:
    """The node or container of a process. `programs` are the modelled programs by name."""

    world: "World"
    node: "NodeModel"
    files: Files
    programs: Mapping[str, Command]
    #: A shell's own commands: each gets its `Shell` and its words.
    builtins: Mapping[str, Callable[[Any, list[Any]], Awaitable[int]]]
    table: ProcessTable[Any]
    container: Container | None = None
    sandbox: Sandbox | None = None
    #: Runs a program in a process (`programs.run_program`).
    runs: Callable[[Any, Any], Awaitable[int]] | None = None
    #: Sends a signal to another process of the node by its number; raises `ProcessLookupError`.
    signal_other: "Callable[[Place, int, int], None] | None" = None
    #: Whether the place has a shell; the images of some containers have none.
    has_shell: bool = True
    #: The initial variables of every process here.
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The cluster's clock."""
        return self.world.clock

    @property
    def count(self) -> Count:
        """The counter of everything that can still act."""
        return self.world.clock.count

    @property
    def chance(self) -> Chance:
        """The world's one random generator."""
        return self.world.chance

    def now(self) -> float:
        """Return the time."""
        return self.world.clock.now()

    @property
    def source(self) -> Source:
        """The source of connections from here."""
        return Source(self.node, self.sandbox)

    def send_signal(self, pid: int, number: int) -> None:
        """Send a signal to a process, or to a group by its negative number; raise `ProcessLookupError`."""
        if pid < 0:
            if not self.table.send_to_group(-pid, number):
                raise ProcessLookupError(pid)
            return
        process = self.table.get(pid)
        if process is not None:
            process.send(number)
        elif self.signal_other is not None:
            self.signal_other(self, pid, number)
            self.world.poke()
        else:
            raise ProcessLookupError(pid)

    @property
    def user(self) -> str:
        """The name of the user who runs the processes here."""
        return "root" if self.sandbox is None else "nobody"

    @property
    def user_id(self) -> int:
        """The number of that user."""
        agnhost = self.sandbox is not None and self.container is not None and "agnhost" in self.container.image
        return 10001 if agnhost else 0

    @property
    def host(self) -> str:
        """The host name that processes here see."""
        return self.node.name if self.sandbox is None or self.sandbox.host_network else self.sandbox.name
