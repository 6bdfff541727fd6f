"""users: the names of those who are logged in."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["users"]


async def users(call: Call) -> int:
    """Print nobody's name."""
    del call
    return 0
