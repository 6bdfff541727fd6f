"""reboot: start the node again. Shells at its terminals end, as they do when a kind node's container restarts."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.machine.signals import Signal

__all__ = ["reboot", "restart"]


async def reboot(call: Call) -> int:
    """Reboot the node."""
    restart(call)
    return 0


def restart(call: Call) -> None:
    """Reboot the node of `call`, and end all that runs at a terminal."""
    call.node.reboot()
    for process in list(call.place.table.processes.values()):
        if process.session.terminal is not None:
            process.send(Signal.SIGKILL)
