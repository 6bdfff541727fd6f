"""reboot: start the node again."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["reboot"]


async def reboot(call: Call) -> int:
    """Reboot the node."""
    call.node.reboot()
    return 0
