"""users: the names of the logged-in users."""

from lab.cluster.sim.bash.running.call import Call

__all__ = ["users"]


async def users(call: Call) -> int:
    """Print nothing: nobody is logged in."""
    del call
    return 0
