"""Programs of a real node that the simulator does not have."""

from lab.cluster.sim.bash.running.call import Call, NotSimulated

__all__ = ["unmodelled"]


async def unmodelled(call: Call) -> int:
    """Say that this program of a node is not modelled; its name is the first word."""
    return await call.fail(NotSimulated(call.argv[0]).message)
