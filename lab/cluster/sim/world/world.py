"""A whole simulated cluster: its parts, and their schedule."""

from collections.abc import Collection, Sequence
from typing import Protocol

from lab.cluster.base import Role
from lab.cluster.sim.api.store import Change
from lab.cluster.sim.control.manager import ControllerManager
from lab.cluster.sim.control.scheduler import Scheduler
from lab.cluster.sim.machine.program_files import stubs
from lab.cluster.sim.names import node_names
from lab.cluster.sim.network.flows import Network
from lab.cluster.sim.network.resolver import Resolver
from lab.cluster.sim.plane.control_plane import ApiState, ControlPlane
from lab.cluster.sim.state.declared import Derived, Given, stateful
from lab.cluster.sim.timing.chance import Chance
from lab.cluster.sim.timing.clock import Clock
from lab.cluster.sim.world.changes import Changes
from lab.cluster.sim.world.node import NodeModel
from lab.cluster.sim.world.writes import Writes

__all__ = ["Part", "World"]

#: How soon a part notices what another has changed.
NOTICE = 0.02


class Part(Protocol):
    """A part of the world that acts by itself now and then."""

    due: float

    def run(self, now: float) -> None:
        """Do the due work, and set `due` to the next time."""


@stateful
class World:
    """One cluster."""

    name: Given[str]
    clock: Clock
    #: The commands that programs of a node run, beside those of the shell's library.
    commands: Given[frozenset[str]]
    #: Node name -> the id it was made with.
    identity: dict[str, str]
    #: For the saver: whether anything may have happened since the last save.
    stirred: Derived[bool]
    #: For the saver: whether anybody but the cluster itself may have changed something since then.
    handled: Derived[bool]
    nodes: dict[str, NodeModel]
    #: The node that etcd and the API server run on.
    control_plane: Given[NodeModel]
    plane: ControlPlane
    network: Network
    resolver: Resolver
    controllers: ControllerManager
    scheduler: Scheduler
    #: The source of all random values in this world.
    chance: Chance
    parts: Given[list[Part]]
    #: The last state of the API server for its clients: parts react to its changes.
    api_state: ApiState
    #: The number of visible changes, for looks: from zero in each process.
    changes: Derived[Changes]
    #: What was written since all parts were woken last. It is loaded after all files.
    writes: Writes

    def __init__(self, name: str, roles: Sequence[Role], clock: Clock, commands: Collection[str]) -> None:
        self.name = name
        self.clock = clock
        self.commands = frozenset(commands)
        self.identity = {}
        self.chance = clock.chance
        self.stirred = True
        self.handled = True
        self.nodes = {
            node: NodeModel(name, node, role, index, clock)
            for index, (node, role) in enumerate(node_names(name, roles))
        }
        self.control_plane = next(node for node in self.nodes.values() if node.role == "control-plane")
        self.plane = ControlPlane(self.control_plane)
        self.network = Network(self.plane, self.nodes)
        self.resolver = Resolver(self.plane, self.nodes, self.network)
        for node in self.nodes.values():
            node.files.lay(stubs(self.commands))
            node.join(self.plane)
        self.controllers = ControllerManager(self.plane)
        self.scheduler = Scheduler(self.plane)
        self.parts = [self.controllers, self.scheduler]
        self.parts += [part for node in self.nodes.values() for part in (node.kubelet, node.systemd)]
        self.api_state = "refused"
        self.changes = Changes(self.plane, self.nodes.values())
        self.writes = Writes(self.plane.etcd, self.nodes.values())
        self.plane.store.listeners.append(self._changed)
        self.plane.api.admission.equip = self.controllers.equip
        clock.attach(self)

    def now(self) -> float:
        """Return the time."""
        return self.clock.now()

    # Time

    def next_due(self) -> float:
        """Return when the next part is due."""
        return min(part.due for part in self.parts)

    def run_due(self, now: float) -> None:
        """Run the parts that are due."""
        self.stirred = True
        for part in self.parts:
            if part.due <= now:
                part.due = float("inf")
                part.run(now)
        self.track()

    def poke(self) -> None:
        """Note that somebody did something on a node: all parts look soon."""
        self.glance(changed=True)

    def glance(self, *, changed: bool = False) -> None:
        """Note that a program has ended that changes files and objects alone: parts look soon if it wrote any."""
        self.stirred = True
        if self.handled:
            self.changes.touch()
        if changed or self.writes.unnoticed():
            self._wake()
            self.writes.notice()
        self.track()

    def _wake(self) -> None:
        """Let all parts look soon."""
        soon = self.now() + NOTICE
        for part in self.parts:
            part.due = min(part.due, soon)

    def track(self) -> None:
        """Notice spontaneous changes: whether the control plane answers, what nodes program."""
        state = self.plane.track()
        if state != self.api_state:
            self.api_state = state
            self._wake()
        self.network.refresh()
        self.changes.note()

    def _changed(self, change: Change) -> None:
        self.changes.wrote(change.kind)
        if change.kind in {"Pod", "Node"}:
            self._wake()
        elif change.kind not in {"Event", "Lease"}:
            self.controllers.due = min(self.controllers.due, self.now() + NOTICE)
