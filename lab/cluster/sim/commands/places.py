"""The places that programs run in: nodes, with all that is modelled of their programs."""

from typing import TYPE_CHECKING

from lab.cluster.sim.bash.builtins.catalog import BUILTINS
from lab.cluster.sim.bash.running.place import Place
from lab.cluster.sim.bash.running.programs import run_program
from lab.cluster.sim.commands.node.signal_delivery import signal_other
from lab.cluster.sim.commands.registry import NODE_COMMANDS

if TYPE_CHECKING:
    from lab.cluster.sim.world.node import NodeModel
    from lab.cluster.sim.world.world import World

__all__ = ["node_place"]


def node_place(world: "World", node: "NodeModel") -> Place:
    """Return the place that programs of a node run in."""
    return Place(
        world, node, node.files, NODE_COMMANDS, BUILTINS, node.table, runs=run_program, signal_other=signal_other
    )
