"""whoami: the user's name."""

from lab.cluster.sim.bash.running.call import Call
from lab.cluster.sim.commands.node.gnu_options import options

__all__ = ["whoami"]


async def whoami(call: Call) -> int:
    """Print the user's name."""
    if call.argv:
        options(call, {}, {})
        return await call.fail(
            f"whoami: extra operand ‘{call.argv[0]}’\nTry 'whoami --help' for more information."
        )
    if call.place.user_id:
        return await call.fail(f"whoami: cannot find name for user ID {call.place.user_id}")
    await call.line("root")
    return 0
